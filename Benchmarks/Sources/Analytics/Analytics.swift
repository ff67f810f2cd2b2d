import ArcKit
import Foundation
import Measuring

/// Measures what arc answers of a database full of outcomes against plain SQL for the same questions, in one run.
///
///     swift run -c release --package-path Benchmarks Analytics [--size small|large] [--simulations N] [--trials N]
///         [--rounds N] [--only TEXT] [--json FILE] [--smaller FILE]
///
/// On a throw-away server of its own, or on that of ARC_BENCH_DATABASE_URL, in a database that it makes and drops.
@main
struct Analytics {
    static func main() async {
        do {
            try await measure(AnalyticsOptions(CommandLine.arguments.dropFirst()))
        } catch {
            say("\(error)")
            exit(error is AnalyticsOptions.Wrong ? 64 : 1)
        }
    }

    private static func measure(_ options: AnalyticsOptions) async throws {
        guard Question.all.contains(where: options.asks) else {
            throw AnalyticsOptions.Wrong(
                "no question has \(options.only) in its name: \(Question.all.map(\.name).joined(separator: "; "))"
            )
        }
        let database = try await AnalyticsDatabase(
            url: ProcessInfo.processInfo.environment["ARC_BENCH_DATABASE_URL"])
        do {
            try await measure(database, options)
            await database.drop()
        } catch {
            await database.drop()
            throw error
        }
    }

    private static func measure(_ database: AnalyticsDatabase, _ options: AnalyticsOptions) async throws {
        let facts = try await database.fill(options)
        let store = try database.store(connections: 1)
        let data = try await AnalyticsData(store)
        let counter = RowCounter(store)
        var report = AnalyticsReport(facts: facts)
        var failures: [String] = []
        func measure(_ questions: [Question]) async throws {
            for question in questions where options.asks(question) {
                do {
                    let answer = try await question.measure(data, counter, rounds: options.rounds)
                    report.answers.append(answer)
                    say(MeasurementTable.aligned([AnalyticsReport.row(answer, tier: facts.tier)]))
                    if let file = options.json { try report.write(to: file) }
                } catch {
                    failures.append("\(question.name): \(error)")
                }
            }
        }
        try await measure(RolledUpQuestions.all.map(\.withTail))
        try await store.session { session in _ = try await session.refreshRollups() }
        try await measure(Question.all)
        await store.close()
        if let file = options.smaller, let smaller = try AnalyticsReport(file) {
            report.compare(with: smaller)
        }
        print(report.text)
        if let file = options.json { try report.write(to: file) }
        guard failures.isEmpty else { throw WrongResult(failures.joined(separator: "\n")) }
    }

    /// Tells on standard error what is done now.
    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
