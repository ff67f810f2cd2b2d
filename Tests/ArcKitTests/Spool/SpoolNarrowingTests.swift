import Postgres
import SeededRandom
import Synchronization
import Testing

@testable import ArcKit

@Suite("An outcome that the database can't take, though it answers")
struct SpoolNarrowingTests {
    /// Fails with a time limit for batches with one of these scenarios.
    private static func stuck(
        on scenarios: Set<String>
    ) -> @Sendable (SimulationReference, [Outcome]) throws -> Void {
        { _, outcomes in
            if outcomes.contains(where: { scenarios.contains($0.scenario.id) }) {
                throw DatabaseError(.timedOut, "too long")
            }
        }
    }

    private func replay(
        _ scratch: SpoolScratch, into ledger: SpoolLedger, _ occasion: ReplayOccasion = .opened,
        failures: Tally = Tally()
    ) async throws -> ReplayReport {
        try await scratch.spool.replay(occasion, answers: { true }) { simulation, outcomes in
            do { try await ledger.record(simulation, outcomes) } catch {
                failures.add()
                throw error
            }
        }
    }

    @Test(
        "it stays in the spool with the reason, the others are recorded, and finding it costs three failures",
        arguments: [0, 31, 32, 500, 999])
    func one(place: Int) async throws {
        let scratch = SpoolScratch()
        let outcomes = (0..<1000).map { Outcome.spooled("s\($0)") }
        try await scratch.spool.append(outcomes, in: .spooled)
        let (ledger, failures) = (SpoolLedger(refuse: Self.stuck(on: ["s\(place)"])), Tally())
        let report = try await replay(scratch, into: ledger, failures: failures)
        #expect(report.stored == 999 && report.held == 1 && report.heldReasons == ["too long"])
        #expect(failures.count == 3)
        #expect(await ledger.ids == Set(outcomes.compactMap(\.id)).subtracting([outcomes[place].id ?? ""]))
        let status = try await scratch.spool.status()
        #expect(status.held == 1 && status.heldReasons == ["too long"] && status.outcomes == 0)
        #expect(scratch.spool.isWaiting)
        // Whoever waits for the database to be back doesn't wait for this one.
        let none = SpoolLedger { _, _ in Issue.record("tried") }
        #expect(try await replay(scratch, into: none, .returned) == ReplayReport())
        let healed = SpoolLedger()
        #expect(try await replay(scratch, into: healed).stored == 1)
        #expect(await healed.outcomes.values.first?.fields == outcomes[place].fields)
        #expect(scratch.names == ["replay.lock"])
    }

    @Test("a segment of nothing but such outcomes doesn't hold up those after it, whoever replays")
    func first() async throws {
        for occasion in [ReplayOccasion.returned, .opened, .asked] {
            let scratch = SpoolScratch()
            try scratch.put(try SpoolLine.encode(.spooled("bad"), in: .spooled), as: "a.1.jsonl")
            try await scratch.spool.append([.spooled("good")], in: .spooled)
            let report = try await replay(
                scratch, into: SpoolLedger(refuse: Self.stuck(on: ["bad"])), occasion)
            #expect(report.stored == 1 && report.held == 1)
            #expect(scratch.names == ["a.1.held.jsonl", "replay.lock"])
        }
    }

    @Test(
        "a database that answers and takes nothing is as good as away, unless somebody asks for the reasons")
    func takesNothing() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        for number in 0..<3 {
            try await spool.append(
                (0..<400).map { .spooled("s\(number)-\($0)") }, in: number == 1 ? .other : .spooled)
        }
        try scratch.put(try SpoolLine.encode(.spooled("old"), in: .spooled), as: "0.1.jsonl")
        let full = SpoolLedger { _, _ in throw DatabaseError(.server, "disk full") }
        for occasion in [ReplayOccasion.returned, .opened] {
            let before = scratch.names(".jsonl").filter { !$0.hasSuffix(".open.jsonl") }
            let failures = Tally()
            await #expect(throws: DatabaseError.self) {
                try await replay(scratch, into: full, occasion, failures: failures)
            }
            #expect(failures.count <= NarrowingState.mostInRow)
            #expect(scratch.names(".held.jsonl") == [] && before.allSatisfy(scratch.names.contains))
        }
        let report = try await replay(scratch, into: full, .asked)
        #expect(report.held == 1201 && report.heldReasons == ["disk full"])
        #expect(try await scratch.spool.status().held == 1201)
        #expect(try await replay(scratch, into: SpoolLedger(), .opened).stored == 1201)
    }

    @Test("a simulation that takes nothing costs a few attempts, and the others are recorded")
    func simulation() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        try await spool.append((0..<1000).map { .spooled("a\($0)") }, in: .spooled)
        try await spool.append((0..<1000).map { .spooled("b\($0)") }, in: .other)
        let failures = Tally()
        let locked = SpoolLedger { simulation, _ in
            if simulation == .spooled { throw DatabaseError(.timedOut, "locked") }
        }
        let report = try await replay(scratch, into: locked, failures: failures)
        #expect(report.stored == 1000 && report.held == 1000)
        #expect(failures.count == NarrowingState.mostInBatch)
    }

    @Test("however many are at fault, each replay gets further, and in the end only they are left")
    func many() async throws {
        var random = SeededGenerator(seed: 21)
        for share in [0.01, 0.1, 0.5] {
            let scratch = SpoolScratch()
            let outcomes = (0..<1500).map { Outcome.spooled("s\($0)") }
            let bad = Set(
                outcomes.map(\.scenario.id).filter { _ in Double.random(in: 0..<1, using: &random) < share })
            try await scratch.spool.append(outcomes, in: .spooled)
            let ledger = SpoolLedger(refuse: Self.stuck(on: bad))
            var (left, rounds) = (1501, 0)
            while left > bad.count {
                rounds += 1
                _ = try? await replay(scratch, into: ledger)
                let status = try await scratch.spool.status()
                let waiting = status.held + status.outcomes
                #expect(waiting < left, "\(share), round \(rounds)")
                guard waiting < left else { break }
                left = waiting
            }
            #expect(await ledger.ids.count == 1500 - bad.count)
        }
    }

    @Test(
        "what is held, and what is refused in the same segment then or later, doesn't take each other's place"
    )
    func both() async throws {
        let scratch = SpoolScratch()
        try await scratch.spool.append(
            ["good", "bad", "stuck", "stuck too"].map { .spooled($0) }, in: .spooled)
        let phase = Mutex(0)
        let ledger = SpoolLedger { _, outcomes in
            let names = Set(outcomes.map(\.scenario.id))
            let now = phase.withLock { $0 }
            if names.contains("bad") || now > 0 && names.contains("stuck") {
                throw EvaluationError(.invalid, "no")
            }
            if !names.isDisjoint(with: ["stuck", "stuck too"]) { throw DatabaseError(.timedOut, "too long") }
        }
        let first = try await replay(scratch, into: ledger)
        #expect(first.stored == 1 && first.rejected == 1 && first.held == 2)
        phase.withLock { $0 = 1 }
        let second = try await replay(scratch, into: ledger, .asked)
        #expect(second.rejected == 1 && second.held == 1)
        let status = try await scratch.spool.status()
        #expect(status.rejected == 2 && status.held == 1)
        // What was refused is taken up beside what is held.
        let report = try await scratch.spool.replay(.asked, includingRejected: true) { _, _ in }
        #expect(report.stored == 3 && scratch.names == ["replay.lock"])
    }

    @Test(
        "in the real database: a trigger that ends one outcome's recording each time, and a simulation's lock"
    )
    func real() async throws {
        let scratch = SpoolScratch()
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.pool.withConnection {
                try await $0.script(
                    """
                    create function stop() returns trigger language plpgsql as $$
                    begin raise 'canceling statement due to statement timeout' using errcode = '57014'; end $$;
                    create trigger stop before insert on outcomes for each row
                        when (new.scenario_id = 's7') execute function stop();
                    """)
            }
            let spool = scratch.spool
            try await spool.append((0..<60).map { .spooled("s\($0)") }, in: simulation)
            let report = try await store.replay(spool, .opened)
            #expect(report.stored == 59 && report.held == 1)
            #expect(report.heldReasons.allSatisfy { $0.contains("statement timeout") })
            #expect(try await store.status(of: simulation).completedRuns == 59)
            try await store.pool.query("drop trigger stop on outcomes")
            #expect(try await store.replay(spool, .opened).stored == 1)
            #expect(try await store.status(of: simulation).completedRuns == 60)
        }
    }
}

@Suite("Narrowing a failure down")
struct NarrowingStateTests {
    @Test(
        "failures are split until there is one outcome; too many in a row end the batch, and then everything")
    func course() {
        var state = NarrowingState()
        state.began()
        #expect(state.failed(count: 1000) == .split && state.failed(count: 32) == .split)
        #expect(state.failed(count: 1) == .hold && state.isPromising)
        state.recorded()
        #expect(state.phase == .recording && state.takesOutcomes)
        for _ in 1..<NarrowingState.mostInBatch { #expect(state.failed(count: 9) == .split) }
        #expect(state.failed(count: 9) == .hold && !state.isPromising)
        state.began()
        #expect(state.isPromising)
        while state.phase != .hopeless { _ = state.failed(count: 9) }
        state.began()
        #expect(!state.isPromising && state.failed(count: 9) == .hold)
    }

    @Test("where nothing was ever taken it is given up, unless the database is trusted to take something")
    func evidence() {
        for isTrusted in [false, true] {
            var state = NarrowingState(isTrusted: isTrusted)
            for _ in 1..<NarrowingState.mostInRow {
                state.began()
                #expect(state.failed(count: 1) == .hold)
            }
            #expect(state.failed(count: 1) == (isTrusted ? .hold : .giveUp))
        }
    }
}
