import ArcHost
import ArcKit
import Foundation
import LuaBridge
import Measuring
import Postgres
import RawPostgres

/// Recording outcomes against a raw libpq COPY of the same rows into the same table, and against one INSERT a transaction.
enum RecordingComparisons {
    static let all = [
        Benchmark("record, batches of 1,000", batch),
        Benchmark("record, batches of 1,000 from Lua", batchFromLua),
        Benchmark("record, 1,000 tasks singly", singly),
        Benchmark("record, 1,000 tasks singly, by INSERT", insert),
    ]

    private static let count = 1000

    /// A trajectory of about 1.5 KB, as agents leave them.
    static let trajectory: String = {
        let step = """
            {"step":1,"tool":"get_reservation_details","input":{"reservation_id":"ZFA04Y"},"output":\
            {"status":"ok","flights":[{"number":"HAT069","date":"2024-05-20","price":184}],"cabin":"economy"}}
            """
        return "{\"messages\":[" + Array(repeating: step, count: 8).joined(separator: ",") + "]}"
    }()

    /// What the two sides record into: a simulation of a thousand scenarios, run once more in each round.
    private struct Bench {
        let store: Store
        let simulation: SimulationReference
        let raw: RawConnection

        init(_ server: Server) async throws {
            store = try await server.store()
            let name = "bench-\(UInt32.random(in: 0 ... .max))"
            simulation = try await store.transaction { session in
                _ = try await session.createConfiguration(
                    name: name, document: try ConfigurationDocument(yaml: "model: none"))
                let scenarios = (0..<count).map { Scenario(id: "scenario-\($0)") }
                let id = try await session.createSimulation(
                    SimulationPlan(configuration: name, scenarios: scenarios))
                return try await session.findSimulation(id)
            }
            try await store.pool.query(
                "select arc_ensure_partitions(array[(now() at time zone 'UTC')::date])")
            raw = try RawConnection(store.pool.options)
        }

    }

    private static func outcomes(trial: Int) -> [Outcome] {
        (0..<count).map { number in
            var outcome = Outcome(
                scenario: Scenario(id: "scenario-\(number)"), trial: trial, status: .success)
            outcome.reliabilityScore = Double(number % 100) / 100
            outcome.executionTimeMs = 3200
            outcome.tokensUsed = 245
            outcome.costUSD = 0.0087
            outcome.trajectory = trajectory
            return outcome
        }
    }

    @Sendable private static func batch(_ server: Server) async throws -> Contest {
        let bench = try await Bench(server)
        var trial = 0
        return Contest(
            unit: "outcome", units: count, repeats: 1, baseline: rawCopy(bench),
            subject: .init(name: "Store.record") {
                trial += 1
                let report = try await bench.store.record(outcomes(trial: trial), in: bench.simulation)
                guard report.recorded == count else { throw WrongResult("\(report.recorded) recorded") }
            })
    }

    @Sendable private static func batchFromLua(_ server: Server) async throws -> Contest {
        let bench = try await Bench(server)
        let host = Host(pluginFolders: [], output: { _ in }, openStore: { [store = bench.store] in store })
        let machine = try host.makeScriptMachine()
        let record = try await machine.run(
            """
            local id, trajectory = "\(bench.simulation.id)", arc.json.decode([[\(trajectory)]])
            local sim, trial, outcomes = arc.simulation(id), 0, {}
            for i = 1, \(count) do
              outcomes[i] = {
                simulation_id = sim, scenario_id = "scenario-" .. i - 1, status = "success",
                reliability_score = i % 100 / 100, execution_time_ms = 3200, tokens_used = 245, cost_usd = 0.0087,
                trajectory = trajectory,
              }
            end
            return function()
              trial = trial + 1
              for i = 1, #outcomes do outcomes[i].trial = trial end
              return #arc.record_outcomes_batch(outcomes)
            end
            """, name: "benchmark")
        guard let function = record.first?.function else { throw WrongResult("no function") }
        return Contest(
            unit: "outcome", units: count, repeats: 1, baseline: rawCopy(bench),
            subject: .init(name: "arc.record_outcomes_batch") {
                let recorded = try await machine.call(function).first?.integerValue
                guard recorded == Int64(count) else { throw WrongResult("\(recorded ?? 0) recorded") }
            })
    }

    @Sendable private static func singly(_ server: Server) async throws -> Contest {
        let bench = try await Bench(server)
        return Contest(
            unit: "outcome", units: count, repeats: 1, baseline: rawCopy(bench),
            subject: recordSingly(bench))
    }

    @Sendable private static func insert(_ server: Server) async throws -> Contest {
        let bench = try await Bench(server)
        let places = (1...18).map { "$\($0)" }.joined(separator: ", ")
        try bench.raw.prepare("insert", "insert into outcomes (\(RawRows.columns)) values (\(places))")
        let simulation = UUID().uuidString
        return Contest(
            unit: "outcome", units: count, repeats: 1,
            baseline: .init(name: "libpq INSERT, one a transaction") {
                for number in 0..<count {
                    try bench.raw.execute(
                        "insert",
                        [
                            Identifier.make(), simulation, "scenario-\(number)", "1", "now", "success", "0.5",
                            "3200",
                            "245", "0.0087", trajectory, nil, nil, nil, nil, nil, "0", "{}",
                        ])
                }
            }, subject: recordSingly(bench))
    }

    /// 1,000 tasks, each of which records one outcome.
    private static func recordSingly(_ bench: Bench) -> Contest.Side {
        var trial = 0
        let (store, simulation) = (bench.store, bench.simulation)
        return .init(name: "1,000 × Store.record") {
            trial += 1
            let recorded = try await withThrowingTaskGroup(of: Int.self) { group in
                for outcome in outcomes(trial: trial) {
                    group.addTask {
                        try await store.record([outcome], in: simulation).recorded
                    }
                }
                return try await group.reduce(0, +)
            }
            guard recorded == count else { throw WrongResult("\(recorded) recorded") }
        }
    }

    private static func rawCopy(_ bench: Bench) -> Contest.Side {
        var rows = RawRows(count, trajectory: trajectory)
        return .init(name: "libpq COPY") {
            try bench.raw.copy(
                "copy outcomes (\(RawRows.columns)) from stdin (format binary)", rows.renewed())
        }
    }
}
