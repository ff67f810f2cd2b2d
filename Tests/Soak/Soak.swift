import ArcKit
import FaultProxy
import Foundation
import Logging
import Postgres
import SeededRandom
import Synchronization

/// Records outcomes from many tasks for minutes while everything between them and the database goes wrong, and then
/// compares what the tasks were told with what is there. Exits with 1 where anything was lost or doubled, or a task hangs.
///
/// `MINUTES` (10), `TASKS` (200), `OUTCOMES` (100,000) and `SEED` come from the environment.
@main
final class Soak: Sendable {
    let minutes = Soak.number("MINUTES") ?? 10
    let tasks = Int(Soak.number("TASKS") ?? 200)
    let outcomes = Int(Soak.number("OUTCOMES") ?? 100_000)
    let seed = UInt64(Soak.number("SEED") ?? 1)

    private static let scenarios = 500
    private let ledger = Mutex(Ledger())
    private let mischief = Mutex<[String: Int]>([:])

    static func main() async throws {
        let soak = Soak()
        exit(try await soak.run() ? 0 : 1)
    }

    private static func number(_ name: String) -> Double? {
        ProcessInfo.processInfo.environment[name].flatMap(Double.init)
    }

    /// At once, also into a pipe or a file.
    private func say(_ line: some CustomStringConvertible) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    private func run() async throws -> Bool {
        say("soak: \(outcomes) outcomes by \(tasks) tasks in \(minutes) minutes, seed \(seed)")
        let state = NSTemporaryDirectory() + "/soak-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: state) }
        let server = try await FaultServer()
        let proxy = try FaultProxy(to: server.options)
        let direct = try await Connection.connect(server.options)
        _ = try await SchemaDeployer().deploy(on: direct)
        await direct.close()
        let recording = try await SoakRecording(
            proxy.options, state: state, scenarios: Self.scenarios, outcomes: outcomes)
        let end = ContinuousClock.now + .seconds(minutes * 60)
        let watch = watch(until: end + .seconds(300))
        let troublemaker = Task { [self] in await makeTrouble(server, proxy, until: end) }
        await work(recording, until: end)
        troublemaker.cancel()
        await troublemaker.value
        proxy.plan = FaultPlan()
        proxy.resume()
        try await server.up()
        watch.cancel()
        let replayed = try await recording.finish()
        let isEven = try await settle(server, recording, replayed, proxy.counts)
        await server.stop()
        return isEven
    }

    // MARK: - Work

    private func work(_ recording: SoakRecording, until end: ContinuousClock.Instant) async {
        let interval = ContinuousClock.now.duration(to: end) / outcomes
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { [self] in
                    for number in stride(from: task, to: outcomes, by: tasks) {
                        try? await Task.sleep(until: start + interval * number, clock: .continuous)
                        await record(number, recording)
                    }
                }
            }
        }
    }

    private func record(_ number: Int, _ recording: SoakRecording) async {
        let scenario = Scenario(id: "s\(number % Self.scenarios)")
        var outcome = Outcome(scenario: scenario, trial: number / Self.scenarios + 1, status: .success)
        let id = Identifier.make()
        outcome.id = id
        outcome.reliabilityScore = Double(number % 100) / 100
        outcome.trajectory = #"{"steps": "\#(String(repeating: "x", count: 1000))"}"#
        let answer: Ledger.Answer
        do {
            answer = try await recording.record(outcome)
        } catch let error as DatabaseError {
            answer = .failed(error.code.rawValue)
        } catch let error as EvaluationError {
            answer = .failed(error.code.rawValue)
        } catch {
            answer = .failed("\(type(of: error))")
        }
        ledger.withLock { $0.enter(id, answer) }
    }

    private func makeTrouble(_ server: FaultServer, _ proxy: FaultProxy, until end: ContinuousClock.Instant)
        async
    {
        var random = SeededGenerator(seed: seed)
        while ContinuousClock.now < end, !Task.isCancelled {
            let (pause, next) = Mischief.next(&random)
            guard (try? await Task.sleep(for: .milliseconds(pause))) != nil else { break }
            do {
                // Half a restart would leave the server down.
                try await Task { try await next.happen(server, proxy) }.value
                mischief.withLock { $0[next.name, default: 0] += 1 }
            } catch {
                mischief.withLock { $0["\(next.name) failed", default: 0] += 1 }
            }
        }
    }

    /// Says how far it is, and ends the process where it doesn't come to an end.
    private func watch(until limit: ContinuousClock.Instant) -> Task<Void, Never> {
        Task { [self] in
            while (try? await Task.sleep(for: .seconds(15))) != nil {
                FileHandle.standardError.write(Data("  \(ledger.withLock { $0.count }) answers\n".utf8))
                guard ContinuousClock.now > limit else { continue }
                say("HUNG: \(outcomes - ledger.withLock { $0.count }) calls have not ended")
                exit(1)
            }
        }
    }

    // MARK: - The end

    private func settle(
        _ server: FaultServer, _ recording: SoakRecording, _ replayed: String, _ counts: Counts
    ) async throws -> Bool {
        let direct = try await Connection.connect(server.options)
        let found = try await direct.query("select outcome_id::text as id from outcomes").map {
            try $0.get("id", as: String.self)
        }
        let runs = try await direct.query(
            "select (count(*) - count(distinct (scenario_id, trial)))::int8 as more from outcomes")
        let progress = try await recording.progress(direct)
        let balance = ledger.withLock { $0.balance(found: found) }
        let faults = mischief.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        say("faults    \(faults.joined(separator: ", "))")
        say(
            "proxy     \(counts.accepted) connections, \(counts.refused) refused, \(counts.strikes) faults struck"
        )
        say("replayed  \(replayed)")
        say(balance)
        say("progress  \(progress) of \(Set(found).count) runs")
        let excess = try runs.single().get("more", as: Int64.self)
        if excess != 0 { say("doubled runs \(excess)") }
        let lost = ledger.withLock { $0.lost(found: found) }.prefix(20)
        if !lost.isEmpty { say("lost: \(lost.joined(separator: " "))") }
        await direct.close()
        let isEven = balance.isEven && excess == 0 && progress == Set(found).count
        say(isEven ? "EVEN" : "UNEVEN")
        return isEven
    }
}
