import ArcKit
import Postgres
import Testing

/// A question that arc answers, and what it may read for that.
struct AnalyticQuestion: Sendable, CustomTestStringConvertible {
    /// What an answer may read.
    enum Reach: Sendable {
        /// Nothing of the outcomes: roll-ups, where none has changed since, or what isn't about runs.
        case noOutcomes
        /// The rows of some simulations, found by an index.
        case simulations
        /// The days that it is about, so many at most.
        case days(Int)
        /// Everything: it is about everything.
        case all
    }

    var name: String
    var reach: Reach
    /// Whether it is about what trajectories hold.
    var readsTrajectories = false
    var ask: @Sendable (Session, AnalyticFixture) async throws -> Void

    var testDescription: String { name }

    init(
        _ name: String, _ reach: Reach, readsTrajectories: Bool = false,
        _ ask: @escaping @Sendable (Session, AnalyticFixture) async throws -> Void
    ) {
        self.name = name
        self.reach = reach
        self.readsTrajectories = readsTrajectories
        self.ask = ask
    }

    private static let day = 86_400.0
    private static let twoDays = OutcomeScope(withinSeconds: day)

    /// Every question: a new one is one line.
    static let all: [AnalyticQuestion] = [
        .init("status", .noOutcomes) { _ = try await $0.status(of: $1.b) },
        .init("list", .noOutcomes) { session, _ in _ = try await session.simulations(limit: 20) },
        .init("performance", .noOutcomes) { _ = try await $0.performance(of: $1.b) },
        // The hour in which the day began is read from the outcomes.
        .init("performance of a day", .days(1)) {
            _ = try await $0.performance(of: $1.b, withinSeconds: day)
        },
        .init("trend", .noOutcomes) { session, _ in _ = try await session.trend(TrendQuestion()) },
        .init("trend by the hour", .noOutcomes) { session, _ in _ = try await session.trend(hours) },
        .init("trend of a configuration", .noOutcomes) { _ = try await $0.trend(ofConfiguration($1)) },
        .init("daily_simulation_stats", .noOutcomes) { session, _ in
            try await session.connection.query("select * from daily_simulation_stats")
        },
        .init("outcomes", .simulations) { _ = try await $0.outcomes(of: $1.b) },
        .init("compare", .simulations) { _ = try await $0.compare($1.a, with: $1.b) },
        .init("failures", .simulations) { _ = try await $0.failures(OutcomeScope(simulation: $1.b)) },
        .init("failures of a day", .days(2)) { session, _ in _ = try await session.failures(twoDays) },
        .init("recent failures", .days(2)) { session, _ in _ = try await session.recentFailures(limit: 20) },
        .init("flaky", .simulations) { _ = try await $0.flaky(OutcomeScope(simulation: $1.b)) },
        .init("flaky of a day", .days(2)) { session, _ in _ = try await session.flaky(twoDays) },
        .init("flaky of all", .all) { session, _ in _ = try await session.flaky() },
        .init("leaderboard", .noOutcomes) { session, _ in _ = try await session.leaderboard() },
        .init("leaderboard of a day", .days(2)) { session, _ in _ = try await session.leaderboard(twoDays) },
        .init("cost", .noOutcomes) { _ = try await $0.costs(OutcomeScope(simulation: $1.b)) },
        .init("cost of a day", .days(2)) { session, _ in _ = try await session.costs(twoDays) },
        .init("coverage of a day", .days(2)) { session, _ in _ = try await session.coverage(twoDays) },
        .init("tools", .simulations, readsTrajectories: true) {
            _ = try await $0.toolUsage(OutcomeScope(simulation: $1.b))
        },
        .init("search", .simulations, readsTrajectories: true) {
            _ = try await $0.search(search(in: $1.b))
        },
        .init("similar scenarios", .noOutcomes) { session, _ in
            _ = try await session.similarScenarios(SimilarityQuestion(scenario: "s1"))
        },
        .init("clusters", .simulations) { _ = try await $0.clusterScenarios(clusters(of: $1.b)) },
    ]

    private static let hours: TrendQuestion = {
        var question = TrendQuestion()
        (question.days, question.bucket) = (1, "1 hour")
        return question
    }()

    private static func ofConfiguration(_ fixture: AnalyticFixture) -> TrendQuestion {
        var question = TrendQuestion()
        question.configuration = fixture.configuration
        return question
    }

    private static func search(in simulation: SimulationReference) -> SearchQuestion {
        var question = SearchQuestion(text: "find")
        question.simulation = simulation
        return question
    }

    private static func clusters(of simulation: SimulationReference) -> ClusterQuestion {
        var question = ClusterQuestion(.threshold(0.5))
        question.simulation = simulation
        return question
    }
}
