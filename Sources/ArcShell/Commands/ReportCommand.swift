import ArcHost
import ArgumentParser

/// `arc report NAME SIMULATION`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Make a report on a simulation.",
        discussion:
            "A report is made by a plugin; `arc plugin list` shows which there are. A gate that fails ends "
            + "with exit code 3, one with too little evidence with 4; what failed and is missing, with 1.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions

    @OptionGroup var output: ReportOutput

    @Argument(help: "The report's name, such as summary.")
    var report: String

    @OptionGroup var gating: GatingOptions

    @Option(
        help: ArgumentHelp(
            "The simulation to compare with the baseline; the same as naming it.", valueName: "simulation"))
    var candidate: String?

    @Argument(
        help: "A simulation's name, id, unique prefix of an id, tag:NAME or latest; or a file of results.")
    var simulation: String?

    func validate() throws {
        if simulation != nil, candidate != nil {
            throw ValidationError("name the candidate once: by --candidate, or after the report")
        }
    }

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            let policy = try gating.readPolicy()
            let simulation = try await workspace.simulationOrFile(simulation ?? candidate ?? "latest")
            var subject = ReportSubject(
                simulation, baseline: try await gating.baseline(policy, in: workspace))
            subject.policy = policy
            let document = try await workspace.host.report(report, on: subject, keepsUnfinished: true)
            try output.write(document, environment: workspace.environment)
            if let status = Self.status(document) { throw ExitStatusError(status: status) }
        }
    }

    /// What is missing weighs most: nobody knows what its gates would have said.
    private static func status(_ document: Document) -> ExitStatus? {
        guard document.missing.isEmpty else { return .error }
        return document.verdict.flatMap(ExitStatus.init)
    }
}
