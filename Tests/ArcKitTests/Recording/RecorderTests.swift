import Postgres
import Synchronization
import Testing

@testable import ArcKit

@Suite("A recorder")
struct RecorderTests {
    private static func outcome(_ scenario: String, trial: Int = 1) -> Outcome {
        .success(scenario, trial: trial, score: 1)
    }

    @Test("a thousand tasks that record at once have each outcome there once, and progress counts it once")
    func thousand() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation((0..<100).map { "s\($0)" }, trials: 10)
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await store.record(
                            [Self.outcome("s\(number % 100)", trial: number / 100 + 1)], in: simulation,
                            places: nil
                        ).outcomeIDs
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(ids).count == 1000)
            let status = try await store.status(of: simulation)
            #expect(status.completedRuns == 1000 && status.completedScenarios == 100)
            #expect(try await store.count("select count(distinct outcome_id) from outcomes") == 1000)
            // Far fewer transactions than outcomes: those of this database that ran a COPY show it.
            #expect(store.pool.statistics.queries < 1000)
        }
    }

    @Test("one bad outcome among a hundred callers is refused alone, with its reason")
    func oneBad() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let failures: [String] = await withTaskGroup(of: String?.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        var outcome = Self.outcome("s\(number)")
                        if number == 37 { outcome.trajectory = "{\"broken\": " }
                        if number == 73 { outcome.errorMessage = "with a \0" }
                        do {
                            _ = try await store.record(
                                [outcome], in: simulation, places: { _ in "record \(number)" })
                            return nil
                        } catch {
                            return "\(error)"
                        }
                    }
                }
                return await group.reduce(into: [String]()) { if let text = $1 { $0.append(text) } }.sorted()
            }
            #expect(failures.count == 2)
            #expect(failures.first?.hasPrefix("record 37: trajectory must be JSON of one value") == true)
            #expect(failures.last?.hasPrefix("record 73: error_message holds a NUL character") == true)
            #expect(try await store.count("select count(*) from outcomes") == 98)
            #expect(try await store.status(of: simulation).completedRuns == 98)
        }
    }

    @Test(
        "what a trigger of the user's refuses is refused alone, whatever its error",
        arguments: ["P0001", "42501", "22000"])
    func trigger(_ code: String) async throws {
        try await withStore { store in
            try await store.session {
                _ = try await $0.connection.script(
                    """
                    create function refuse() returns trigger language plpgsql as $$ begin
                      raise exception 'not this one' using errcode = '\(code)';
                    end $$;
                    create trigger refuse before insert on outcomes for each row
                      when (new.error_code = 'P') execute function refuse()
                    """)
            }
            let simulation = try await store.newSimulation()
            let failures: [String] = await withTaskGroup(of: String?.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        var outcome = Self.outcome("s\(number)")
                        if number == 37 { outcome.errorCode = "P" }
                        do {
                            _ = try await store.record([outcome], in: simulation, places: nil)
                            return nil
                        } catch { return "\(error)" }
                    }
                }
                return await group.reduce(into: [String]()) { if let text = $1 { $0.append(text) } }
            }
            #expect(failures.count == 1 && failures.first?.contains("not this one") == true, "\(failures)")
            #expect(try await store.count("select count(*) from outcomes") == 49)
        }
    }

    @Test("what somebody's own SQL left in a session isn't met by whoever records in it next")
    func foreignTables() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            for _ in 0..<2 {
                try await store.session(asFound: true) {
                    $0.connection.expose()
                    _ = try await $0.connection.script(
                        """
                        create table pg_temp.outcomes (like public.outcomes including defaults);
                        set search_path = pg_temp; set lock_timeout = 7; set time zone 'Asia/Tokyo';
                        select pg_advisory_lock(77)
                        """)
                }
                _ = try await store.record(
                    [Self.outcome("a"), Self.outcome("b")], in: simulation, places: nil)
            }
            #expect(try await store.count("select count(*) from public.outcomes") == 2)
            let left = try await store.session {
                try await $0.connection.query(
                    "select current_setting('TimeZone'), (select count(*) from pg_locks where locktype = 'advisory')"
                )
            }
            #expect(left[0, 0] == .text("UTC") && left[0, 1] == 0)
        }
    }

    @Test("a caller's outcomes are stored as a whole or not at all, whatever its neighbours give")
    func whole() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            var bad = Self.outcome("b2")
            bad.trajectory = "[1,"
            let unlucky = [Self.outcome("b1"), bad, Self.outcome("b3")]
            async let first = store.record([Self.outcome("a1")], in: simulation, places: nil)
            async let second = try? store.record(unlucky, in: simulation, places: nil)
            async let third = store.record(
                [Self.outcome("c1"), Self.outcome("c2")], in: simulation, places: nil)
            let counts = (try await first.recorded, await second?.recorded, try await third.recorded)
            #expect(counts.0 == 1 && counts.1 == nil && counts.2 == 2)
            #expect(
                try await store.pool.query("select scenario_id from outcomes order by 1").lines == [
                    "a1", "c1", "c2",
                ])
        }
    }

    @Test("a scenario that the database can't hold is refused without its neighbours")
    func badScenario() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        var outcome = Self.outcome("s\(number)")
                        if number == 4 { outcome.scenario.name = "nul \0" }
                        let result = try? await store.record([outcome], in: simulation, places: nil)
                        #expect((result == nil) == (number == 4))
                    }
                }
            }
            #expect(try await store.status(of: simulation).completedRuns == 9)
        }
    }

    @Test("an id that belongs to another run already is named")
    func stolenID() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            var first = Self.outcome("a").at("2024-05-01 12:00:00+00")
            first.id = Identifier.make()
            _ = try await store.record([first], in: simulation, places: nil)
            var second = Self.outcome("b").at("2024-05-01 12:00:00+00")
            second.id = first.id
            let text = await refusal(.invalid) {
                _ = try await store.record([second], in: simulation, places: { _ in "record 9" })
            }
            #expect(text.hasPrefix("record 9: outcome_id \(first.id ?? "") belongs to another run already"))
        }
    }

    @Test("a simulation that has ended takes nothing more, except what was promised to be kept")
    func ended() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a", "b"])
            _ = try await store.record([Self.outcome("a")], in: simulation, places: nil)
            try await store.session { try await $0.completeSimulation(simulation) }
            await refusal(.state) {
                _ = try await store.record([Self.outcome("b")], in: simulation, places: nil)
            }
            let report = try await store.delivery.record([Self.outcome("b")], late: simulation)
            #expect(report.recorded == 1)
            let status = try await store.status(of: simulation)
            #expect(status.state == .completed && status.completedRuns == 2 && status.completedScenarios == 2)
        }
    }

    @Test("what is delivered again after a commit of unknown outcome changes nothing")
    func again() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let batch = try OutcomeBatch((0..<50).map { Self.outcome("s\($0)") }, places: nil)
            _ = try await store.delivery.write(batch, in: simulation)
            let second = try await store.session { session in
                try await session.write(batch, in: simulation, RecordingManner(isRepeat: true)).report(0..<50)
            }
            #expect(second.recorded == 0 && second.unchanged == 50)
            #expect(try await store.count("select count(*) from outcomes") == 50)
            #expect(try await store.status(of: simulation).completedRuns == 50)
        }
    }

    @Test("a repeat of what wasn't committed writes it")
    func repeatOfNothing() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            let batch = try OutcomeBatch((0..<50).map { Self.outcome("s\($0)") }, places: nil)
            let report = try await store.session { session in
                try await session.write(batch, in: simulation, RecordingManner(isRepeat: true)).report(0..<50)
            }
            #expect(report.recorded == 50)
            #expect(try await store.count("select count(*) from outcomes") == 50)
        }
    }

    @Test("a caller that is cancelled while it waits leaves at once, and none of its outcomes is recorded")
    func cancelled() async throws {
        let (begun, signal) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let written = Mutex<[String]>([])
        let recorder = Recorder(
            write: { batch, _ in
                signal.yield()
                for await _ in released {}
                written.withLock { $0 += batch.outcomes.map(\.scenario.id) }
                return WrittenBatch(deeds: batch.outcomes.map { ($0.id ?? "", .recorded) })
            }, spill: nil)
        let simulation = SimulationReference(id: Identifier.make(), name: nil, state: .running, namesakes: 1)
        let first = Task { try await recorder.record([Self.outcome("first")], in: simulation, places: nil) }
        for await _ in begun { break }
        let second = Task { try await recorder.record([Self.outcome("second")], in: simulation, places: nil) }
        second.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await second.value }
        #expect(error?.code == .cancelled)
        first.cancel()
        release.finish()
        #expect(try await first.value.recorded == 1)
        #expect(written.withLock { $0 } == ["first"])
    }

    @Test("what the database can't take goes to the spool, but for what it could never take")
    func spilled() async throws {
        let spooled = Mutex<[String]>([])
        let recorder = Recorder(
            write: { _, _ in throw DatabaseError(.connectionLost, "gone") },
            spill: { outcomes, _, _ in spooled.withLock { $0 += outcomes.map(\.scenario.id) } })
        let simulation = SimulationReference(id: Identifier.make(), name: nil, state: .running, namesakes: 1)
        let report = try await recorder.record(
            [Self.outcome("a"), Self.outcome("b")], in: simulation, places: nil)
        #expect(report.spooled == 2 && report.recorded == 0 && report.outcomeIDs.count == 2)
        var bad = Self.outcome("c")
        bad.trajectory = "no JSON"
        await #expect(throws: EvaluationError.self) {
            try await recorder.record([bad], in: simulation, places: nil)
        }
        #expect(spooled.withLock { $0 } == ["a", "b"])
    }

    @Test("what neither the database nor the disk takes is an error that says both")
    func nowhere() async throws {
        let recorder = Recorder(
            write: { _, _ in throw DatabaseError(.connectionLost, "the server is gone") },
            spill: { _, _, _ in throw EvaluationError(.file, "the disk is full") })
        let simulation = SimulationReference(id: Identifier.make(), name: nil, state: .running, namesakes: 1)
        let text = await refusal(.database) {
            _ = try await recorder.record([Self.outcome("a")], in: simulation, places: nil)
        }
        #expect(text.contains("the disk is full") && text.contains("the server is gone"))
    }
}

@Suite("Bits for runs")
struct RunBitsTests {
    @Test("are numbered as the server numbers them")
    func server() async throws {
        try await withStore { store in
            for ordinals in [[0], [7], [8], [0, 3, 17], Array(0..<40), [1023]] {
                var bits = RunBits()
                for ordinal in ordinals { bits.insert(ordinal) }
                let text = try await store.pool.query(
                    "select (('x' || $1)::bit varying)::text", [.text(bits.hex)]
                ).single()[0].description
                #expect(RunBits.ordinals(in: text) == ordinals)
            }
        }
    }
}

@Suite("What is known of whether a server is away")
struct AbsenceStateTests {
    private let reason = DatabaseError(.connectionLost, "gone")

    @Test("work goes elsewhere at once until it is tried again, by one")
    func course() {
        var state = AbsenceState()
        let start = ContinuousClock.now
        guard case .goAhead = state.need(isUrgent: false, now: start) else { return wrong(state) }
        let news = [state.wentAway(reason, now: start), state.wentAway(reason, now: start)]
        #expect(news == [true, false])
        guard case .stayAway = state.need(isUrgent: false, now: start) else { return wrong(state) }
        let later = start.advanced(by: AbsenceState.pause)
        guard case .tryAgain = state.need(isUrgent: false, now: later) else { return wrong(state) }
        guard case .stayAway = state.need(isUrgent: true, now: later) else { return wrong(state) }
        state.stayedAway(reason, now: later)
        guard case .stayAway = state.need(isUrgent: false, now: later) else { return wrong(state) }
        guard case .tryAgain = state.need(isUrgent: true, now: later) else { return wrong(state) }
        state.returned()
        guard case .goAhead = state.need(isUrgent: false, now: later) else { return wrong(state) }
    }

    private func wrong(_ state: AbsenceState) { Issue.record("\(state.phase)") }
}
