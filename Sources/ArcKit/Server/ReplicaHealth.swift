public import Postgres

/// What a server that answers questions is, and how far behind.
public struct ReplicaHealth: Sendable {
    /// The server's version, such as "15.18".
    public let serverVersion: String
    /// Whether it replays a primary's log.
    public let isStandby: Bool
    /// "standby, 0.2 s behind", "standby", or "not a standby".
    public let role: String

    /// Asks the server on that connection.
    public init(_ connection: Connection) async throws {
        // A standby that has replayed all it got is not behind, however long ago the last transaction was.
        let row = try await connection.query(
            """
            select split_part(current_setting('server_version'), ' ', 1) as version, pg_is_in_recovery() as standby,
              case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
                else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end::float8 as behind
            """
        ).single()
        serverVersion = try row.get("version", as: String.self)
        isStandby = try row.get("standby", as: Bool.self)
        guard isStandby else {
            role = "not a standby"
            return
        }
        let behind = try row.get("behind", as: Double?.self)
        role = behind.map { "standby, \(Double(Int($0 * 10)) / 10) s behind" } ?? "standby"
    }
}
