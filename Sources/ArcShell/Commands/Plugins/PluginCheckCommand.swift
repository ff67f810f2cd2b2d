import ArcHost
import ArgumentParser

/// `arc plugin check [PLUGIN…]`
struct PluginCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a plugin: its manifest, its code, and what it returns.",
        discussion: """
            Metrics are run on made-up outcomes, again, and with the rows in another order: they must give the same. Where \
            luacheck is installed its rules are checked as well.

            Exit codes: 0 nothing is wrong; 1 something is.

            Examples:
              arc plugin check
              arc plugin check plugins/quality
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Argument(
        help: ArgumentHelp("Plugins, by name or folder; those in plugins/ unless said.", valueName: "plugin"))
    var names: [String] = []

    func run() async throws {
        let (workspace, manifests) = try PluginChoice(names: names).open(server, plugins)
        let format = output.format
        try await workspace.run {
            var all: [(plugin: String, finding: PluginFinding)] = []
            for manifest in manifests {
                var findings = try await PluginCheck(manifest, on: workspace.host).run()
                findings.append(try await Luacheck(environment: workspace.environment).check(manifest))
                if format == .table { Output.write(Self.text(manifest.name, findings)) }
                all += findings.map { (manifest.name, $0) }
            }
            if format != .table { Output.write(Self.table(all).text(format, Output.tableOptions)) }
            if all.contains(where: { $0.finding.verdict == .fail }) { throw ExitStatusError(status: .error) }
        }
    }

    /// A line for each finding, below it what to do.
    private static func text(_ plugin: String, _ findings: [PluginFinding]) -> String {
        var out = "\(plugin)\n"
        for finding in findings {
            let verdict = finding.verdict.rawValue + (finding.verdict == .ok ? "  " : "")
            out += "  \(verdict)  \(finding.subject): \(indented(finding.finding))\n"
            if let advice = finding.advice { out += "        → \(indented(advice))\n" }
        }
        return out
    }

    private static func indented(_ text: String) -> String {
        VisibleText.lines(text).split(separator: "\n").joined(separator: "\n          ")
    }

    private static func table(_ findings: [(plugin: String, finding: PluginFinding)]) -> Table {
        Table(
            columns: ["plugin", "subject", "verdict", "finding", "advice"].map { Table.Column($0) },
            rows: findings.map { plugin, finding in
                [
                    .text(plugin), .text(finding.subject), .text(finding.verdict.rawValue),
                    .text(finding.finding), finding.advice.map { .text($0) } ?? .null,
                ]
            })
    }
}
