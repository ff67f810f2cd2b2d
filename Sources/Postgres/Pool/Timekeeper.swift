/// The time, and a way to wait for it: the machine's, or a test's own.
struct Timekeeper: Sendable {
    /// What time it is.
    var now: @Sendable () -> ContinuousClock.Instant
    /// Waits until then; throws if the task is cancelled meanwhile.
    var sleep: @Sendable (_ until: ContinuousClock.Instant) async throws -> Void

    /// The machine's.
    static let real = Timekeeper(
        now: { .now }, sleep: { try await Task.sleep(until: $0, clock: .continuous) })
}
