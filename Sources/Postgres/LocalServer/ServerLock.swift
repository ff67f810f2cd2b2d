import Glibc

/// The right to change a local server, held by at most one process (and one task) at a time: flock(2) on a
/// file beside it, which the system lets go of when the holder ends in whatever way.
struct ServerLock: ~Copyable {
    private let descriptor: CInt

    /// Waits for the lock.
    ///
    /// - Throws: `localServer` if the file can't be opened or the lock isn't free within `patience`.
    static func acquire(
        _ path: String, patience: Duration = .seconds(180)
    ) async throws(DatabaseError) -> ServerLock {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw ServerDirectory.failure("can't be opened", path) }
        let lock = ServerLock(descriptor: descriptor)
        let deadline = ContinuousClock.now + patience
        // Polled, since a flock that waits would hold a thread of the cooperative pool.
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw ServerDirectory.failure("can't be locked", path)
            }
            guard ContinuousClock.now < deadline else {
                throw DatabaseError(
                    .localServer,
                    "Another process has held \(path) for \(patience): it is starting, stopping or "
                        + "removing the local server.",
                    advice: "See which one (fuser \(path)), wait for it or end it, and try again.")
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw DatabaseError(
                    .cancelled, "Cancelled while waiting for the local server's lock.")
            }
        }
        return lock
    }

    deinit { close(descriptor) }
}
