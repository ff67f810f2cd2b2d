/// What a local server is made with and how it runs.
public struct ServerSettings: Sendable, Equatable {
    /// The superuser, whom everyone connects as.
    public var role: String
    /// The database that the server is made with.
    public var database: String
    /// The most connections at once.
    public var maxConnections: Int
    /// PostgreSQL's own cache, in megabytes.
    public var sharedBuffersMB: Int
    /// Libraries to preload, as in `shared_preload_libraries`; those that aren't installed are left out.
    public var preload: [String]
    /// More settings of `postgresql.conf`, by name.
    public var parameters: [String: String]
    /// Whether what is committed survives a crash of the machine. A throw-away server needs none of that.
    public var durable: Bool

    /// Settings for a server on one's own machine.
    public init(
        role: String = "arc", database: String = "arc", maxConnections: Int = 200, sharedBuffersMB: Int = 128,
        preload: [String] = [], parameters: [String: String] = [:], durable: Bool = true
    ) {
        self.role = role
        self.database = database
        self.maxConnections = maxConnections
        self.sharedBuffersMB = sharedBuffersMB
        self.preload = preload
        self.parameters = parameters
        self.durable = durable
    }

    /// The name of the file of settings in the data directory, which `postgresql.conf` includes.
    static let fileName = "local-server.conf"

    /// The text of that file.
    ///
    /// - Parameters:
    ///   - socket: the directory of the Unix socket.
    ///   - preload: the libraries to preload, all of them installed.
    func file(socket: String, preload: [String]) -> String {
        // The value is a list: quoted once as an entry of it, and once more as a string.
        let entry = "\"\(socket.replacing("\"", with: "\"\""))\""
        var lines = [
            "# Written anew at every start. Your own settings: ALTER SYSTEM SET ..., which comes after this file.",
            "listen_addresses = ''",
            "port = 5432",
            "unix_socket_directories = \(Self.quoted(entry))",
            "unix_socket_permissions = 0700",
            "max_connections = \(maxConnections)",
            "shared_buffers = '\(sharedBuffersMB)MB'",
            "work_mem = '16MB'",
            "maintenance_work_mem = '128MB'",
            "max_wal_size = '2GB'",
            "checkpoint_timeout = '15min'",
            "random_page_cost = 1.1",
            "log_checkpoints = off",
        ]
        if !preload.isEmpty {
            lines.append("shared_preload_libraries = \(Self.quoted(preload.joined(separator: ",")))")
        }
        if !durable {
            lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        }
        lines += parameters.sorted { $0.key < $1.key }.map { "\($0.key) = \(Self.quoted($0.value))" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A string of `postgresql.conf`, where a backslash escapes.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
    }
}
