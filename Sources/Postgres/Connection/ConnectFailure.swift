/// Why one attempt to connect failed.
struct ConnectFailure: Error, Hashable {
    /// What was said: in one line where the server or libpq used one.
    var said: String
    /// What the server said, where it was the server.
    var server: ServerFields?
    /// Whether it was our patience that ended.
    var isTimeout = false

    init(said: String, isTimeout: Bool = false) {
        self.said = said
        self.isTimeout = isTimeout
    }

    /// - Parameter verbose: libpq's message of the verbosity `PQERRORS_VERBOSE`, which is the only way to get at the
    ///   server's code: "… failed: FATAL:  28P01: password authentication failed …", and a last line "LOCATION: …".
    init(verbose: String) {
        let lines = verbose.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        var text = lines.joined(separator: "\n")
        // Severities are translated, codes aren't.
        let pattern = /(?<severity>[^\s:]+):  (?<code>[0-9A-Z]{5}): (?<message>[^\n]*)/
        if let last = text.matches(of: pattern).last {
            server = ServerFields(
                severity: String(last.severity), sqlState: String(last.code), message: String(last.message))
        }
        text.replace(pattern) { "\($0.severity):  \($0.message)" }
        said = text.isEmpty ? "no reason given" : text
    }

    /// Whether other servers needn't be asked: this one answered, and what it objects to isn't its own state. libpq goes
    /// by the same rule; it also stops where a server has no connection left, which helps nobody.
    ///
    /// Source: PostgreSQL documentation, "Specifying Multiple Hosts" (libpq-multiple-hosts).
    var endsTheSearch: Bool {
        guard let server else { return false }
        return !["57", "53", "08"].contains(server.sqlStateClass)
    }

    /// What the system says, at once, of a server that isn't there.
    static let absences = [
        "Connection refused", "No such file or directory", "No route to host", "is unreachable",
    ]

    /// Whether nobody listens, which was known at once.
    var isAbsence: Bool { server == nil && !isTimeout && Self.absences.contains { said.contains($0) } }

    /// What to do about it. Where it is libpq that speaks there is no code, so its words decide.
    var advice: String? {
        switch server?.sqlState {
        case "28P01", "28000": return Self.passwordAdvice
        case "53300":
            return "The server has no connection left: use a smaller pool, or raise max_connections."
        case "57P03": return "The server is starting or stopping: try again in a moment."
        default: break
        }
        if said.contains("does not support SSL") {
            return "The host isn't local, so TLS is required. If the network is trusted, add sslmode=disable."
        }
        if said.contains("Connection refused") || said.contains("No such file or directory") {
            return "Check the host and the port."
        }
        if said.contains("unsupported startup parameter") {
            return "A PgBouncer takes only few settings in a URL: leave it out, or have its "
                + "ignore_startup_parameters name it."
        }
        if said.contains("no password supplied") { return Self.passwordAdvice }
        if said.contains("could not translate host name") { return "Check the host's name." }
        if said.contains("root certificate file") || said.contains("certificate verify failed") {
            return
                "sslmode=verify-full needs sslrootcert=FILE, the certificate of whoever signed the server's."
        }
        if said.contains("session is") || said.contains("hot standby mode") {
            return "No server is as target_session_attrs wants it: name one that is, or leave it out."
        }
        return nil
    }

    private static let passwordAdvice =
        "Check user and password; a password may also come from PGPASSWORD or ~/.pgpass."
}
