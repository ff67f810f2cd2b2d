import Synchronization

@testable import Postgres

/// A time that stands still until a test moves it on.
final class ManualTime: Sendable {
    private struct State {
        var now = ContinuousClock.now
        var numbers = 0
        var sleepers: [Int: (until: ContinuousClock.Instant, CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// This time, for who is to live in it.
    var keeper: Timekeeper {
        Timekeeper(now: { self.now }, sleep: { try await self.sleep(until: $0) })
    }

    /// What time it is.
    var now: ContinuousClock.Instant { state.withLock { $0.now } }

    /// How long those who wait still have to, the shortest first.
    var waits: [Duration] {
        state.withLock { state in state.sleepers.values.map { state.now.duration(to: $0.until) }.sorted() }
    }

    /// Moves on, and wakes everybody whose time has come.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.until < $1.until }.map(\.1)
        }
        for sleeper in due { sleeper.resume() }
    }

    private func sleep(until instant: ContinuousClock.Instant) async throws {
        let number = state.withLock { state in
            state.numbers += 1
            return state.numbers
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.contains(number) { return .failure(CancellationError()) }
                    if instant <= state.now { return .success(()) }
                    state.sleepers[number] = (instant, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(number)
                return state.sleepers.removeValue(forKey: number)
            }
            sleeper?.1.resume(throwing: CancellationError())
        }
    }
}

/// Lets other tasks run until `condition` holds.
func wait(until condition: () -> Bool) async { while !condition() { await Task.yield() } }
