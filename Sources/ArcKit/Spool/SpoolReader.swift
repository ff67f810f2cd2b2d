import Glibc

/// Reads a segment line by line, in memory for one line and a block.
struct SpoolReader: ~Copyable {
    /// A line of the file.
    struct Line: Sendable, Equatable {
        /// Its bytes, without its end.
        var bytes: [UInt8]
        /// Whether it has an end; only the file's last line may lack it.
        var isEnded: Bool
    }

    private static let block = 256 << 10
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// - Throws: `EvaluationError` with code `file` where the file can't be opened.
    init(_ path: String) throws(EvaluationError) {
        descriptor = SpoolFolder.openToRead(path)
        self.path = path
        guard descriptor >= 0 else { throw .spool("\(path) can't be opened", errno: errno) }
        var about = stat()
        guard fstat(descriptor, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw EvaluationError(
                .file, "\(path) isn't a file of the spool's, but something else of such a name",
                advice: "Move it away: what waits in the spool is in ordinary files.")
        }
    }

    deinit { close(descriptor) }

    /// The next line; nil at the end. An empty line is left out.
    mutating func next() throws(EvaluationError) -> Line? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                start = end + 1
                searched = start
                if line.isEmpty { continue }
                return Line(bytes: line, isEnded: true)
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return Line(bytes: Array(buffer[start...]), isEnded: false)
            }
            searched -= start
            buffer.removeFirst(start)
            start = 0
            try fill()
        }
    }

    private mutating func fill() throws(EvaluationError) {
        let block = [UInt8](unsafeUninitializedCapacity: Self.block) { [descriptor] memory, filled in
            repeat {
                filled = read(descriptor, memory.baseAddress, memory.count)
            } while filled < 0 && errno == EINTR
            // An array can't have a negative count: -1 is told by the caller's look at errno.
            if filled < 0 { filled = 0 } else { errno = 0 }
        }
        if block.isEmpty {
            guard errno == 0 else { throw .spool("\(path) can't be read", errno: errno) }
            isAtEnd = true
        }
        buffer += block
    }
}
