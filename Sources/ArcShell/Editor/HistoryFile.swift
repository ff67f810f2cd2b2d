import ArcHost
import ArcKit
import FoundationEssentials
import Glibc

/// The inputs of all sessions, in a file that all sessions share.
///
/// Each line is one input as a JSON string, so an input of several lines stays one entry. Sessions append under a
/// lock (`flock`), and a line that a crash tore is skipped. When the file holds a quarter more than its limit, the
/// newest entries replace it atomically. It is readable for its owner alone, and holds no passwords.
///
/// One thread at a time uses it.
final class HistoryFile {
    private let path: String
    private let limit: Int
    /// How many entries the file has, as far as this session knows.
    private var count = 0

    /// A history at a path, whether it is there yet or not, of at most so many entries.
    init(path: String, limit: Int = 10_000) {
        self.path = path
        self.limit = limit
    }

    /// The newest entries, oldest first, without repetitions that follow each other. None where there is no file.
    func load() throws(EditorError) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return [] }
            throw .history(path, "opened", errno: errno)
        }
        defer { close(descriptor) }
        let all = HistoryFile.entries(in: try contents(descriptor))
        count = all.count
        var entries: [String] = []
        for entry in all where entry != entries.last { entries.append(entry) }
        return entries.suffix(limit)
    }

    /// Writes an input behind the others, without the passwords in it.
    func append(_ input: String) throws(EditorError) {
        let line = JSONText.quoted(HistoryRedaction.redact(input)) + "\n"
        let descriptor = try openLocked()
        defer { close(descriptor) }
        // A line that a crash left without its end must not swallow this one.
        let torn = try lastByte(descriptor).map { $0 != UInt8(ascii: "\n") } ?? false
        try write(torn ? "\n" + line : line, to: descriptor)
        count += 1
        if count > limit + limit / 4 { try compact(descriptor) }
    }

    /// The entries of a file's contents; lines that aren't a JSON string are left out.
    static func entries(in contents: [UInt8]) -> [String] {
        let lines = contents.split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        // All at once is many times as fast as line by line, which is needed only where a line is torn.
        let array = Data(
            [UInt8(ascii: "[")] + lines.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")])
        if let entries = try? decoder.decode([String].self, from: array) { return entries }
        return lines.compactMap { try? decoder.decode(String.self, from: Data($0)) }
    }

    // MARK: - The file

    /// Opens the file for appending, makes it where it is missing, and locks it.
    private func openLocked() throws(EditorError) -> Int32 {
        makeDirectories()
        while true {
            let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor < 0 { throw .history(path, "opened", errno: errno) }
            while flock(descriptor, LOCK_EX) != 0 {
                if errno == EINTR { continue }
                let reason = errno
                close(descriptor)
                throw .history(path, "locked", errno: reason)
            }
            var mine = stat()
            var current = stat()
            if fstat(descriptor, &mine) == 0, stat(path, &current) == 0, mine.st_ino == current.st_ino,
                mine.st_dev == current.st_dev
            {
                if mine.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
                return descriptor
            }
            // Another session compacted the file while this one waited for the lock of the old one.
            close(descriptor)
        }
    }

    /// Makes the directories above the file that are missing; what fails shows when the file is opened.
    private func makeDirectories() {
        var end = path.startIndex
        while let slash = path[end...].dropFirst().firstIndex(of: "/") {
            mkdir(String(path[..<slash]), 0o700)
            end = slash
        }
    }

    /// Puts the newest entries into a new file, and that into the old one's place. The caller holds the lock.
    private func compact(_ descriptor: Int32) throws(EditorError) {
        let entries = HistoryFile.entries(in: try contents(descriptor)).suffix(limit)
        // A history that is a symbolic link stays one.
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        let target = resolved.map { String(cString: $0) } ?? path
        let new = target + ".new"
        let copy = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if copy < 0 { throw .history(new, "written", errno: errno) }
        defer { close(copy) }
        try write(entries.map { JSONText.quoted($0) + "\n" }.joined(), to: copy)
        guard fsync(copy) == 0, rename(new, target) == 0 else {
            throw .history(path, "compacted", errno: errno)
        }
        count = entries.count
    }

    private func lastByte(_ descriptor: Int32) throws(EditorError) -> UInt8? {
        let size = lseek(descriptor, 0, SEEK_END)
        if size <= 0 { return nil }
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, size - 1) == 1 else { throw .history(path, "read", errno: errno) }
        return byte
    }

    private func contents(_ descriptor: Int32) throws(EditorError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(contents.count))
            if count == 0 { return contents }
            if count > 0 {
                contents += chunk[..<count]
            } else if errno != EINTR {
                throw .history(path, "read", errno: errno)
            }
        }
    }

    private func write(_ text: String, to descriptor: Int32) throws(EditorError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw .history(path, "written", errno: errno)
            }
        }
    }
}
