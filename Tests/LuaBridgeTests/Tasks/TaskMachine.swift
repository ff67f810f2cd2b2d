import LuaBridge
import Synchronization

/// Machines with the task library under `arc`, whose clock moves only by `probe.time_passes(seconds)`.
struct TaskMachine {
    let clock = ManualClock()
    let gate = Gate()
    let progress = ProgressLog()

    func machine(
        libraries: LibrarySet = .trusted, memoryLimit: Int? = nil, tally: Tally = Tally()
    ) throws -> Machine {
        var configuration = MachineConfiguration.probing(
            libraries: libraries, memoryLimit: memoryLimit, gate: gate, tally: tally)
        let (clock, progress) = (clock, progress)
        configuration.functions.append(
            .waiting("probe.time_passes") { call in
                await clock.untilSomeoneSleeps()
                clock.advance(by: .seconds(call[0].numberValue ?? 0))
                return []
            })
        TaskLibrary.add(to: &configuration, at: "arc", clock: clock, progress: { progress.add($0, $1, $2) })
        configuration.readOnlyModules = ["arc"]
        return try Machine(configuration)
    }

    /// What a chunk gives in such a machine, with the gate open.
    func run(_ source: String) async throws -> [LuaValue] {
        await gate.open()
        return try await machine().run(source, name: "test")
    }

    /// The error that a chunk ends with there.
    func failure(_ source: String) async throws -> LuaError? {
        await gate.open()
        return await (try machine()).failure(source)
    }
}

/// What was told of progress.
final class ProgressLog: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ label: String, _ done: Int, _ total: Int) {
        lines.withLock { $0.append("\(label) \(done)/\(total)") }
    }
}
