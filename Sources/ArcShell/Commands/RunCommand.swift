import ArcHost
import ArgumentParser
import FoundationEssentials

/// `arc run FILE.lua [ARG…]`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a Lua script.",
        discussion: "The script finds its arguments in `arg` and in `...`. What it returns is printed.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The script; - for standard input.")
    var file: String

    @Argument(parsing: .captureForPassthrough, help: "What the script gets as its arguments.")
    var arguments: [String] = []

    func run() async throws {
        let source = file == "-" ? try StandardInput.text() : try Self.read(file)
        let workspace = try Workspace(server: server, grants: plugins.grants)
        try await workspace.run {
            let script = Script(workspace, name: file == "-" ? "=stdin" : "@" + file, arguments: arguments)
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
