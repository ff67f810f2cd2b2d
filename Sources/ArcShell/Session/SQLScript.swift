import ArcHost
import ArcKit
import Postgres

/// Runs SQL for a command: one statement after the other, up to the first that fails.
struct SQLScript: Sendable {
    let workspace: Workspace

    init(_ workspace: Workspace) { self.workspace = workspace }

    /// Runs the statements and prints each result.
    func run(_ sql: String, format: TableFormat) async throws {
        let statements = SQLText.split(sql).filter { !$0.isEmpty }
        try await workspace.host.store().session { session in
            for statement in statements {
                try await Self.run(statement.text, format, on: session.connection)
            }
            if session.connection.transactionStatus != .idle {
                Output.note("A transaction was left open: nothing of it is kept. End it with commit.")
                throw ExitStatusError(status: .error)
            }
        }
    }

    private static func run(_ sql: String, _ format: TableFormat, on connection: Connection) async throws {
        if let writer = RowWriter(format, Output.tableOptions) {
            try await StreamedOutput(writer).run(sql, on: connection)
        } else {
            show(try await connection.columns(sql), format)
        }
    }

    /// Prints rows, or, where a command returns none, what it did.
    static func show(
        _ rows: ColumnSet, _ format: TableFormat, _ options: TableOptions = Output.tableOptions
    ) {
        if rows.columns.isEmpty {
            Output.note(rows.summary.commandTag)
        } else {
            Output.write(Frame(rows).text(format, options))
        }
    }
}
