import Postgres

/// How often something is tried again that needs a lock which stops others, and so waits for it only briefly: whoever
/// comes while it waits has to wait behind it.
struct LockPatience: Sendable {
    /// How often it is tried at most.
    var attempts: Int
    /// What happens between two attempts.
    var pause: @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(1)) }

    /// For a deploy, which somebody waits for: about a minute.
    static let deploy = LockPatience(attempts: 60)
    /// For dropping a day because somebody asked: some seconds.
    static let asked = LockPatience(attempts: 5)
    /// For dropping a day in passing.
    static let once = LockPatience(attempts: 1)
}

extension DatabaseError {
    /// Whether a lock couldn't be had in the time allowed (55P03), or only against another session's (40P01).
    var isLockConflict: Bool { sqlState == "55P03" || sqlState == "40P01" }
}
