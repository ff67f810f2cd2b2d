import ArcHost
import ArgumentParser
import FoundationEssentials

/// `arc run FILE.lua [ARG…]`, `arc run -e LUA`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a Lua script, or a line of Lua or SQL.",
        discussion: "The script finds its arguments in `arg` and in `...`. What it returns is printed. "
            + "Options of arc's own go before FILE; -- before the script's arguments makes any of them the script's."
    )

    @OptionGroup var lines: LineOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The script; - for standard input.")
    var file: String?

    @Argument(parsing: .captureForPassthrough, help: "What the script gets as its arguments.")
    var arguments: [String] = []

    /// An option of arc's own behind the script would go to the script, and arc to another database than the one meant.
    func validate() throws {
        guard let file else {
            if lines.isGiven { return }
            throw ValidationError("name the script, as in arc run FILE.lua, or give a line: arc run -e LUA")
        }
        guard !lines.isGiven else {
            throw ValidationError("give a script or -e and -c, not both; \(file) would be a script")
        }
        for argument in arguments.prefix(while: { $0 != "--" }) {
            guard let name = ArgumentOrder.shared(in: argument)?.name else { continue }
            throw ValidationError(
                "\(name) stands behind the script, so the script would get it. Put it before \(file), or write -- "
                    + "before the script's own arguments: arc run \(file) -- \(argument) …")
        }
    }

    func run() async throws {
        guard let file else {
            return try await lines.run(try Workspace(server: server, plugins: plugins), output)
        }
        let own = arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
        let source = file == "-" ? try StandardInput.text() : try Self.read(file)
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            let script = Script(workspace, name: file == "-" ? "=stdin" : "@" + file, arguments: own)
            try await script.run(source, format: output.format)
        }
    }

    private static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HostError.unreadable(path)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw HostError(.file, "\(path) is not a Lua text: it isn't valid UTF-8")
        }
        return text
    }
}
