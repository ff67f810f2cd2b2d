public import Postgres
import Synchronization

/// What a read server's database has to do with the primary's, as far as its id (`arc_schema.database_id`) tells.
public enum ReplicaKinship: Sendable {
    /// It is the same.
    case same
    /// It is a standby's, which hasn't got the schema yet.
    case behind
    /// The primary's has no id: it has no schema of arc's, or an old one.
    case unknown

    /// Compares a read server's database with the primary's.
    ///
    /// - Parameters:
    ///   - replica: a connection to the read server.
    ///   - id: the id of the primary's database.
    ///   - server: how the primary is reached.
    /// - Throws: `EvaluationError` with code `schema` where the read server has another database.
    public static func find(
        _ replica: Connection, of id: String?, at server: ConnectionOptions
    ) async throws -> ReplicaKinship {
        guard let id else { return .unknown }
        let found = try await SchemaDeployer.databaseID(replica)
        if found == id { return .same }
        let standby = try await replica.query("select pg_is_in_recovery() as it").single()
        if found == nil, try standby.get("it", as: Bool.self) { return .behind }
        throw EvaluationError(
            .schema,
            "the read server \(replica.options) has "
                + (found == nil ? "no arc schema" : "another database than \(server)"),
            advice:
                "Let --read-url (a profile's read_url, ARC_READ_DATABASE_URL) name a replica of that database, "
                + "or leave it out.")
    }
}

/// Sees to it that a read server has the primary's database: another one would answer too, and wrongly.
final class ReplicaIdentity: Sendable {
    private let isConfirmed = Atomic(false)
    private let primary: Pool

    init(primary: Pool) { self.primary = primary }

    /// Asks both servers, once in a process where they agree.
    ///
    /// - Returns: whether the read server may answer: not before it has the schema, nor where nobody can tell.
    /// - Throws: `EvaluationError` with code `schema` where it has another database.
    func holds(_ connection: Connection) async throws -> Bool {
        if isConfirmed.load(ordering: .acquiring) { return true }
        let own = try await primary.retrying(.read) { try await SchemaDeployer.databaseID($0) }
        switch try await ReplicaKinship.find(connection, of: own, at: primary.options) {
        case .same:
            isConfirmed.store(true, ordering: .releasing)
            return true
        case .behind, .unknown: return false
        }
    }
}
