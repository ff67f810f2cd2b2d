import ArcHost
import ArcKit
import ArgumentParser
import Glibc

/// `arc import [FORMAT] FILE…`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import results of an evaluation, each file as a completed simulation.",
        discussion: """
            The format is told by the file's beginning where it isn't named. A file is imported whole or not at all, \
            and only once.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions

    @Option(help: "What to call the simulation; the file's name unless said.")
    var name: String?

    @Option(help: "The configuration that was evaluated; called as the simulation is unless said.")
    var configuration: String?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("A tag for the simulation, such as the branch; may be repeated.", valueName: "tag")
    )
    var tags: [String] = []

    @Option(help: "The scale of the file's scores: 0..1 or 0..100.")
    var scale: String?

    @Option(help: ArgumentHelp("The field that numbers a scenario's runs.", valueName: "field"))
    var trialsField: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The score from which a run passes, 0 to 1.", valueName: "score"))
    var passThreshold = 0.7

    @Option(
        name: .customLong("option"),
        help: ArgumentHelp("An option of the importer's own; may be repeated.", valueName: "name=value"))
    var options: [String] = []

    @Argument(help: ArgumentHelp("The format, then the files; or the files alone.", valueName: "format|file"))
    var words: [String]

    func validate() throws {
        guard (0...1).contains(passThreshold) else {
            throw ValidationError("--pass-threshold must be between 0 and 1")
        }
        for option in options where !option.contains("=") {
            throw ValidationError("--option is written NAME=VALUE, got \(option)")
        }
        if name != nil, words.count > 2 { throw ValidationError("--name goes with one file") }
    }

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        let requests = try requests(formats: workspace.host.plugins.names(of: "importers"))
        try await workspace.run {
            for request in requests {
                let report = try await workspace.host.importFile(request) { count in
                    ProgressLine.show(request.path, unit: "outcomes", count)
                }
                ProgressLine.end()
                for tag in tags {
                    try await workspace.host.store().session { try await $0.tag(report.simulation, tag) }
                }
                Output.write(Self.sentence(report, request.path) + "\n")
                if request.configuration == nil, let configuration = report.configuration {
                    Output.note(
                        "The configuration is called \(configuration), as the simulation is: nothing else was said. "
                            + "--configuration NAME tells what was evaluated, the same for runs of the same agent."
                    )
                }
            }
        }
    }

    /// The first word is a format where more follow and it isn't a file.
    private func requests(formats: [String]) throws -> [ImportRequest] {
        var files = words
        var format: String?
        if let first = words.first, formats.contains(first) || (words.count > 1 && access(first, F_OK) != 0) {
            format = first
            files.removeFirst()
        }
        guard !files.isEmpty else {
            throw ValidationError("name the file to import: arc import \(format ?? "") FILE")
        }
        return files.map { file in
            var request = ImportRequest(path: file)
            request.format = format
            request.name = name
            request.configuration = configuration
            request.passThreshold = passThreshold
            for option in options {
                let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                request.options[String(parts[0])] = String(parts[1])
            }
            if let scale { request.options["scale"] = scale }
            if let trialsField { request.options["trials_field"] = trialsField }
            return request
        }
    }

    private static func sentence(_ report: ImportReport, _ path: String) -> String {
        guard !report.wasThere else {
            return "\(path): nothing to add, simulation \(report.simulation.label) has these results already"
        }
        return "\(path): \(Figure.count(report.outcomes, "outcome", "outcomes")), "
            + "\(Figure.count(report.scenarios, "scenario", "scenarios")) × "
            + "\(Figure.count(report.trials, "trial", "trials")) → simulation \(report.simulation.label)"
            + (report.configuration.map { " of configuration \($0)" } ?? "")
    }
}
