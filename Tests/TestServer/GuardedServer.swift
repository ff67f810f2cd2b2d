import Foundation
import Glibc
public import Postgres

/// A server with TLS on an address of its own on the loopback network, with certificates made for it, and roles that
/// have to show who they are: `guarded` and `other` by a password, `client` by a certificate; `arc` needn't.
///
/// It calls itself db.example.
public struct GuardedServer: Sendable {
    /// The address that it listens on, port 5432.
    public let address: String
    /// The folder of the certificates and keys.
    public let certificates: String
    private let server: EphemeralServer

    /// One that has TLS.
    public static let shared = Task { try await GuardedServer(tls: true) }
    /// One that has no TLS.
    public static let plain = Task { try await GuardedServer(tls: false) }

    private static let rules = """
        local all arc trust
        local all all scram-sha-256
        host all arc all trust
        hostssl all client all cert
        hostssl all all all scram-sha-256
        """

    private init(tls: Bool) async throws {
        // Nobody else listens on 5432 there, which is the port that a server of arc's has.
        let numbers = (0..<3).map { _ in "\(Int.random(in: 1...254))" }.joined(separator: ".")
        address = "127.\(numbers)"
        certificates = try Companion.makeDirectory()
        let folder = certificates
        try Companion.write(Self.rules + "\n", to: folder + "/hba")
        var parameters = ["listen_addresses": address, "hba_file": folder + "/hba"]
        if tls {
            for authority in ["authority", "stranger"] {
                try await Self.certify(folder, authority, by: nil)
            }
            try await Self.certify(folder, "db.example", by: "authority")
            try await Self.certify(folder, "client", by: "authority")
            try await Self.certify(folder, "intruder", by: "stranger", named: "client")
            parameters.merge([
                "ssl": "on", "ssl_cert_file": folder + "/db.example.crt",
                "ssl_key_file": folder + "/db.example.key", "ssl_ca_file": folder + "/authority.crt",
            ]) { $1 }
        }
        server = try await EphemeralServer(
            settings: ServerSettings(maxConnections: 50, parameters: parameters))
        let owner = try await Connection.connect(server.options)
        try await owner.script(
            """
            create role guarded login password 'f1le-pw'; create role other login password 'else-pw';
            create role client login
            """)
        await owner.close()
    }

    /// A key and a certificate in files of that name, signed by an authority or, being one, by itself.
    private static func certify(
        _ folder: String, _ name: String, by authority: String?, named subject: String? = nil
    ) async throws {
        let path = "\(folder)/\(name)"
        let subject = subject ?? name
        var arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days",
            "2", "-subj", "/CN=\(subject)", "-keyout", path + ".key", "-out", path + ".crt",
        ]
        if let authority {
            arguments += [
                "-CA", "\(folder)/\(authority).crt", "-CAkey", "\(folder)/\(authority).key", "-addext",
                "subjectAltName=DNS:\(subject)", "-addext", "basicConstraints=critical,CA:FALSE",
            ]
        }
        try await Companion.run(arguments)
        chmod(path + ".key", 0o600)
    }

    /// How to connect as that role, by the server's own name over TCP, and with more of libpq's keywords.
    public func options(_ role: String, _ more: [String: String] = [:]) throws -> ConnectionOptions {
        let keywords = [
            "host": "db.example", "hostaddr": address, "port": "5432", "dbname": "arc", "user": role,
        ]
        return try ConnectionOptions(keywords: keywords.merging(more) { $1 })
    }
}
