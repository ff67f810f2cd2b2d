import ArcHost
import ArcKit
import ArgumentParser

/// `arc recategorize`
struct RecategorizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recategorize",
        abstract: "Give recorded failures to the categorizers again.",
        discussion: """
            Prints what changes into what, how often, and an example of each. Categories that whoever recorded the \
            outcomes gave stay; --all replaces them too, where a categorizer knows one. What a categorizer fails at \
            stays as it is, and the exit code is 1 then.

            Examples:
              arc recategorize --since 30d --dry-run     what would change
              arc recategorize --simulation nightly
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp("Only runs that began at most this long ago, such as 30d.", valueName: "duration"))
    var since: String?

    @Option(help: ArgumentHelp("Only failures of this simulation.", valueName: "simulation"))
    var simulation: String?

    @Flag(help: "Change nothing.")
    var dryRun = false

    @Flag(help: "Replace categories that people gave, too.")
    var all = false

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            var request = RecategorizeRequest()
            request.isDry = dryRun
            request.replacesGiven = all
            if let since { try request.limit(since: since) }
            if let simulation { request.scope.simulation = try await workspace.simulation(simulation) }
            let report = try await workspace.host.recategorize(request) {
                ProgressLine.show(unit: "failures", $0)
            }
            ProgressLine.end()
            switch output.format {
            case .table, .expanded, .markdown:
                if !report.changes.isEmpty {
                    Output.write(report.frame.text(output.format, Output.tableOptions))
                }
                Output.write(report.summary + "\n")
            case .json, .jsonl, .csv:
                Output.write(report.frame.text(output.format, Output.tableOptions))
                Output.note(report.summary)
            }
            // What failed was told as it did.
            if !workspace.host.plugins.failures.isEmpty { throw ExitStatusError(status: .error) }
        }
    }
}
