import ArcHost
import ArgumentParser
import Glibc

/// `arc` without a subcommand: the prompt, a line of Lua or SQL, or a script on standard input.
struct DirectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompt", abstract: "The prompt (the default), or one line of Lua or SQL.")

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
                let script = Script(workspace, name: "=stdin")
                if try await script.isSQL(text) {
                    try await SQLScript(workspace).run(text, format: output.format)
                } else {
                    try await script.run(text, format: output.format)
                }
            }
        }
    }
}
