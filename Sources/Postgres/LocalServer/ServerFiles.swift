import Glibc

/// Files of the server that this process writes and reads. Where it is root, they lie in a directory that is
/// another user's: so nothing follows a link, and what is written is given to that user.
extension ServerDirectory {
    /// Writes a file anew, readable for the server's account.
    func write(_ text: String, to path: String) throws(DatabaseError) {
        try put(text, path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Adds to the end of a file.
    func append(_ text: String, to path: String) throws(DatabaseError) {
        try put(text, path, O_WRONLY | O_APPEND)
    }

    /// What a file holds from `offset` on, at most its last 16 kB; empty if it can't be read.
    func tail(of path: String, from offset: Int) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let end = Int(lseek(descriptor, 0, SEEK_END))
        let start = max(offset, end - 16384)
        guard start < end else { return "" }
        var bytes = [UInt8](repeating: 0, count: end - start)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// The size of a file in bytes; 0 if there is none.
    func size(of path: String) -> Int {
        var entry = stat()
        return stat(path, &entry) == 0 ? Int(entry.st_size) : 0
    }

    private func put(_ text: String, _ path: String, _ flags: CInt) throws(DatabaseError) {
        let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("can't be opened", path) }
        defer { close(descriptor) }
        if let account, fchown(descriptor, account.userID, account.groupID) != 0 {
            throw Self.failure("can't be given to \(account.name)", path)
        }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw Self.failure("can't be written", path) }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
