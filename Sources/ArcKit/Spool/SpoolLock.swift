import Glibc

/// A lock on a file (flock), which the system lets go of when its holder ends in whatever way.
struct SpoolLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock of the file of that path, which is made where it is missing.
    ///
    /// - Returns: nil where another holds it all of `patience`.
    static func acquire(_ path: String, patience: Duration) async throws -> SpoolLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw EvaluationError.spool("\(path) can't be opened", errno: errno) }
        let taken = SpoolLock(descriptor: descriptor)
        guard try await lock(descriptor, patience: patience) else { return nil }
        return taken
    }

    /// Locks an open file. It is tried again and again, since a flock that waits can't be cancelled.
    static func lock(_ descriptor: Int32, patience: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        while !SpoolFolder.tryLock(descriptor) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    /// A child that is just being started shares the open file, and would hold the lock for a moment more.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
