import ArcKit
import LuaBridge

/// Work on so many rows that a script's other tasks shall go on meanwhile.
enum LongWork {
    /// What is done where it is asked for: it takes less than a few milliseconds.
    private static let fewRows = 20_000

    /// Runs the work, as a computation where there are many rows. Cancelling the task that waits cancels it.
    static func run(rows: Int, _ work: @Sendable () throws -> [LuaValue]) async throws -> [LuaValue] {
        rows > fewRows ? try await Computation.run(work) : try work()
    }
}
