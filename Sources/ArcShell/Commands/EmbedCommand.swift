import ArcHost
import ArcKit
import ArgumentParser

/// `arc embed`
struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Give embeddings to scenarios that lack one, by a program of your own.",
        discussion: """
            Embeddings say which scenarios resemble one another (arc.similar_scenarios, arc.cluster_scenarios). \
            $XDG_CONFIG_HOME/arc/config.yaml names the program that makes them:

              embed:
                command: [python3, /home/me/embed.py]   # or one text, which a shell runs
                timeout: 600                            # seconds for a thousand texts; 600 unless said

            It reads prompts, a JSON string a line, and prints a JSON list of at most 1536 numbers a line, as many in \
            each.

            Examples:
              arc embed                  every scenario that lacks one and whose prompt is known
              arc embed --replace        all of them, by another model say
            """)

    @OptionGroup var server: ServerOptions

    @Flag(help: "Make all embeddings anew; those that are there go once the first new ones are made.")
    var replace = false

    func run() async throws {
        let workspace = try Workspace(server: server)
        let replacing = replace
        try await workspace.run {
            let report = try await workspace.host.embedScenarios(replacing: replacing)
            ProgressLine.end()
            Output.write("\(Figure.count(report.embedded, "scenario", "scenarios")) embedded\n")
            if report.withoutPrompt > 0 {
                Output.note(
                    "\(Figure.count(report.withoutPrompt, "scenario has", "scenarios have")) none: no prompt of theirs is known."
                )
            }
        }
    }
}
