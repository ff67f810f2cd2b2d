import ArcHost
import ArcKit
import ArgumentParser
import FoundationEssentials
import Postgres

/// `arc spool …`
struct SpoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "See and record outcomes that wait because their database was away.",
        discussion: """
            Outcomes that can't be recorded for want of a database are kept in files under \
            $XDG_STATE_HOME/arc/spool. The next arc that connects to that database records them; so does \
            `arc spool flush`, at once.

            Examples:
              arc spool                            what waits, of all databases
              arc spool flush                      record what waits for the database that arc would choose
              arc spool flush --profile production
              arc spool flush --rejected           try what was refused once more
            """,
        subcommands: [Status.self, Flush.self], defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What waits and what was set aside, of all databases.",
            discussion: """
                No database is asked. The state of a line is `waiting`, `held` (it waits, too: the database took \
                others, but not this, for the reason that is said), `rejected` (the database refused it; the reason \
                is said), `torn` (a crash tore it, or something damaged it) or `newer` (a newer arc wrote it).

                Examples:
                  arc spool status
                  arc spool status --format json
                """)

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folders = Folders(environment: ProcessInfo.processInfo.environment)
            var statuses: [SpoolStatus] = []
            for spool in try SpoolFolders(folders).all() {
                let status = try await spool.status()
                if !status.isEmpty { statuses.append(status) }
            }
            if statuses.isEmpty, output.format == .table {
                Output.note("Nothing waits.")
                return
            }
            let isData = ![.table, .expanded, .markdown].contains(output.format)
            let rows = statuses.flatMap { isData ? Self.data($0) : Self.rows($0) }
            Output.write(
                Table(columns: Self.columns(isData: isData), rows: rows).text(
                    output.format, Output.tableOptions))
            let problems = statuses.flatMap(\.problems)
            problems.forEach(Output.note)
            if !problems.isEmpty { throw ExitStatusError(status: .error) }
        }

        private static func columns(isData: Bool) -> [Table.Column] {
            guard isData else {
                return [
                    Table.Column("database"), Table.Column("simulation"), Table.Column("outcomes", .right),
                    Table.Column("bytes", .right), Table.Column("oldest", .right), Table.Column("state"),
                ]
            }
            return [
                "database_id", "database", "folder", "simulation_id", "simulation", "outcomes", "bytes",
                "oldest", "state", "reason",
            ].map { Table.Column($0) }
        }

        private static func rows(_ status: SpoolStatus) -> [[Cell]] {
            let database = Cell.text(status.about ?? status.databaseID)
            let now = Timestamp.now
            var rows: [[Cell]] = status.simulations.map { simulation in
                [
                    database, .text(simulation.name ?? String(simulation.id.prefix(13))),
                    .text(Figure.count(simulation.outcomes)), .text(Figure.bytes(simulation.bytes)),
                    simulation.oldest.map { .text(Figure.age(seconds: now.seconds(since: $0))) } ?? .null,
                    .text("waiting"),
                ]
            }
            for aside in asides(status) {
                let reason = aside.reasons.isEmpty ? "" : ": " + aside.reasons.joined(separator: "; ")
                rows.append([
                    database, .null, .text(Figure.count(aside.count)), .null, .null,
                    .text(aside.state + reason),
                ])
            }
            return rows
        }

        private static func data(_ status: SpoolStatus) -> [[Cell]] {
            let database: [Cell] = [
                .text(status.databaseID), status.about.map { .text($0) } ?? .null, .text(status.folder),
            ]
            var rows: [[Cell]] = status.simulations.map { simulation in
                database + [
                    .text(simulation.id), simulation.name.map { .text($0) } ?? .null,
                    .integer(Int64(simulation.outcomes)), .integer(simulation.bytes),
                    simulation.oldest.map { .text("\($0)") } ?? .null, .text("waiting"), .null,
                ]
            }
            for aside in asides(status) {
                let reason: Cell =
                    aside.reasons.isEmpty ? .null : .text(aside.reasons.joined(separator: "; "))
                rows.append(
                    database + [
                        .null, .null, .integer(Int64(aside.count)), .null, .null, .text(aside.state), reason,
                    ])
            }
            return rows
        }

        private static func asides(
            _ status: SpoolStatus
        ) -> [(state: String, count: Int, reasons: [String])] {
            [
                ("held", status.held, status.heldReasons), ("rejected", status.rejected, status.reasons),
                ("torn", status.torn, []), ("newer", status.newer, []),
            ].filter { $0.1 > 0 }
        }
    }

    struct Flush: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record what waits for this database, now. Safe to repeat.",
            discussion: """
                Exit codes: 0 all is recorded; 1 some was refused, held or left; 2 the database can't be reached, and \
                everything still waits.

                Examples:
                  arc spool flush
                  arc spool flush --url postgresql://arc@db.example.com/arc
                  arc spool flush --rejected
                """)

        @OptionGroup var server: ServerOptions

        @Flag(help: "Try what was refused before once more.")
        var rejected = false

        func run() async throws {
            let workspace = try Workspace(server: server)
            try await workspace.run {
                // No server is started for nothing.
                let spools = try SpoolFolders(workspace.folders).all()
                guard spools.contains(where: { $0.isWaiting || (rejected && $0.hasRejected) }) else {
                    Output.note("Nothing waits.")
                    return
                }
                let store = try await workspace.access.open(replaying: false)
                guard let spool = try await store.spool() else {
                    throw EvaluationError(
                        .schema, "this database has no id by which outcomes wait for it",
                        advice: "Run `arc db deploy` to bring its schema up to date.")
                }
                try await flush(spool, into: store, others: spools.filter { $0.path != spool.path })
            }
        }

        private func flush(_ spool: Spool, into store: Store, others: [Spool]) async throws {
            let hadSome = spool.isWaiting || (rejected && spool.hasRejected)
            let status = try await spool.status()
            let total = status.outcomes + status.held
            defer { ProgressLine.end() }
            let report = try await store.replay(
                spool, includingRejected: rejected, patience: .seconds(60),
                progress: { report in
                    let stored = report.stored
                    ProgressLine.show("spool", unit: "outcomes", stored, of: max(total, stored))
                })
            ProgressLine.end()
            guard !report.isBusy else {
                throw HostError(
                    .argument, "another process has been recording this spool for a minute",
                    advice: "Let it finish, and look at `arc spool status`.")
            }
            let waiting = others.count(where: \.isWaiting)
            // Where nothing waited for this database, it is the others that somebody wants to hear of.
            if hadSome || waiting == 0 {
                Output.write("\(StoreNotes.outcomes(report.stored)) recorded.\n")
            } else {
                Output.note("Nothing waits for this database.")
            }
            StoreNotes.asides(of: report).forEach(Output.note)
            if waiting > 0 {
                Output.note(
                    "Outcomes wait for \(Figure.count(waiting, "other database", "other databases")): see "
                        + "`arc spool status`, and flush with --url or --profile.")
            }
            if report.rejected > 0 || report.held > 0 || !report.problems.isEmpty {
                throw ExitStatusError(status: .error)
            }
        }
    }
}

extension Timestamp {
    fileprivate func seconds(since earlier: Timestamp) -> Double {
        Double(microseconds - earlier.microseconds) / 1e6
    }
}
