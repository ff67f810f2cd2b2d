import ArcHost
import ArgumentParser
import Glibc

/// The `arc` command.
@main
struct Arc: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "arc",
        abstract: "Explore, compare and gate evaluations of AI agents, in Lua and SQL.",
        discussion: """
            Without a subcommand arc is a prompt for Lua and SQL. -e and -c run one line and print what it gives.

            Exit codes: 0 fine; 1 an error in the script, SQL or report; 2 the database can't be reached; \
            3 a gate failed; 4 a gate had too little evidence; 64 wrong usage; 130 interrupted.
            """,
        version: version,
        subcommands: [
            RunCommand.self, ImportCommand.self, ListCommand.self, ShowCommand.self, ReportCommand.self,
            PluginCommand.self, DatabaseCommand.self, ServerCommand.self, DocsCommand.self,
        ])

    @Option(name: .customShort("e"), help: ArgumentHelp("Run a piece of Lua.", valueName: "lua"))
    var lua: String?

    @Option(name: .customShort("c"), help: ArgumentHelp("Run SQL.", valueName: "sql"))
    var sql: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if lua != nil, sql != nil { throw ValidationError("give -e or -c, not both") }
    }

    func run() async throws {
        let workspace = try Workspace(server: server, grants: plugins.grants)
        if let lua {
            try await workspace.run {
                try await Script(workspace, name: "=(command line)").evaluate(lua, format: output.format)
            }
        } else if let sql {
            try await workspace.run { try await SQLScript(workspace).run(sql, format: output.format) }
        } else if isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
            try await Prompt(workspace, format: output.format).run()
        } else {
            // Without a terminal, standard input is a script.
            let text = try StandardInput.text()
            try await workspace.run {
                try await Script(workspace, name: "=stdin").run(text, format: output.format)
            }
        }
    }

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Output.flush()
        } catch {
            Failure(error).exit()
        }
    }
}
