import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials

/// The `arc` command.
@main
struct Arc: AsyncParsableCommand {
    static let version = Version.current

    static let configuration = CommandConfiguration(
        commandName: "arc",
        abstract: "Explore, compare and gate evaluations of AI agents, in Lua and SQL.",
        usage: """
            arc                     the prompt
            arc -e LUA | -c SQL     one line of Lua or SQL
            arc SUBCOMMAND …        see below
            """,
        discussion: """
            Without a subcommand arc is a prompt for Lua and SQL. -e and -c run one line and print what it gives.

            Exit codes: 0 fine; 1 an error in the script, SQL or report; 2 the database can't be reached; \
            3 a gate failed; 4 a gate had too little evidence; 64 wrong usage; 130 interrupted.
            """,
        version: version,
        subcommands: [
            RunCommand.self, ImportCommand.self, ListCommand.self, ShowCommand.self, CompareCommand.self,
            GateCommand.self, TagCommand.self,
            ReportCommand.self, RecategorizeCommand.self,
            PluginCommand.self, DatabaseCommand.self, ServerCommand.self, SpoolCommand.self,
            EmbedCommand.self, DoctorCommand.self,
            DocsCommand.self, DirectCommand.self,
        ], defaultSubcommand: DirectCommand.self)

    /// A word that is no subcommand would else be taken for an argument of the prompt's.
    private static func refuseUnknownSubcommand(_ word: String?) throws {
        guard let word, !word.hasPrefix("-"), word != "help" else { return }
        let names = configuration.subcommands.map { $0._commandName }
        guard !names.contains(word) else { return }
        let near = NearestName.of(word, among: names).map { "; did you mean \($0)?" } ?? "."
        throw ValidationError(
            "there is no subcommand \(word)\(near) Subcommands are \(names.joined(separator: ", ")).")
    }

    static func main() async {
        ProcessTitle.hidePasswords()
        Logs.start(environment: ProcessInfo.processInfo.environment)
        do {
            let words = ArgumentOrder(Arc.self).reordered(Array(CommandLine.arguments.dropFirst()))
            try refuseUnknownSubcommand(words.first)
            var command = try parseAsRoot(words)
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
