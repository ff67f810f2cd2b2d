import ArcHost
import ArcKit
import ArgumentParser

extension DatabaseCommand {
    /// `arc db refresh`
    struct Refresh: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the roll-ups by hour and day up to date, now.",
            discussion: """
                Answers are right without it; where much has changed they take longer. It also happens by itself when \
                outcomes are recorded and when a simulation completes. Nobody waits for it.
                """)

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let workspace = try Workspace(server: server)
            try await workspace.run {
                let store = try await workspace.access.open()
                let before = try await store.session { try await $0.rollupState() }
                if before.waiting > 0 {
                    let done = try await store.session { try await $0.refreshRollups() }
                    guard done != nil else {
                        Output.note("Somebody else is refreshing the roll-ups just now.")
                        return
                    }
                }
                let after = try await store.session { try await $0.rollupState() }
                Output.write("The roll-ups are \(DatabaseCommand.words(after)).\n")
            }
        }
    }

    /// "up to date", "behind in 12 hours of 3 simulations, last refreshed 2024-01-01 …".
    static func words(_ state: RollupState) -> String {
        let when = state.refreshedAt.map { ", last refreshed \($0)" } ?? ""
        guard state.waiting > 0 else { return "up to date" + when }
        let places = Figure.count(state.waiting, "time", "times")
        return "behind in \(places) of \(Figure.count(state.simulations, "simulation", "simulations"))\(when)"
    }
}
