internal import CPostgres

/// What the server said of a command whose rows were read as they came.
public struct CommandSummary: Sendable {
    /// The columns, from left to right. None for a command that returns no rows.
    public let columns: [ResultColumn]
    /// What the server says it did, as "SELECT 3".
    public let commandTag: String
    /// The number of rows that the command inserted, updated, deleted, moved, copied or selected.
    public let affectedRows: Int

    init(of result: OpaquePointer, columns: [ResultColumn]) {
        self.columns = columns
        commandTag = String(cString: PQcmdStatus(result))
        affectedRows = Int(String(cString: PQcmdTuples(result))) ?? 0
    }
}
