/// A time in which no connection can be opened: when it began, and when it is tried again.
///
/// One attempt at a time, at growing distances, so that a server that is starting isn't kept from it by everybody
/// who waits for it.
struct PoolOutage: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    /// The distance of the first attempts; it doubles with every failure, up to `longestPause`. A restart of
    /// PostgreSQL takes about a second: it is noticed soon.
    static let firstPause = Duration.milliseconds(50)
    /// The distance of late attempts.
    static let longestPause = Duration.seconds(1)

    /// How long who waits is kept waiting while nobody listens at all: a restart of PostgreSQL leaves its port for
    /// that long at most, and answers while it recovers. Longer absences are for who tries again, see ``RetryPolicy``.
    static let absentPatience = Duration.milliseconds(300)

    /// Why connecting failed, as far as it says whether waiting helps.
    enum Cause: Sendable, Equatable {
        /// A server is there, or something on the way to it, and it may take us in a moment.
        case passing
        /// Nobody listens, which was known at once.
        case absent
        /// Such as a wrong password: waiting won't help.
        case lasting
    }

    /// How often connecting failed in a row.
    private(set) var failures = 1
    /// No attempt before this.
    private(set) var retryAt: Instant
    /// Until when those who wait are kept waiting; after it they are told of the failure.
    private(set) var hopeEndsAt: Instant
    private let began: Instant
    private let hope: Duration

    /// - Parameter hope: how long it is reasonable to wait for the server to be back.
    init(_ cause: Cause, since now: Instant, hope: Duration) {
        began = now
        self.hope = hope
        retryAt = now.advanced(by: Self.firstPause)
        hopeEndsAt = now
        hopeEndsAt = end(of: cause)
    }

    /// An attempt failed again.
    mutating func failedAgain(_ cause: Cause, _ now: Instant) {
        failures += 1
        let doublings = min(failures - 1, 10)
        retryAt = now.advanced(by: min(Self.firstPause * (1 << doublings), Self.longestPause))
        learn(cause)
    }

    /// An attempt failed that was begun before the outage was known. What won't pass counts, whatever others met.
    mutating func alsoFailed(_ cause: Cause) {
        if cause == .lasting { learn(cause) }
    }

    /// The last answer counts: a server that was absent may be starting now.
    private mutating func learn(_ cause: Cause) { hopeEndsAt = end(of: cause) }

    private func end(of cause: Cause) -> Instant {
        switch cause {
        case .passing: began.advanced(by: hope)
        case .absent: began.advanced(by: min(hope, Self.absentPatience))
        case .lasting: began
        }
    }
}
