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

    /// How often connecting failed in a row.
    private(set) var failures = 1
    /// No attempt before this.
    private(set) var retryAt: Instant
    /// Until when those who wait are kept waiting; after it they are told of the failure.
    private(set) var hopeEndsAt: Instant

    /// - Parameter hope: how long it is reasonable to wait for the server to be back.
    init(since now: Instant, hope: Duration) {
        retryAt = now.advanced(by: Self.firstPause)
        hopeEndsAt = now.advanced(by: hope)
    }

    /// An attempt failed again; it `isLasting` where waiting won't help.
    mutating func failedAgain(isLasting: Bool, _ now: Instant) {
        failures += 1
        let doublings = min(failures - 1, 10)
        retryAt = now.advanced(by: min(Self.firstPause * (1 << doublings), Self.longestPause))
        if isLasting { hopeEndsAt = min(hopeEndsAt, now) }
    }

    /// Something failed that waiting won't help, such as a wrong password.
    mutating func loseHope(_ now: Instant) { hopeEndsAt = min(hopeEndsAt, now) }
}
