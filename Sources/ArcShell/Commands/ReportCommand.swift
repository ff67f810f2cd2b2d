import ArcHost
import ArgumentParser
import FoundationEssentials

/// The formats of a report.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case terminal, json, markdown

    /// The end of a file's name.
    var fileExtension: String {
        switch self {
        case .terminal: "txt"
        case .json: "json"
        case .markdown: "md"
        }
    }

    func text(_ document: Document, _ options: TableOptions) -> String {
        switch self {
        case .terminal: document.terminal(options)
        case .json: document.jsonText
        case .markdown: document.markdown
        }
    }
}

/// `arc report NAME SIMULATION`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Make a report on a simulation.",
        discussion:
            "A report is made by a plugin; `arc plugin list` shows which there are. A gate that fails ends "
            + "with exit code 3, one with too little evidence with 4.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions

    @Option(name: .customLong("format"), help: "terminal, json or markdown; may be repeated with --output.")
    var formats: [ReportFormat] = []

    @Option(help: ArgumentHelp("Write a file for each format into this folder.", valueName: "folder"))
    var output: String?

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
        if formats.count > 1, output == nil {
            throw ValidationError("several formats need a folder for their files: --output FOLDER")
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
            let document = try await workspace.host.report(report, on: subject)
            if let output {
                try write(document, to: output)
            } else {
                Output.write((formats.first ?? .terminal).text(document, Output.tableOptions))
            }
            // What is missing was told as it failed; a report without it proves nothing.
            if !workspace.host.plugins.failures.isEmpty { throw ExitStatusError(status: .error) }
            if let status = Self.status(document) { throw ExitStatusError(status: status) }
        }
    }

    private func write(_ document: Document, to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw HostError(
                .file, "\(folder) cannot be made", advice: "Check the path and its permissions.")
        }
        for format in formats.isEmpty ? ReportFormat.allCases : formats {
            let path = "\(folder)/\(report).\(format.fileExtension)"
            try AtomicFile.write(format.text(document, TableOptions()), to: path)
            Output.note("wrote \(path)")
        }
    }

    /// A gate that failed weighs more than one that can't tell.
    private static func status(_ document: Document) -> ExitStatus? {
        let verdicts = document.gates.map(\.verdict)
        if verdicts.contains(.fail) { return .gateFailed }
        return verdicts.contains(.tooLittleEvidence) ? .tooLittleEvidence : nil
    }
}
