import ArcHost
import ArgumentParser

/// `arc plugin list`
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "See the plugins that arc finds.", subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the plugins and what they provide.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var plugins: PluginOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalogue = try Workspace(server: server, plugins: plugins).host.plugins.catalogue
            let short = output.format == .table
            let rows =
                catalogue.plugins.map { $0.row(note: nil, short: short) }
                + catalogue.shadowed.map { $0.row(note: "another of this name comes first", short: short) }
            let columns = ["name", "version", "from", "provides", "asks for", "folder", "note"].map {
                Table.Column($0)
            }
            Output.write(Table(columns: columns, rows: rows).text(output.format, Output.tableOptions))
            for problem in catalogue.problems { Output.note("\(problem)") }
            if !catalogue.problems.isEmpty { throw ExitStatusError(status: .error) }
        }
    }
}

extension PluginManifest {
    fileprivate func row(note: String?, short: Bool) -> [Cell] {
        [
            .text(name), .text(version), .text(origin.rawValue),
            .text(short ? providedInShort : provided.joined(separator: ", ")),
            .text(asked.joined(separator: ", ")), .text(folder), note.map { .text($0) } ?? .null,
        ]
    }
}
