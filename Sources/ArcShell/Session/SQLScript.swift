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
                Self.show(try await session.connection.query(statement.text), format)
            }
            if session.connection.transactionStatus != .idle {
                Output.note("A transaction was left open: nothing of it is kept. End it with commit.")
                throw ExitStatusError(status: .error)
            }
        }
    }

    /// Prints rows, or, where a command returns none, what it did.
    static func show(
        _ result: QueryResult, _ format: TableFormat, _ options: TableOptions = Output.tableOptions
    ) {
        if result.columns.isEmpty {
            Output.note(result.commandTag)
        } else {
            Output.write(Frame(result).table.text(format, options))
        }
    }
}
