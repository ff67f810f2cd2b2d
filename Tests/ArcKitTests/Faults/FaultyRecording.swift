import ArcKit
import FaultProxy
import Foundation
import Logging
import Postgres
import Synchronization
import Testing

/// Outcomes on their way into a database through a proxy, and what their callers were told.
final class FaultyRecording: Sendable {
    /// Between the store and the server.
    let proxy: FaultProxy
    /// How to reach the server past the proxy.
    let direct: ConnectionOptions
    private let store: Store
    /// Where the spool is, in a directory of its own.
    let state: String
    private let simulation: SimulationReference
    private let ledger = Mutex(Ledger())
    private let numbers = Atomic(0)

    /// Makes a simulation in that database, which has arc's schema.
    ///
    /// - Parameter state: the directory that the spool is in; a temporary one unless given.
    init(
        _ database: ConnectionOptions, state: String? = nil, commandTimeout: Duration = .seconds(60)
    ) async throws {
        direct = database
        proxy = try FaultProxy(to: database)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.state = state ?? NSTemporaryDirectory() + "/spool-\(UUID().uuidString)"
        store = Store(
            try Pool(
                proxy.options,
                settings: PoolSettings(
                    timeout: .seconds(5), commandTimeout: commandTimeout,
                    retry: RetryPolicy(firstDelay: .milliseconds(5))),
                logger: quiet), spools: SpoolFolders(Folders(environment: ["XDG_STATE_HOME": self.state])))
        simulation = try await store.newSimulation(["known"], trials: 1)
    }

    /// How many callers have been told something.
    var answers: Int { ledger.withLock { $0.count } }

    /// How many were told that their outcome waits in the spool.
    var spooled: Int { ledger.withLock { $0.balance(found: []).spooled } }

    /// What those whose outcomes failed were told, by the kind of error.
    var errors: [String: Int] { ledger.withLock { $0.balance(found: []).errors } }

    /// Records so many outcomes from so many tasks, each its share of them one after the other.
    func record(_ count: Int, tasks: Int = 50, bytes: Int = 200) async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { [self] in
                    for _ in stride(from: task, to: count, by: tasks) { await recordOne(bytes: bytes) }
                }
            }
        }
    }

    /// Records one outcome, with a trajectory of so many bytes.
    @discardableResult
    func recordOne(bytes: Int = 200) async -> Ledger.Answer {
        let number = numbers.add(1, ordering: .relaxed).newValue
        var outcome = Outcome.success("scenario \(number % 100)", trial: number / 100 + 1)
        let id = Identifier.make()
        outcome.id = id
        // Random, so that the server can't compress it away.
        outcome.trajectory =
            "\"\((0..<bytes / 16).map { _ in String(UInt64.random(in: 1 << 60 ... .max), radix: 16) }.joined())\""
        let answer: Ledger.Answer
        do {
            // With `places`, as the tests have a method of the same name that goes past the recorder.
            let report = try await store.record([outcome], in: simulation, places: nil)
            answer = report.spooled > 0 ? .spooled : .recorded
        } catch let error as DatabaseError {
            answer = .failed(error.code.rawValue)
        } catch let error as EvaluationError {
            answer = .failed(error.code.rawValue)
        } catch {
            Issue.record("an error of another kind: \(error)")
            answer = .failed("\(type(of: error))")
        }
        ledger.withLock { $0.enter(id, answer) }
        return answer
    }

    /// Ends all faults, and sees that whatever a caller was told to be kept is there once, and counted once.
    @discardableResult
    func settle(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Ledger.Balance {
        proxy.plan = FaultPlan()
        proxy.resume()
        // As good as new: nothing that the faults left may keep an outcome from being recorded.
        while await recordOne() != .recorded {}
        let spool = try #require(try await store.spool(), sourceLocation: sourceLocation)
        let replay = try await store.replay(spool, patience: .seconds(60))
        #expect(!replay.isBusy && replay.rejected == 0 && replay.torn == 0, sourceLocation: sourceLocation)
        #expect(!spool.isWaiting, sourceLocation: sourceLocation)
        await store.pool.close()
        try? FileManager.default.removeItem(atPath: state)
        let connection = try await Connection.connect(direct)
        let found = try await connection.query("select outcome_id::text as id from outcomes").map {
            try $0.get("id", as: String.self)
        }
        let row = try await connection.query(
            """
            select (select completed_runs from simulations where simulation_id = $1)::int8 as counted,
              (select count(*) from (select distinct scenario_id, trial from outcomes) as runs)::int8 as runs
            """, [.text(simulation.id)]
        ).single()
        await connection.close()
        let balance = ledger.withLock { $0.balance(found: found) }
        #expect(balance.isEven, "\(balance)", sourceLocation: sourceLocation)
        let counted = try row.get("counted", as: Int64.self)
        #expect(counted == Int64(balance.found), sourceLocation: sourceLocation)
        #expect(try row.get("runs", as: Int64.self) == counted, sourceLocation: sourceLocation)
        return balance
    }
}
