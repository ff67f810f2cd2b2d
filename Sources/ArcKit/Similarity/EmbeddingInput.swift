import Glibc

/// A file without a name that a program reads: a pipe would end arc by SIGPIPE where the program ends before it has read
/// all.
struct EmbeddingInput: Sendable {
    private let file: Int32

    /// Where the program finds it, for as long as it isn't closed.
    var path: String { "/proc/\(getpid())/fd/\(file)" }

    /// A file that holds this text.
    ///
    /// - Throws: `EvaluationError` with code `file` where there is no room for it.
    init(_ text: String) throws(EvaluationError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/arc-embed-XXXXXX".utf8CString)
        file = mkstemp(&name)
        if file >= 0 {
            unlink(name)
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
        var rest = Array(text.utf8)[...]
        while file >= 0, !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        guard file >= 0, rest.isEmpty else {
            let reason = String(cString: strerror(errno))
            close()
            throw EvaluationError(
                .file, "the texts to embed can't be written to \(folder): \(reason)",
                advice: "Name another folder by TMPDIR.")
        }
    }

    /// Gives the room back.
    func close() { if file >= 0 { _ = Glibc.close(file) } }
}
