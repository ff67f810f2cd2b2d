import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Trends")
struct TrendTests {
    /// Four weeks of a simulation a day, of two scenarios three times, which get worse in the last two.
    private static func withWeeks(
        on tier: StorageTier, refreshed: Bool = true, _ body: @Sendable (Store) async throws -> Void
    ) async throws {
        try await withStore(on: tier) { store in
            try await fill(store)
            if refreshed { try await store.refreshAll() }
            try await body(store)
        }
    }

    private static func fill(_ store: Store) async throws {
        let start = try #require(Timestamp("2024-01-01 00:00:00+00", hasZone: true))
        try await store.session { session in
            for id in ["easy", "hard"] {
                var scenario = Scenario(id: id)
                scenario.tags = [id, "all"]
                try await session.upsert([scenario])
            }
        }
        let simulation = try await store.newSimulation(threshold: 0.5)
        for day in 0..<28 {
            let outcomes = ["easy", "hard"].flatMap { id in
                (0..<3).map { trial in
                    let level = (id == "easy" ? 0.9 : 0.5) - (day < 14 ? 0 : 0.35)
                    var outcome = Outcome.success(
                        id, trial: day * 3 + trial + 1,
                        score: level + 0.01 * Double((trial * 7 + day * 3) % 5))
                    outcome.executionTime = Timestamp(
                        microseconds: start.microseconds + Int64(day) * 86_400_000_000 + Int64(trial)
                            * 3_600_000_000)
                    outcome.costUSD = 0.1
                    if trial == 2, id == "hard" { outcome.status = .error }
                    if trial == 2, id == "hard" { outcome.reliabilityScore = nil }
                    return outcome
                }
            }
            try await store.record(outcomes, in: simulation)
        }
    }

    private static func ask(
        _ store: Store, _ change: (inout TrendQuestion) -> Void = { _ in }
    ) async throws -> MetricTrend {
        var question = TrendQuestion()
        question.days = nil
        change(&question)
        let asked = question
        return try await store.session { try await $0.trend(asked) }
    }

    @Test(
        "a run that somebody cancelled is no part of an error rate, before a refresh and after it",
        arguments: try await ServerUnderTest.tiers())
    func cancelled(tier: StorageTier) async throws {
        try await SmallEvaluation.with(on: tier) { small in
            for isRefreshed in [false, true] {
                if isRefreshed { try await small.store.refreshAll() }
                for scenario in [nil, "b", "c"] {
                    let trend = try await Self.ask(small.store) {
                        ($0.metric, $0.scenario) = (.errorRate, scenario)
                    }
                    let day = try #require(trend.buckets.first)
                    let expected = scenario == nil ? (5, 2) : scenario == "b" ? (2, 2) : (1, 0)
                    #expect((day.runs, day.errors) == expected, "\(scenario ?? "all"), \(isRefreshed)")
                    #expect(day.estimate.value == Double(expected.1) / Double(expected.0))
                    #expect(day.estimate.n == expected.0)
                }
            }
        }
    }

    @Test(
        "buckets have their runs, errors, mean and interval, and a fall is found where it was",
        arguments: try await ServerUnderTest.tiers())
    func fall(tier: StorageTier) async throws {
        try await Self.withWeeks(on: tier) { store in
            let trend = try await Self.ask(store)
            #expect(trend.buckets.count == 28)
            let first = try #require(trend.buckets.first)
            #expect(
                first.start.description == "2024-01-01 00:00:00+00" && first.runs == 6 && first.errors == 1)
            #expect(first.estimate.n == 5 && first.estimate.clusters == 2)
            let interval = try #require(first.estimate.interval), value = try #require(first.estimate.value)
            #expect(interval.low < value && value < interval.high)
            #expect(trend.average?.points.count == 28)
            let pass = try await Self.ask(store) { $0.metric = .passRate }
            #expect(pass.buckets.map(\.estimate.value).first == 5.0 / 6)
            let cost = try await Self.ask(store) { $0.metric = .cost }
            #expect(cost.buckets.allSatisfy { $0.estimate.value == 0.1 && $0.estimate.standardError == nil })
            let one = try await Self.ask(store) { $0.scenario = "easy" }
            let changes = try #require(one.changes?.changes)
            #expect(changes.map(\.index) == [14] && changes.allSatisfy { !$0.isRise })
        }
    }

    @Test(
        "the same is answered from the outcomes as from the roll-ups",
        arguments: try await ServerUnderTest.tiers())
    func notedAsStored(tier: StorageTier) async throws {
        try await Self.withWeeks(on: tier, refreshed: false) { store in
            for metric in TrendQuestion.Metric.allCases {
                for (bucket, scenario, tag) in [
                    ("1 hour", nil, nil), ("1 day", nil, nil), ("1 week", nil, nil), ("1 month", nil, nil),
                    ("1 day", "hard", nil), ("1 week", nil, "all"),
                ] as [(String, String?, String?)] {
                    func ask() async throws -> [String] {
                        try await Self.ask(store) {
                            $0.metric = metric
                            $0.bucket = bucket
                            $0.scenario = scenario
                            $0.tags = tag.map { [$0] } ?? []
                        }.buckets.map { "\($0)" }
                    }
                    try await store.pool.query("select arc_note_everything()")
                    let noted = try await ask()
                    try await store.refreshAll()
                    #expect(try await ask() == noted && !noted.isEmpty, "\(metric) by \(bucket)")
                }
            }
        }
    }

    @Test("tags or a configuration narrow it, and what isn't there is named")
    func scopes() async throws {
        try await Self.withWeeks(on: .native) { store in
            let easy = try await Self.ask(store) { $0.tags = ["easy"] }
            #expect(easy.buckets.first?.runs == 3)
            let weeks = try await Self.ask(store) {
                $0.tags = ["all"]
                $0.bucket = "1 week"
            }
            #expect(weeks.buckets.first?.estimate.clusters == 2 && weeks.buckets.count == 4)
            let agent = try await Self.ask(store) { $0.configuration = "agent" }
            #expect(agent.buckets.count == 28)
            let version = try await store.session { try await $0.versions(of: "agent") }
            let versioned = try await Self.ask(store) { $0.configuration = version[0] }
            #expect(version.count == 1 && versioned.buckets.map(\.runs) == agent.buckets.map(\.runs))
            let recent = try await Self.ask(store) { $0.days = 1 }
            #expect(
                recent.buckets.isEmpty && recent.note?.contains("within 1 day;") == true && easy.note == nil)
            let both = try await Self.ask(store) { $0.tags = ["all", "easy"] }
            #expect(both.buckets.map(\.runs) == easy.buckets.map(\.runs))
            let neither = try await Self.ask(store) { $0.tags = ["hard", "easy"] }
            #expect(neither.buckets.isEmpty)
            for (change, name) in [
                ({ $0.configuration = "nobody" }, "nobody"), ({ $0.scenario = "nothing" }, "nothing"),
                ({ $0.tags = ["all", "none"] }, "none"),
            ] as [((inout TrendQuestion) -> Void, String)] {
                let text = await refusal(.notFound) { _ = try await Self.ask(store, change) }
                #expect(text.contains(name))
            }
            for bucket in ["30 minutes", "90 minutes", "0 days"] {
                let text = await refusal(.invalid) { _ = try await Self.ask(store) { $0.bucket = bucket } }
                #expect(text.contains(bucket))
            }
            let text = await refusal(.invalid) {
                _ = try await Self.ask(store) {
                    $0.bucket = "1 hour"
                    $0.tags = ["all"]
                }
            }
            #expect(text.contains("whole days"))
        }
    }

    @Test("values whose squares are too small for a double have a trend")
    func tiny() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation()
            try await store.record([.success("a", score: 0), .success("b", score: 1e-170)], in: simulation)
            for refreshed in [false, true] {
                if refreshed { try await store.refreshAll() }
                let trend = try await Self.ask(store)
                #expect(trend.buckets.map(\.estimate.value) == [5e-171], "\(refreshed)")
            }
        }
    }

    @Test(
        "native partitions and TimescaleDB give the same figures to the last digit",
        .enabled("it needs TimescaleDB") { try await ServerUnderTest.hasTimescale() })
    func tiersAgree() async throws {
        @Sendable func figures(_ store: Store) async throws -> [String] {
            var lines: [String] = []
            for metric in TrendQuestion.Metric.allCases {
                for bucket in ["1 hour", "1 week"] {
                    let trend = try await Self.ask(store) {
                        $0.metric = metric
                        $0.bucket = bucket
                    }
                    lines += trend.buckets.map { "\($0)" }
                    lines.append("\(String(describing: trend.average)) \(String(describing: trend.changes))")
                }
            }
            let found = try await store.session { session in
                let simulation = try await session.findSimulation("latest")
                var status = try await session.status(of: simulation)
                status.id = ""
                let performance = try await session.performance(of: simulation, bucket: "1 day")
                return [
                    "\(status.averageScore ?? -1) \(status.totalCostUSD ?? -1) \(status.statuses[.error] ?? -1)",
                    performance.summary.lines.joined(), performance.buckets.lines.joined(separator: "\n"),
                    "\(try await session.simulations().map(\.passRate))",
                ]
            }
            return lines + found
        }
        for refreshed in [false, true] {
            try await Self.withWeeks(on: .native, refreshed: refreshed) { native in
                let wanted = try await figures(native)
                try await Self.withWeeks(on: .timescale, refreshed: refreshed) { timescale in
                    #expect(try await figures(timescale) == wanted)
                    try await timescale.pool.query("select compress_chunk(c) from show_chunks('outcomes') c")
                    try await timescale.pool.query("select arc_note_everything()")
                    #expect(try await figures(timescale) == wanted)
                    try await timescale.refreshAll()
                    #expect(try await figures(timescale) == wanted)
                }
            }
        }
    }
}
