import Glibc

/// Lines of a segment that are set aside. They come into a draft, which takes its name once the segment is done with
/// and before that is removed: a replay that ends early leaves nothing behind, and is made again as if it were the
/// first. Lines that an earlier replay set aside under that name stay, and none is there twice.
struct SpoolAside: ~Copyable {
    private let path: String
    private var draft: (descriptor: Int32, size: Int)?
    /// Those that were there before and have been added since; nil where there was no such file.
    private var known: Set<[UInt8]>?

    /// Lines that will be in the file of that path.
    init(_ path: String) { self.path = path }

    deinit {
        if let draft {
            close(draft.descriptor)
            unlink(path + ".new")
        }
    }

    /// Adds a line, given without its end.
    ///
    /// - Throws: `EvaluationError` with code `file`.
    mutating func add(_ line: [UInt8]) throws(EvaluationError) {
        if draft == nil {
            let descriptor = open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .spool("\(path) can't be made", errno: errno) }
            draft = (descriptor, 0)
            if access(path, F_OK) == 0 {
                known = []
                var reader = try SpoolReader(path)
                while let line = try reader.next() { try append(line.bytes) }
            }
        }
        try append(line)
    }

    private mutating func append(_ line: [UInt8]) throws(EvaluationError) {
        guard let (descriptor, size) = draft, known?.insert(line).inserted ?? true else { return }
        guard SpoolFolder.write(line + [UInt8(ascii: "\n")], to: descriptor, at: size) else {
            throw .spool("\(path) can't be written", errno: errno)
        }
        draft = (descriptor, size + line.count + 1)
    }

    /// Gives the file its name; it is on the disk, once its folder is synced.
    ///
    /// - Returns: whether there is a file.
    mutating func finish() throws(EvaluationError) -> Bool {
        guard let (descriptor, _) = draft else { return false }
        guard fsync(descriptor) == 0, rename(path + ".new", path) == 0 else {
            throw .spool("\(path) can't be written", errno: errno)
        }
        close(descriptor)
        draft = nil
        return true
    }
}

/// A line that couldn't be recorded, and why.
struct SpoolFailure: Sendable {
    /// Why.
    var reason: String
    /// The line as it was in its segment.
    var line: [UInt8]

    init(reason: String, line: [UInt8]) {
        self.reason = reason
        self.line = line
    }

    /// Reads a line of a file of such lines; nil where it is something else.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONReader.value(of: bytes), let reason = value["reason"]?.string,
            let line = value["line"]?.string
        else { return nil }
        self.init(reason: reason, line: Array(line.utf8))
    }

    /// The line for such a file, without its end.
    var bytes: [UInt8] {
        var json = JSONBytes()
        json.open()
        json.member("reason", reason)
        json.member("line", String(decoding: line, as: UTF8.self))
        json.close()
        return json.bytes
    }
}
