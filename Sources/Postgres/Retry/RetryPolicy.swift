/// How often, and at what distances, work is repeated that failed for a passing reason.
public struct RetryPolicy: Sendable, Hashable {
    /// How often the work is begun at most, the first time included; 1…100. 1 repeats nothing.
    public var attempts: Int
    /// How long to wait before the second attempt; the wait doubles with every further one.
    public var firstDelay: Duration
    /// By what share a wait is made shorter or longer at random, 0…1, so that many who failed together don't come
    /// back together.
    public var jitter: Double

    /// Three attempts, after 1 s and then 2 s, a quarter more or less, unless said.
    public init(attempts: Int = 3, firstDelay: Duration = .seconds(1), jitter: Double = 0.25) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.jitter = jitter
    }

    /// Repeats nothing.
    public static let never = RetryPolicy(attempts: 1)

    /// The wait after so many failed attempts; `random` is from 0 to 1.
    func delay(afterAttempts failed: Int, random: Double) -> Duration {
        let doublings = min(failed - 1, 30)
        return firstDelay * (1 << doublings) * (1 + jitter * (2 * random - 1))
    }
}

/// What is known about doing a piece of work twice. Only who wrote the work can know it.
public enum RepeatSafety: Sendable, Hashable {
    /// It only reads: it may be repeated after anything that may pass.
    case read
    /// It writes, but its keys make a second time change nothing (`ON CONFLICT`, a state set to a value): it may be
    /// repeated after anything that may pass, a commit of unknown outcome included.
    case idempotentWrite
    /// It is one transaction from its first command to its last. It is repeated where the error proves that nothing
    /// of it happened: a serialization failure, a deadlock, or no connection to begin it on.
    case transaction
    /// Anything else: it is repeated only where it hadn't begun, for want of a connection.
    case write
}
