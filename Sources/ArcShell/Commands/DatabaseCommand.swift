import ArcHost
import ArcKit
import ArgumentParser
import Postgres

/// `arc db …`
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "See the database and deploy its schema.",
        subcommands: [Status.self, Deploy.self, RetentionCommand.self, Maintain.self, Refresh.self],
        defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which server, why that one, its storage tier, versions and schema.")

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try Workspace(server: server)
            try await workspace.run {
                let store = try await workspace.access.open()
                let health = try await DatabaseHealth(store)
                let extensions = health.extensions.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
                let schema = health.schemaVersion.map { version in
                    version < SchemaDeployer.currentVersion
                        ? "version \(version); run `arc db deploy` for \(SchemaDeployer.currentVersion)"
                        : "version \(version)"
                }
                var fields: [(String, Cell)] = [
                    ("status", .text(health.status)), ("server", .text("\(store.pool.options)")),
                    ("chosen by", .text("\(workspace.access.choice)")),
                    ("version", .text("PostgreSQL \(health.serverVersion)")),
                    ("extensions", .text(extensions.isEmpty ? "none that arc uses" : extensions)),
                    ("tier", health.features.map { .text($0.tier.rawValue) } ?? .null),
                    ("storage", health.features.map { .text($0.tier.summary) } ?? .null),
                    ("schema", .text(schema ?? "not deployed: run `arc db deploy`")),
                    ("outcomes", try await Self.retention(health, store)),
                    ("roll-ups", try await Self.rollups(health, store)),
                    ("size", .text(Figure.bytes(health.sizeBytes))),
                    ("response", .text(Figure.duration(milliseconds: health.responseTimeMs))),
                ]
                if try await store.pool.withConnection({ await $0.isBehindPooler }) {
                    fields.append(("pooler", .text("yes: statements aren't prepared")))
                }
                if let replicas = store.replicas {
                    fields += [
                        ("read server", .text("\(replicas.options)")),
                        ("read chosen by", .text(workspace.access.choice.readDescription ?? "")),
                    ]
                    fields += await Self.readServer(store)
                }
                if workspace.access.choice.options == nil, let note = workspace.access.local.directory.note {
                    fields.append(("note", .text(note)))
                }
                Output.write(record: fields, output.format)
            }
        }

        /// What the read server is, or what is the matter with it: the primary's health is worth showing all the same.
        private static func readServer(_ store: Store) async -> [(String, Cell)] {
            do {
                guard let place = try await store.replicaHealth() else { return [] }
                return [
                    ("read version", .text("PostgreSQL \(place.serverVersion)")),
                    ("read role", .text(place.role)),
                ]
            } catch {
                return [("read problem", .text(Failure.describe(error)))]
            }
        }

        /// How far the roll-ups are; an older schema has none.
        private static func rollups(_ health: DatabaseHealth, _ store: Store) async throws -> Cell {
            guard health.schemaVersion == SchemaDeployer.currentVersion else { return .null }
            return .text(DatabaseCommand.words(try await store.session { try await $0.rollupState() }))
        }

        /// How long outcomes are kept, and how many days of them are overdue; an older schema can't say.
        private static func retention(_ health: DatabaseHealth, _ store: Store) async throws -> Cell {
            guard health.schemaVersion == SchemaDeployer.currentVersion else { return .null }
            let (days, overdue) = try await store.session { session in
                (try await session.retentionDays(), try await session.expiredDays().count)
            }
            let more = overdue > 0 ? "; \(overdue) days are older: run `arc db maintain`" : ""
            return .text("kept \(DatabaseCommand.retention(days))\(more)")
        }
    }

    struct Deploy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the schema up to this arc's version. Safe to repeat.")

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let workspace = try Workspace(server: server)
            try await workspace.run {
                let report = try await workspace.access.deploy()
                Output.write("\(report.features.tier.summary)\n")
                if report.applied.isEmpty {
                    Output.write("The schema is version \(report.version); nothing was to be done.\n")
                } else {
                    let numbers = report.applied.map(String.init).joined(separator: ", ")
                    Output.write("Applied \(numbers): the schema is version \(report.version).\n")
                }
                for note in report.notes { Output.note(note) }
            }
        }
    }
}

extension Output {
    /// Writes one thing's fields.
    static func write(record fields: [(name: String, value: Cell)], _ format: TableFormat) {
        var options = tableOptions
        options.countsRows = false
        write(Table(record: fields, format).text(format, options))
    }
}

extension Table {
    /// One thing's fields: for people one a line, for programs the columns of one row.
    init(record fields: [(name: String, value: Cell)], _ format: TableFormat) {
        switch format {
        case .table, .expanded, .markdown:
            self.init(
                columns: [Column("field"), Column("value")],
                rows: fields.filter { $0.value != .null }.map { [.text($0.name), $0.value] })
        case .json, .jsonl, .csv:
            self.init(
                columns: fields.map { Column($0.name.replacing(" ", with: "_")) }, rows: [fields.map(\.value)]
            )
        }
    }
}
