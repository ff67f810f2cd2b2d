import ArcHost
import ArcKit
import ArgumentParser

/// `arc compare A B`
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare two simulations, paired by scenario.",
        discussion: """
            Differences are B − A. The whole comparison is printed for people, or by --format json as one object \
            (docs/compare.md). --by-metric, --by-tag, --by-scenario and --flips print that table alone, in any format; \
            csv and jsonl, which hold one table, hold the metrics unless one of these is given.
            """)

    /// Which table to print alone.
    enum Part: String, EnumerableFlag {
        case byMetric, byTag, byScenario, flips

        static func help(for part: Part) -> ArgumentHelp? {
            switch part {
            case .byMetric: "Print the metrics alone."
            case .byTag: "Print the tags alone."
            case .byScenario: "Print every scenario, the one that changed most for the worse first."
            case .flips: "Print the scenarios that pass more often or more seldom."
            }
        }

        var part: Comparison.Part {
            switch self {
            case .byMetric: .byMetric
            case .byTag: .byTag
            case .byScenario: .byScenario
            case .flips: .flips
            }
        }
    }

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "What to compare: score, pass_rate, latency_ms, tokens, cost_usd, pass_hat_2, pass_at_2, …, a recorded number, or a plugin's metric.",
            valueName: "name"))
    var metric = ComparisonOptions().metric

    @Option(parsing: .unconditional, help: ArgumentHelp("The level of every interval.", valueName: "level"))
    var confidence = ComparisonOptions().confidence

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What decides the permutation test's draws.", valueName: "n"))
    var seed = ComparisonOptions().seed

    @Option(parsing: .unconditional, help: ArgumentHelp("How many draws it makes.", valueName: "n"))
    var resamples = ComparisonOptions().resamples

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The change for the worse that is put up with, in the metric's unit; 0.05 for scores and rates.",
            valueName: "change"))
    var tolerance: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The score from which a run passes; each simulation's own unless said.", valueName: "score"))
    var passThreshold: Double?

    @Option(
        name: .customLong("critical"),
        help: ArgumentHelp(
            "A scenario that must not go from always passing to never, as those tagged critical; may be repeated.",
            valueName: "scenario"))
    var critical: [String] = []

    @Flag(inversion: .prefixedNo, help: "Whether more of the metric is better.")
    var moreIsBetter: Bool?

    @Flag(exclusivity: .exclusive)
    var part: Part?

    @Flag(help: "End with exit code 3 where B regressed, and with 4 where nobody can tell.")
    var gate = false

    @Argument(help: "The baseline: a name, an id, a unique prefix of an id, or latest.")
    var a: String

    @Argument(help: "The candidate.")
    var b: String

    func validate() throws {
        guard seed <= UInt64(Int64.max) else {
            throw ValidationError("--seed must be less than 2^63, got \(seed)")
        }
        // Its messages begin with the option's name.
        do { try options.validate() } catch {
            let name = error.message.prefix { $0 != " " }
            throw ValidationError(
                "--\(name.replacing("_", with: "-"))\(error.message.dropFirst(name.count))")
        }
    }

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            let baseline = try await workspace.simulation(a)
            let candidate = try await workspace.simulation(b)
            let options = options
            let comparison = try await workspace.host.store().read {
                try await $0.compare(baseline, with: candidate, options, metrics: workspace.host.metrics)
            }
            Output.write(try text(comparison))
            if gate, let status = Self.status(comparison) { throw ExitStatusError(status: status) }
        }
    }

    private var options: ComparisonOptions {
        var options = ComparisonOptions()
        options.metric = metric
        options.confidence = confidence
        options.seed = seed
        options.resamples = resamples
        options.tolerance = tolerance.map(Tolerance.absolute)
        options.passThreshold = passThreshold
        options.moreIsBetter = moreIsBetter
        options.critical = Set(critical)
        return options
    }

    private func text(_ comparison: Comparison) throws -> String {
        // What people open in a spreadsheet begins no formula.
        let (format, options) = (output.format, Output.tableOptions.guarded)
        guard let part = part?.part else { return try comparison.printed(format, options) }
        switch format {
        case .json, .jsonl, .csv: return comparison.frame(part).text(format, options)
        case .table, .expanded, .markdown: return comparison.text(part, format, options)
        }
    }

    private static func status(_ comparison: Comparison) -> ExitStatus? {
        switch comparison.verdict.answer {
        case .regressed: .gateFailed
        case .tooLittleEvidence: .tooLittleEvidence
        case .noRegression: nil
        }
    }
}
