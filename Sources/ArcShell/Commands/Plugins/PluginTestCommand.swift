import ArcHost
import ArgumentParser
import Postgres

/// `arc plugin test [PLUGIN…]`
struct PluginTestCommand: AsyncParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case terminal, tap, junit
    }

    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run a plugin's test.lua.",
        discussion: """
            Tests run in a sandbox with the plugin's limits and grants; its parts run in the plugin's own. Where a test makes \
            a simulation, arc starts a server that is thrown away, unless --url or --profile names one.

            Exit codes: 0 all passed; 1 one failed, or couldn't be run.

            Examples:
              arc plugin test                     every plugin in plugins/
              arc plugin test quality --update    write its golden documents anew
              arc plugin test quality --format junit > junit.xml
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Write golden documents anew, instead of comparing with them.")
    var update = false

    @Option(help: ArgumentHelp("Only tests whose name has this in it.", valueName: "text"))
    var only: String?

    @Option(help: "How to print: terminal, tap or junit.")
    var format: Format = .terminal

    @Argument(
        help: ArgumentHelp("Plugins, by name or folder; those in plugins/ unless said.", valueName: "plugin"))
    var names: [String] = []

    func run() async throws {
        var server = server
        if server.url == nil, server.profile == nil { server.ephemeral = true }
        let (workspace, manifests) = try PluginChoice(names: names).open(server, plugins)
        var options = PluginTestOptions()
        options.updates = update
        options.filter = only
        let format = format
        try await workspace.run { [options] in
            var reports: [PluginTestReport] = []
            for manifest in manifests {
                let report = try await workspace.host.test(manifest, options)
                if format == .terminal { Output.write(report.text) }
                for path in report.written { Output.note("wrote \(path)") }
                reports.append(report)
            }
            switch format {
            case .terminal: break
            case .tap: Output.write(PluginTestReport.tap(reports))
            case .junit: Output.write(PluginTestReport.junit(reports))
            }
            if reports.contains(where: { $0.failures > 0 }) { throw ExitStatusError(status: .error) }
        }
    }
}
