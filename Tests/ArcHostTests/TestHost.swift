import ArcKit
import FoundationEssentials
import LuaBridge
import Postgres
import Synchronization
import TestServer

@testable import ArcHost

/// A host on a test database with arc's schema, and a machine for scripts.
struct TestHost {
    let host: Host
    let store: Store
    let output: PrintedLines
    let machine: Machine

    /// The package's folder.
    static let package = String(#filePath.dropLast("/Tests/ArcHostTests/TestHost.swift".count))
    static let bundled = PluginFolder(package + "/plugins", .bundled)
    static let baseline = package + "/examples/results/baseline.jsonl"
    static let candidate = package + "/examples/results/candidate.jsonl"

    /// Runs `body` with a host on a database of its own that has the schema and the results of these files.
    static func with(
        _ hint: String, plugins: [PluginFolder] = [], grants: Set<String> = [], results: [String] = [],
        environment: [String: String]? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (TestHost) async throws -> Void
    ) async throws {
        await places.take()
        do {
            let database = try await TestDatabase.create(hint)
            let test = try await make(on: database, plugins, grants, results, environment)
            let result: Result<Void, any Error>
            do { result = .success(try await body(test)) } catch { result = .failure(error) }
            await test.host.close()
            await test.store.pool.close(within: .seconds(5))
            try await database.drop()
            await places.giveBack()
            return try result.get()
        } catch {
            await places.giveBack()
            throw error
        }
    }

    /// A host whose database has the example results, for tests that only read.
    static func reading() async throws -> TestHost { try await shared.value }

    private static let shared = Task {
        try await make(on: TestDatabase.create("reading"), [], [], [baseline, candidate])
    }

    /// A host without a database.
    static func alone(plugins: [PluginFolder] = [], grants: Set<String> = []) throws -> TestHost {
        let options = try ConnectionOptions("postgresql://nobody@/nothing?host=/nowhere")
        return try TestHost(Store(try Pool(options)), plugins, grants)
    }

    private static func make(
        on database: TestDatabase, _ plugins: [PluginFolder], _ grants: Set<String>, _ results: [String],
        _ environment: [String: String]? = nil
    ) async throws -> TestHost {
        let pool = try Pool(database.options)
        _ = try await pool.withConnection { try await SchemaDeployer().deploy(on: $0) }
        let test = try TestHost(Store(pool), plugins, grants, environment)
        for file in results { _ = try await test.host.importFile(ImportRequest(path: file)) }
        return test
    }

    private init(
        _ store: Store, _ plugins: [PluginFolder], _ grants: Set<String>,
        _ environment: [String: String]? = nil
    ) throws {
        let output = PrintedLines()
        self.store = store
        self.output = output
        host = Host(
            pluginFolders: plugins + [Self.bundled], grants: Grants(grants), output: { output.write($0) },
            environment: environment, openStore: { store })
        machine = try host.makeScriptMachine()
    }

    /// What a script returns.
    @discardableResult
    func run(_ source: String) async throws -> [LuaValue] {
        try await machine.run(source, name: "=test")
    }

    /// The error that a script ends with.
    func failure(_ source: String) async -> LuaError? {
        do {
            let values = try await machine.run(source, name: "=test")
            return LuaError(.runtime, "no error, but \(values)")
        } catch {
            return error
        }
    }

    /// How many rows each of arc's tables has.
    func rowCounts() async throws -> [String: Int64] {
        let tables = [
            "configurations", "config_versions", "scenarios", "simulations", "simulations_scenarios",
            "outcomes",
        ]
        var counts: [String: Int64] = [:]
        for table in tables {
            let rows = try await run("return arc.query('select count(*) as n from \(table)')[1].n")
            counts[table] = rows.first?.integerValue
        }
        return counts
    }

    // So many hosts at once: each takes connections, of which a server has a few hundred.
    private static let places = Places(6)
}

/// Lends a number of places, first come first served.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// What `print` wrote.
final class PrintedLines: Sendable {
    private struct State {
        var text = ""
        var watchers: [(String, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var text: String { state.withLock { $0.text } }

    func write(_ text: String) {
        let ready = state.withLock { state in
            state.text += text
            let ready = state.watchers.filter { state.text.contains($0.0) }
            state.watchers.removeAll { state.text.contains($0.0) }
            return ready
        }
        for (_, continuation) in ready { continuation.resume() }
    }

    /// Waits until that was printed.
    func until(_ text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let isThere = state.text.contains(text)
                if !isThere { state.watchers.append((text, continuation)) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }
}

/// A folder that is gone when nobody holds it any more.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/arc-host-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Writes a file, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        let folder = URL(filePath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    /// Writes a plugin; `provides` is JSON, and `rest` more fields of its manifest.
    func plugin(_ name: String, provides: String, rest: String = "", _ code: String) throws {
        let manifest = #"{"name": "\#(name)", "version": "1.0.0", "provides": \#(provides)\#(rest)}"#
        try write("\(name)/plugin.json", manifest)
        try write("\(name)/init.lua", code)
    }

    /// The plugins in this folder, as a user's own.
    var plugins: [PluginFolder] { [PluginFolder(path, .user)] }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Frame {
    /// A frame of two outcomes.
    static let twoOutcomes = Frame(
        columns: [
            Column(name: "scenario_id", ["a", "b"]), Column(name: "status", ["success", "error"]),
            Column(name: "reliability_score", [1.0, 0.5]), Column(name: "passed", [true, false]),
            Column(name: "execution_time_ms", [1, 2]), Column(name: "tokens_used", [1, 2]),
            Column(name: "cost_usd", [0.1, 0.2]),
        ], count: 2)
}

extension PluginHost {
    /// The metrics, where none fails; throws the first failure as an error.
    func soundMetrics(of outcomes: Frame, on host: Host) async throws -> [Document.Metric] {
        let results = try await metrics(of: outcomes, on: host)
        if let failure = results.failures.first {
            throw HostError(.plugin, failure.message, advice: failure.advice)
        }
        return results.values
    }
}
