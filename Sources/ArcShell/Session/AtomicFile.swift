import ArcHost
import Glibc

/// Files that are there whole or not at all.
enum AtomicFile {
    /// Writes a file beside its place, and moves it there once it is on the disk.
    ///
    /// - Throws: `HostError` with code `file`, which says why; nothing is left behind then.
    static func write(_ text: String, to path: String) throws {
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure(path) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWhole = rest.isEmpty && fsync(file) == 0
        let isClosed = close(file) == 0
        guard isWhole, isClosed, rename(draft, path) == 0 else {
            let error = failure(path)
            unlink(draft)
            throw error
        }
    }

    private static func failure(_ path: String) -> HostError {
        HostError(
            .file, "\(path) can't be written: \(String(cString: strerror(errno)))",
            advice: "Check the folder, its permissions and the room on the disk.")
    }
}
