import Postgres
import Synchronization

/// Sees to it that a read server has the primary's database: another one would answer too, and wrongly.
final class ReplicaIdentity: Sendable {
    private let isConfirmed = Atomic(false)
    private let primary: Pool

    init(primary: Pool) { self.primary = primary }

    /// Asks both servers, once in a process where they agree.
    ///
    /// - Returns: whether the read server may answer; one that hasn't got the schema yet may not.
    /// - Throws: `EvaluationError` with code `schema` where it has another database.
    func holds(_ connection: Connection) async throws -> Bool {
        if isConfirmed.load(ordering: .acquiring) { return true }
        guard let own = try await primary.retrying(.read, { try await SchemaDeployer.databaseID($0) }) else {
            return true
        }
        let theirs = try await SchemaDeployer.databaseID(connection)
        if theirs == own {
            isConfirmed.store(true, ordering: .releasing)
            return true
        }
        let standby = try await connection.query("select pg_is_in_recovery() as it").single()
        if theirs == nil, try standby.get("it", as: Bool.self) { return false }
        throw EvaluationError(
            .schema,
            "the read server \(connection.options) has "
                + (theirs == nil ? "no arc schema" : "another database than \(primary.options)"),
            advice:
                "Let --read-url (read_url, ARC_READ_URL) name a replica of that database, or leave it out.")
    }
}
