/// When a process that records refreshes the roll-ups beside its work: one refresh at a time, and not again at once.
struct UpkeepState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// From the beginning of a refresh to that of the next.
    static let pause = Duration.seconds(60)

    enum Phase: Sendable {
        /// Nothing is at work; what is recorded from then on begins a refresh. → `refreshing`, `closed`
        case resting(until: Instant)
        /// A refresh is at work. → `resting`, `closed`
        case refreshing(since: Instant)
        /// The store is closed. Final.
        case closed
    }

    private(set) var phase: Phase

    init(now: Instant) { phase = .resting(until: now.advanced(by: Self.pause)) }

    /// Outcomes were recorded. True where a refresh has to be begun.
    mutating func wrote(now: Instant) -> Bool {
        guard case .resting(let end) = phase, now >= end else { return false }
        phase = .refreshing(since: now)
        return true
    }

    /// The refresh has come to its end, whatever that was.
    mutating func refreshed(now: Instant) {
        guard case .refreshing(let start) = phase else { return }
        phase = .resting(until: max(now, start.advanced(by: Self.pause)))
    }

    /// Nothing is begun any more.
    mutating func close() { phase = .closed }
}
