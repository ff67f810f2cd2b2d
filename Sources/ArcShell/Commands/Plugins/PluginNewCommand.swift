public import ArcHost
public import ArgumentParser
import FoundationEssentials

extension PluginScaffold.Kind: ExpressibleByArgument {}

/// `arc plugin new NAME --kind metric`
struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a plugin that works, to be changed.",
        discussion: """
            It gets a manifest, code, a test, and what editors and luacheck need; it passes `arc plugin check` and \
            `arc plugin test` as it is.

            Example:
              arc plugin new slow-runs --kind metric
            """)

    @Option(help: "What it provides: metric, categorizer, report or importer.")
    var kind: PluginScaffold.Kind = .metric

    @Option(
        help: ArgumentHelp(
            "Where its folder is made; plugins of this folder unless said.", valueName: "folder"))
    var folder = "plugins"

    @Argument(help: "Its name: lower-case letters, digits and -.")
    var name: String

    func run() throws {
        let scaffold = try PluginScaffold(name: name, kind: kind)
        let path = "\(folder)/\(name)"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw HostError(.file, "\(path) is there already", advice: "Take another name, or remove it.")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw HostError(.file, "\(path) cannot be made", advice: "Check the path and its permissions.")
        }
        for file in scaffold.files {
            try AtomicFile.write(file.text, to: "\(path)/\(file.path)")
            Output.note("wrote \(path)/\(file.path)")
        }
        // While one writes a plugin its files change, and with them what a grant for good was for.
        let grant = scaffold.kind == .report ? " --grant \(name)" : ""
        Output.note("Next: arc plugin check \(path), and arc plugin test \(path)\(grant)")
    }
}
