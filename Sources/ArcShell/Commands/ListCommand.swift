import ArcHost
import ArcKit
import ArgumentParser
import Postgres

/// `arc list`
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List simulations, newest first.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Which columns, in order: name, id, configuration, version, state, runs, pass_rate, cost, created_at, age, and metrics of plugins, or metrics.NAME for the mean of a recorded number. For a metric each simulation's outcomes are read.",
            valueName: "name,…"))
    var columns: ListColumns?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more, got \(limit)") }
    }

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            try columns?.check(metrics: workspace.host.metricNames)
            let simulations = try await workspace.host.store().read {
                try await $0.simulations(limit: limit)
            }
            if let columns, !simulations.isEmpty {
                return try await show(simulations, columns, workspace.host)
            }
            switch output.format {
            case .table where simulations.isEmpty:
                Output.note("There is no simulation yet: import results with `arc import FILE`.")
            case .table, .expanded, .markdown:
                Output.write(Self.table(simulations).text(output.format, Output.tableOptions))
            case .json, .jsonl, .csv:
                Output.write(Frame(simulations).text(output.format, Output.tableOptions))
            }
        }
    }

    /// The columns that were asked for. A metric that fails leaves its column empty, is told, and ends with 1.
    private func show(
        _ simulations: [SimulationSummary], _ columns: ListColumns, _ host: Host
    ) async throws {
        let references = simulations.map { SimulationReference(id: $0.id, name: $0.name) }
        let figures = try await host.metricRows(columns.metrics, of: references)
        switch output.format {
        case .table, .expanded, .markdown:
            Output.write(columns.table(simulations, figures).text(output.format, Output.tableOptions))
        case .json, .jsonl, .csv:
            Output.write(columns.frame(simulations, figures).text(output.format, Output.tableOptions))
        }
        if !host.plugins.failures.isEmpty { throw ExitStatusError(status: .error) }
    }

    /// The list for people; for programs the frame has every digit.
    private static func table(_ simulations: [SimulationSummary]) -> Table {
        let now = Timestamp.now
        return Table(
            columns: [
                Table.Column("name"), Table.Column("id"), Table.Column("state"), Table.Column("runs", .right),
                Table.Column("pass rate (95 %)", .right), Table.Column("cost", .right),
                Table.Column("age", .right),
            ],
            rows: simulations.map { simulation in
                [
                    simulation.name.map { .text($0) } ?? .null, .text(String(simulation.id.prefix(13))),
                    .text(simulation.state.rawValue), .text(runs(simulation)), rate(simulation.passRate),
                    simulation.costUSD.map { .text(Figure.dollars($0)) } ?? .null,
                    .text(
                        Figure.age(
                            seconds: Double(now.microseconds - simulation.createdAt.microseconds) / 1e6)),
                ]
            })
    }

    static func runs(_ simulation: SimulationSummary) -> String {
        let done = Figure.count(simulation.completedRuns)
        return simulation.completedRuns == simulation.totalRuns
            ? done : "\(done) of \(Figure.count(simulation.totalRuns))"
    }

    static func rate(_ rate: Estimate) -> Cell {
        guard let value = rate.value else { return .null }
        guard let interval = rate.interval else { return .text(Figure.percent(value)) }
        func digits(_ share: Double) -> String { Figure.fixed(share * 100, decimals: 1) }
        let isAround = ((interval.high - value) - (value - interval.low)).magnitude < 0.0005
        return .text(
            isAround
                ? "\(Figure.percent(value)) ± \(digits((interval.high - interval.low) / 2))"
                : "\(Figure.percent(value)) (\(digits(interval.low))–\(digits(interval.high)))")
    }
}
