import Glibc
public import Postgres

/// A real PgBouncer in transaction mode before a server, on a Unix socket of its own.
public final class PgBouncer: Sendable {
    /// Whether the program is on this machine (`scripts/setup` installs it).
    public static let isInstalled = access("/usr/sbin/pgbouncer", X_OK) == 0

    private let companion: Companion
    private let server: ConnectionOptions

    /// Starts one before that server.
    ///
    /// - Parameter poolSize: how many connections to the server it shares out to its clients.
    public init(before server: ConnectionOptions, poolSize: Int = 2) async throws {
        self.server = server
        let directory = try Companion.makeDirectory()
        let host = server.host ?? "/tmp"
        let user = server.user ?? "arc"
        let configuration = """
            [databases]
            * = host=\(host) port=\(server.port) user=\(user)
            [pgbouncer]
            listen_addr =
            listen_port = 6432
            unix_socket_dir = \(directory)
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(poolSize)
            max_client_conn = 200
            server_idle_timeout = 5
            logfile = \(directory)/log
            pidfile = \(directory)/pid
            """
        try Companion.write(configuration + "\n", to: directory + "/ini")
        companion = try Companion(["/usr/sbin/pgbouncer", "-q", directory + "/ini"], directory: directory)
        try await Companion.wait(for: options(database: server.database ?? "arc"))
    }

    /// How to connect through it.
    public func options(database: String) throws -> ConnectionOptions {
        try ConnectionOptions(keywords: [
            "host": companion.directory, "port": "6432", "dbname": database, "user": server.user ?? "arc",
        ])
    }
}
