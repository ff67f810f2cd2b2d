import ArcHost
import ArcKit
import ArgumentParser

/// `arc show SIMULATION`
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a simulation: its progress and its metrics.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var plugins: PluginOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A name, an id, a unique prefix of an id, or latest.")
    var simulation: String

    func run() async throws {
        let workspace = try Workspace(server: server, plugins: plugins)
        try await workspace.run {
            let found = try await workspace.simulation(simulation)
            let overview = try await workspace.host.overview(of: found)
            Output.write(try overview.text(output.format, Output.tableOptions))
            // What is missing was told as it failed.
            if !overview.failures.isEmpty { throw ExitStatusError(status: .error) }
        }
    }
}
