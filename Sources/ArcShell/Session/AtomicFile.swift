import ArcHost
import Glibc

/// Files that are there whole or not at all.
enum AtomicFile {
    /// Writes a file beside its place, and moves it there once it is on the disk.
    ///
    /// - Throws: `HostError` with code `file`, which says why; nothing is left behind then.
    static func write(_ text: String, to path: String) throws {
        try write(to: path) { $0.write(text) }
    }

    /// The same with what `body` writes, piece by piece.
    static func write(to path: String, _ body: (inout FileText) throws -> Void) throws {
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure(path) }
        var text = FileText(file)
        let result = Result { try body(&text) }
        let isWhole = text.finish() && fsync(file) == 0
        let isClosed = close(file) == 0
        guard isWhole, isClosed, (try? result.get()) != nil, rename(draft, path) == 0 else {
            let error = failure(path)
            unlink(draft)
            try result.get()
            throw error
        }
    }

    /// Adds text to the end of a file, which is made where it isn't there.
    ///
    /// - Throws: As `write`.
    static func append(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure(path) }
        var out = FileText(file)
        out.write(text)
        let isWhole = out.finish()
        guard close(file) == 0, isWhole else { throw failure(path) }
    }

    private static func failure(_ path: String) -> HostError {
        HostError(
            .file, "\(path) can't be written: \(String(cString: strerror(errno)))",
            advice: "Check the folder, its permissions and the room on the disk.")
    }
}

/// Text on its way into a file: a piece at a time is in memory.
struct FileText: TextOutputStream {
    private let file: Int32
    private var pending: [UInt8] = []
    private var hasFailed = false
    /// What the first failure was.
    private var reason: Int32 = 0

    /// - Parameter file: an open file's descriptor, which stays open.
    init(_ file: Int32) { self.file = file }

    mutating func write(_ string: String) {
        pending.append(contentsOf: string.utf8)
        if pending.count >= 1 << 16 { flush() }
    }

    /// Writes what is left. Whether all of it is written; `errno` says why not.
    mutating func finish() -> Bool {
        flush()
        if hasFailed { errno = reason }
        return !hasFailed
    }

    private mutating func flush() {
        var rest = pending[...]
        while !rest.isEmpty, !hasFailed {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { (hasFailed, reason) = (true, errno) } else { rest = rest.dropFirst(count) }
        }
        pending.removeAll(keepingCapacity: true)
    }
}
