import ArcKit
import Measuring
import Postgres

/// A question that arc answers, and plain SQL that answers it too.
struct Question: Sendable {
    /// What is asked.
    var name: String
    /// What plain SQL is: the guide's, or the plainest.
    var plainName: String
    /// At most so much of plain SQL's time may the answer take; nil where nothing is demanded.
    var most: Double?
    /// Whether roll-ups answer, so that ten times the outcomes may not take much longer.
    var isRolledUp: Bool
    /// Makes both sides ready.
    var make: @Sendable (AnalyticsData) async throws -> (plain: Work, arc: Work)

    typealias Work = @Sendable () async throws -> Void

    init(
        _ name: String, plain: String, most: Double? = nil, isRolledUp: Bool = false,
        _ make: @escaping @Sendable (AnalyticsData) async throws -> (plain: Work, arc: Work)
    ) {
        self.name = name
        plainName = plain
        self.most = most
        self.isRolledUp = isRolledUp
        self.make = make
    }

    /// All of them.
    static let all = RolledUpQuestions.all + OutcomeQuestions.all + SimilarityQuestions.all

    /// The same question while the latest runs haven't been added to the roll-ups. What is in none is read from the outcomes: how
    /// much that is depends on the hour of the day, so nothing is demanded of it (decision 22).
    var withTail: Question {
        var question = self
        question.name += ", with a tail"
        question.most = nil
        question.isRolledUp = false
        return question
    }

    /// How long all rounds of a question may take, about.
    private static let patience = Duration.seconds(120)

    /// Asks both sides in turns; fewer times where one answer takes seconds.
    func measure(_ data: AnalyticsData, _ counter: RowCounter, rounds: Int) async throws
        -> AnalyticsReport.Answer
    {
        let (plain, arc) = try await make(data)
        try await plain()
        try await arc()
        let clock = ContinuousClock()
        let start = clock.now
        let plainRows = try await counter.rows(plain)
        let arcRows = try await counter.rows(arc)
        let once = clock.now - start
        let affordable = max(3, Int(Self.patience / once))
        let contest = Contest(
            unit: "answer", units: 1, repeats: once < .milliseconds(20) ? 5 : 1,
            baseline: .init(name: plainName, work: plain), subject: .init(name: "arc", work: arc),
            mostRounds: affordable)
        let measurement = try await contest.measure(name, rounds: rounds)
        return AnalyticsReport.Answer(
            measurement: measurement, alone: isRolledUp ? try await Self.alone(arc, rounds) : nil,
            rows: arcRows, plainRows: plainRows, most: most, isRolledUp: isRolledUp)
    }

    /// The nanoseconds of answers one after another. In turns with plain SQL each finds the processor's caches full of what plain SQL
    /// has read, the more the larger the database is: of an answer that takes a fraction of a millisecond that says more about
    /// plain SQL than about itself.
    private static func alone(_ arc: () async throws -> Void, _ rounds: Int) async throws -> Spread {
        let clock = ContinuousClock()
        for _ in 0..<5 { try await arc() }
        var times: [Double] = []
        for _ in 0..<max(20, rounds) {
            let start = clock.now
            try await arc()
            times.append((clock.now - start) / .nanoseconds(1))
        }
        return Spread(times)
    }
}

/// What the questions are about.
struct AnalyticsData: Sendable {
    let store: Store
    /// The simulations that are running.
    let running: [SimulationReference]
    /// The last two completed simulations of one agent, older first.
    let pair: (a: SimulationReference, b: SimulationReference)
    /// The name of the agent's configuration.
    let configuration: String
    /// A scenario of theirs.
    let scenario: String

    init(_ store: Store) async throws {
        self.store = store
        let rows = try await store.pool.query(
            """
            select s.simulation_id::text as id, s.status, c.name
            from simulations s join config_versions v on v.version_id = s.config_version_id
            join configurations c using (config_id)
            order by s.created_at desc, s.simulation_id
            """)
        let found = try rows.map {
            (
                id: try $0.get("id", as: String.self), status: try $0.get("status", as: String.self),
                name: try $0.get("name", as: String.self)
            )
        }
        guard let latest = found.first(where: { $0.status == "completed" }) else {
            throw WrongResult("no simulation is completed")
        }
        let agent = found.filter { $0.status == "completed" && $0.name == latest.name }.map(\.id)
        guard agent.count > 1 else { throw WrongResult("\(latest.name) has one completed simulation only") }
        let ids = found.filter { $0.status == "running" }.map(\.id)
        (running, pair) = try await store.session(.read) { session in
            var running: [SimulationReference] = []
            for id in ids { running.append(try await session.findSimulation(id)) }
            return (
                running,
                (a: try await session.findSimulation(agent[1]), b: try await session.findSimulation(agent[0]))
            )
        }
        configuration = latest.name
        scenario = try await store.pool.query(
            "select scenario_id from simulation_sets where simulation_id = $1 order by 1 limit 1",
            [.text(agent[0])]
        ).single().get("scenario_id", as: String.self)
    }

    /// Asks by a session, as everybody does.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Session) async throws -> Answer
    ) -> Question.Work {
        { [store] in _ = try await store.read { try await question($0) } }
    }

    /// Asks by SQL.
    func sql(_ text: String, _ parameters: [Value] = []) -> Question.Work {
        ask { try await $0.connection.query(text, parameters) }
    }
}
