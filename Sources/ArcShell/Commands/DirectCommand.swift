import ArcHost
import ArgumentParser
import Glibc

/// `arc` without a subcommand: the prompt, a line of Lua or SQL, or a script on standard input.
struct DirectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompt", abstract: "The prompt (the default), or one line of Lua or SQL.")

    @OptionGroup var lines: LineOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        if lines.isGiven {
            try await lines.run(workspace, output)
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
