import LuaBridge
import Postgres
import Synchronization

/// A plugin that runs: its machine, and what its `init.lua` returned.
final class Plugin: Sendable {
    /// A metric, categorizer, report or importer, with its functions.
    struct Part: Sendable {
        /// "metric", …
        let kind: String
        let name: String
        let fields: LuaTable
        func text(_ field: String) -> String? { fields[field].stringValue }
        func function(_ field: String) -> LuaFunction? { fields[field].function }
        /// "metric slow_runs"
        var title: String { "\(kind) \(name)" }
    }

    /// Whose turn it is to let go of the machine: calls that run go on after the plugin was let go.
    private struct Use {
        var calls = 0
        var isReleased = false
        var isOver = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let manifest: PluginManifest
    let machine: Machine
    private let parts: [String: [Part]]
    private let hooks: LuaTable
    private let use = Mutex(Use())

    /// Loads a plugin into a machine of its own. Its `setup` isn't called.
    ///
    /// - Throws: `HostError` with code `plugin`, which names the plugin and what is wrong with it.
    init(_ manifest: PluginManifest, host: Host, standing: GrantStanding) async throws {
        self.manifest = manifest
        let files = PluginFiles(manifest, contents: standing.contents)
        machine = try host.makePluginMachine(for: manifest, standing, files)
        do {
            let entry = try files.source(manifest.entry)
            let returned: LuaValue
            do {
                returned = try await machine.run(entry.text, name: entry.name).first ?? .nil
            } catch {
                if error.code == .cancelled { throw error }
                throw HostError(
                    .plugin, "plugin \(manifest.name) doesn't load: \(error.placed)", advice: error.advice)
            }
            parts = try PluginContract.parts(of: returned, manifest)
            hooks = returned.table ?? LuaTable()
        } catch {
            await machine.close()
            throw error
        }
    }

    /// The error of a plugin's function, with the function's place before it. Ctrl-C and a lost database are no
    /// fault of the plugin's, and stay what they are.
    func failure(_ error: LuaError, in place: String) -> any Error {
        switch error.code {
        // An error that a script caught and raises again isn't Ctrl-C, whatever it is of.
        case .cancelled where error.value.isNil || Task.isCancelled: return error
        case .timeLimit:
            return HostError(
                .timeout, "\(place): \(error.message)",
                advice: "plugin.json may allow more: \"limits\": {\"seconds\": …}.")
        case .memory:
            return HostError(
                .plugin, "\(place): \(Self.memoryIsGone(manifest))",
                advice: "plugin.json may allow more: \"limits\": {\"memory_mb\": …}.")
        default:
            if let cause = error.underlying as? DatabaseError, cause.isOfServer { return cause }
            let isRefused = (error.underlying as? HostError)?.code == .capability
            return HostError(
                isRefused ? .capability : .plugin, "\(place): \(error.placed)", advice: error.advice)
        }
    }

    /// How the message of a function ends that has used up the machine's memory.
    static func memoryIsGone(_ manifest: PluginManifest) -> String {
        "it used up its memory, \(Figure.bytes(Int64(manifest.memoryLimit)))"
    }

    /// Calls one of the plugin's functions, and ends it when its time is over.
    ///
    /// - Parameter place: what to call the function in a message: "plugin x, metric y".
    /// - Returns: the first value that it returns.
    func call(
        _ function: LuaFunction, _ arguments: [LuaValue] = [], in place: String
    ) async throws -> LuaValue {
        try await callAll(function, arguments, in: place).first ?? .nil
    }

    /// As `call`, with everything that it returns.
    private func callAll(
        _ function: LuaFunction, _ arguments: [LuaValue], in place: String
    ) async throws -> [LuaValue] {
        use.withLock { $0.calls += 1 }
        defer { finishedCall() }
        do {
            return try await machine.call(function, arguments)
        } catch {
            throw failure(error, in: place)
        }
    }

    /// Keeps the machine for as long as `body` runs, which calls it by itself.
    func using<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: (Machine) async throws -> Result
    ) async rethrows -> Result {
        use.withLock { $0.calls += 1 }
        defer { finishedCall() }
        return try await body(machine)
    }

    /// The parts of that kind: "metrics", "categorizers", "reports" or "importers".
    func parts(_ kind: String) -> [Part] { parts[kind] ?? [] }

    // MARK: - Setup, health, deactivation

    /// Calls `setup` with the settings.
    ///
    /// - Throws: `HostError` with code `plugin` or `timeout`.
    func setUp(_ settings: LuaTable) async throws {
        guard let setup = hooks["setup"].function else { return }
        _ = try await call(setup, [.table(settings)], in: "plugin \(manifest.name), setup")
    }

    /// Whether `health` says that all is well; nil where the plugin has none.
    ///
    /// - Throws: `HostError` where it fails, or says that something is wrong.
    func checkHealth() async throws -> String? {
        guard let health = hooks["health"].function else { return nil }
        let place = "plugin \(manifest.name), health"
        let values = try await callAll(health, [], in: place)
        let note = values.count > 1 ? values[1].stringValue : nil
        switch values.first ?? .nil {
        case .nil, .boolean(true): return note ?? "healthy"
        case .boolean(false):
            throw HostError(.plugin, "\(place): \(note ?? "it isn't well, and doesn't say why")")
        case let other:
            throw HostError(
                .plugin,
                "\(place) must return true, or false and a text that says why not, got \(ArgumentCheck.display(other))"
            )
        }
    }

    /// How long `deactivate` may take, at most.
    private static let farewell = Duration.seconds(5)

    /// Lets go of the plugin: once no call runs any more its `deactivate` is called, and its machine closed.
    ///
    /// - Parameter ending: whether calls that run are ended.
    /// - Returns: what failed in `deactivate`.
    func release(ending: Bool) async -> PluginFailure? {
        if ending { machine.interrupt() }
        await withCheckedContinuation { continuation in
            let isOver = use.withLock { use in
                use.isReleased = true
                if use.calls == 0 { return true }
                use.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        let isFirst = use.withLock { use in
            defer { use.isOver = true }
            return !use.isOver
        }
        guard isFirst else { return nil }
        var failure: PluginFailure?
        if let deactivate = hooks["deactivate"].function {
            let machine = machine
            let clock = Task {
                try await Task.sleep(for: Self.farewell)
                machine.interrupt()
            }
            do {
                _ = try await machine.call(deactivate)
            } catch {
                let why = error.code == .cancelled ? "it took longer than 5 s" : error.placed
                failure = PluginFailure(
                    plugin: manifest.name, part: "deactivate",
                    message: "plugin \(manifest.name), deactivate: \(why)")
            }
            clock.cancel()
        }
        await machine.close()
        return failure
    }

    private func finishedCall() {
        let waiting = use.withLock { use in
            use.calls -= 1
            guard use.calls == 0, use.isReleased else { return [CheckedContinuation<Void, Never>]() }
            defer { use.waiting = [] }
            return use.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension LuaError {
    /// The message with its place, without the advice.
    var placed: String {
        guard let chunk else { return message }
        return "\(chunk):\(line.map { "\($0):" } ?? "") \(message)"
    }
}
