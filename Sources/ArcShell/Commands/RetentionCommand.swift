import ArcHost
import ArcKit
import ArgumentParser

extension DatabaseCommand {
    /// `arc db retention …`
    struct RetentionCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retention", abstract: "How long outcomes are kept: for ever unless set.",
            discussion: """
                Whole days (UTC) are dropped once their every outcome is older. Simulations stay, with their progress and \
                what was stored when they completed; what is computed from outcomes goes with them. The setting is the \
                database's: it holds for everybody who uses it.
                """,
            subcommands: [Show.self, Set.self, Off.self], defaultSubcommand: Show.self)

        struct Show: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "How long outcomes are kept.")

            @OptionGroup var server: ServerOptions

            func run() async throws {
                try await DatabaseCommand.withStore(server) { store in
                    try await DatabaseCommand.writeRetention(store)
                }
            }
        }

        struct Set: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Keep outcomes for so long, and drop what is older.")

            @Argument(help: "Days or weeks: 365d, 52w.") var time: String
            @OptionGroup var server: ServerOptions

            func run() async throws {
                let days = try Retention.days(time)
                try await DatabaseCommand.withStore(server) { store in
                    try await store.session { try await $0.setRetention(days: days) }
                    try await DatabaseCommand.writeRetention(store)
                }
            }
        }

        struct Off: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Keep outcomes for ever.")

            @OptionGroup var server: ServerOptions

            func run() async throws {
                try await DatabaseCommand.withStore(server) { store in
                    try await store.session { try await $0.setRetention(days: nil) }
                    try await DatabaseCommand.writeRetention(store)
                }
            }
        }
    }

    /// `arc db maintain`
    struct Maintain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Drop outcomes that are older than they are kept, now.",
            discussion: "Once a day this also happens by itself when a simulation completes.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await DatabaseCommand.withStore(server) { store in
                let report = try await store.session { try await $0.maintain() }
                let dropped = DatabaseCommand.words(report.dropped)
                Output.write(
                    dropped.map { "Dropped the outcomes of \($0).\n" } ?? "Nothing was to be dropped.\n")
                if let left = DatabaseCommand.words(report.inUse) {
                    Output.note("Somebody is reading outcomes: those of \(left) stay for now.")
                }
            }
        }
    }

    fileprivate static func withStore(
        _ server: ServerOptions, _ body: @escaping @Sendable (Store) async throws -> Void
    ) async throws {
        let workspace = try Workspace(server: server)
        try await workspace.run { try await body(try await workspace.access.open()) }
    }

    fileprivate static func writeRetention(_ store: Store) async throws {
        let (days, expired) = try await store.session { session in
            (try await session.retentionDays(), try await session.expiredDays())
        }
        Output.write("Outcomes are kept \(retention(days)).\n")
        guard let older = words(expired) else { return }
        Output.write(
            "Those of \(older) are older: they go when a simulation completes, or now by `arc db maintain`.\n"
        )
    }

    /// "for 365 days", "for ever".
    static func retention(_ days: Int?) -> String {
        days.map { "for \($0) \($0 == 1 ? "day" : "days")" } ?? "for ever"
    }

    /// "2024-01-01", or "12 days, 2024-01-01 to 2024-03-05"; nil for none.
    private static func words(_ days: [String]) -> String? {
        guard let first = days.first, let last = days.last else { return nil }
        return days.count == 1 ? first : "\(days.count) days, \(first) to \(last)"
    }
}
