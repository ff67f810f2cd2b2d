internal import CPostgres
internal import Glibc

/// Which server to connect to, and how: everything that libpq takes, from a URL or a keyword string.
///
/// Some settings differ from libpq's own: `application_name` is "arc", `connect_timeout` is 10 s,
/// `sslmode` is `require` where the host isn't local, and a peer that vanished is given up after a minute
/// (`keepalives_idle` 30 s, `keepalives_interval` 10 s, `keepalives_count` 3, `tcp_user_timeout` 60 s), each unless the
/// string, the service file or libpq's environment variables (`PGAPPNAME`, `PGCONNECT_TIMEOUT`, `PGSSLMODE`) say
/// otherwise.
///
/// Source: PostgreSQL documentation, "Connection Strings" (libpq-connect).
public struct ConnectionOptions: Sendable, Hashable {
    /// libpq's keywords with their values, as given; what isn't here takes libpq's defaults.
    private(set) var given: [String: String]

    /// What libpq takes from its environment and service file for keywords that aren't given.
    private var defaults: [String: String]

    /// Takes this connection's passwords out of texts.
    private(set) var redaction: Redaction

    /// What is said where nobody listens, by who knows more of this server than its address; else nil.
    public var absence: Absence?

    /// That a server isn't there, in words of whoever looks after it.
    public struct Absence: Sendable, Hashable {
        /// What is the matter, in one sentence without its full stop.
        public let message: String
        /// What to do about it.
        public let advice: String

        /// What is said.
        public init(_ message: String, advice: String) {
            self.message = message
            self.advice = advice
        }
    }

    /// Options from `string`: a URL (`postgresql://user:password@host:5432/database?sslmode=require`), a
    /// keyword string (`host=/tmp dbname=arc`), or "" for libpq's defaults.
    ///
    /// - Throws: `invalidOptions`, without the password, where libpq can't read the string.
    public init(_ string: String) throws(DatabaseError) {
        redaction = Redaction(connectionString: string)
        defaults = Self.libpqDefaults()
        given = [:]
        var message: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(message) }
        guard let parsed = PQconninfoParse(string, &message) else {
            let reason = message.map { String(cString: $0) } ?? "out of memory"
            // What libpq quotes may be a password, or a part of one, in a string that it couldn't take apart.
            let pieces = redaction.apply(reason).split(separator: "\"", omittingEmptySubsequences: false)
            let shown = pieces.enumerated().map { $0 % 2 == 1 && $1.count > 1 ? "***" : String($1) }
            throw Self.unreadable(string, shown.joined(separator: "\"").trimmed)
        }
        defer { PQconninfoFree(parsed) }
        given = Self.values(of: parsed)
        try Self.check(given, from: string)
        if given["service"] != nil { defaults.merge(Self.serviceValues(given)) { $1 } }
        learnSecrets()
    }

    /// Options from libpq's keywords, as `["host": "/tmp", "dbname": "arc"]`.
    ///
    /// - Throws: `invalidOptions` where libpq doesn't know a keyword.
    public init(keywords: [String: String]) throws(DatabaseError) {
        let quoted = keywords.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
        try self.init(quoted.joined(separator: " "))
    }

    /// These options with one keyword set anew, or given up where `value` is nil.
    ///
    /// - Throws: `invalidOptions` where libpq doesn't know the keyword.
    public func with(_ keyword: String, _ value: String?) throws(DatabaseError) -> ConnectionOptions {
        var keywords = given
        keywords[keyword] = value
        return try ConnectionOptions(keywords: keywords)
    }

    /// The value of a libpq keyword: the one given, else libpq's default for it.
    public subscript(keyword: String) -> String? { given[keyword] ?? defaults[keyword] }

    /// The host name, the directory of the Unix socket, or a list of them; nil for libpq's own socket.
    public var host: String? { self["host"] ?? self["hostaddr"] }

    /// The port (of the first host, if there are several), 5432 unless said.
    public var port: Int { self["port"]?.split(separator: ",").first.flatMap { Int($0) } ?? 5432 }

    /// The name of the database.
    public var database: String? { self["dbname"] ?? user }

    /// The name of the role.
    public var user: String? { self["user"] }

    /// Whether every host is this machine: none named, a socket's path, localhost, 127.0.0.0/8 or ::1. With `host`
    /// and `hostaddr` both have to be: whoever names another host beside a local address wants its certificate.
    public var isLocal: Bool { endpoints.allSatisfy(\.isLocal) }

    /// The servers to try, in this order.
    var endpoints: [Endpoint] {
        Endpoint.list(host: self["host"], hostaddr: self["hostaddr"], port: self["port"])
    }

    /// The values of `target_session_attrs` to go through the servers with, one after the other; nil for libpq's own.
    var wantedSessions: [String?] {
        self["target_session_attrs"] == "prefer-standby" ? ["standby", "any"] : [nil]
    }

    /// How long connecting to one address may take; nil for no limit. At least 2 s, as in libpq.
    public var connectTimeout: Duration? {
        guard let text = self["connect_timeout"], let seconds = Int(text) else { return .seconds(10) }
        return seconds > 0 ? .seconds(max(seconds, 2)) : nil
    }

    /// The URL of these options **with** the password, for handing on to another program.
    public var url: String { url(isRedacted: false) }

    /// What libpq is told to connect to `endpoint`: what was given, and where it is silent what arc decides.
    func effective(_ endpoint: Endpoint, session: String? = nil) -> [String: String] {
        var keywords = given
        keywords["host"] = endpoint.host
        keywords["hostaddr"] = endpoint.hostaddr
        keywords["port"] = endpoint.port
        keywords["client_encoding"] = "UTF8"
        if self["application_name"] == nil { keywords["application_name"] = "arc" }
        if !endpoint.isLocal, !saysTLS { keywords["sslmode"] = "require" }
        for (keyword, value) in Self.patience where self[keyword] == nil { keywords[keyword] = value }
        if let session { keywords["target_session_attrs"] = session }
        return keywords
    }

    /// A machine that vanished is given up after a minute, instead of after the two hours and more of the system's own
    /// settings: a command without a limit of time would wait for so long. They concern TCP alone.
    private static let patience = [
        "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
        "tcp_user_timeout": "60000",
    ]

    /// Whether the string, the service file or the environment says which TLS mode to use.
    private var saysTLS: Bool {
        given["sslmode"] != nil || given["requiressl"] != nil || getenv("PGSSLMODE") != nil
            || (defaults["sslmode"] ?? "prefer") != "prefer"
    }
}

extension ConnectionOptions {
    /// These options for somebody who brings the passwords along: what can be shown, and used as it is.
    public var withoutPasswords: ConnectionOptions {
        var options = self
        for keyword in ["password", "sslpassword"] { options.given[keyword] = nil }
        return options
    }
}

extension ConnectionOptions: CustomStringConvertible, CustomDebugStringConvertible {
    /// The URL of these options, its passwords replaced by ***.
    public var description: String { url(isRedacted: true) }

    /// As `description`: a password is never shown by accident.
    public var debugDescription: String { description }

    private func url(isRedacted: Bool) -> String {
        let encode = Redaction.percentEncoded
        func value(_ keyword: String, _ text: String) -> String {
            let isSecret = keyword == "password" || keyword == "sslpassword"
            return isSecret && isRedacted ? Redaction.mask : encode(text)
        }
        var url = "postgresql://"
        var rest = given
        if let user = rest.removeValue(forKey: "user") {
            url += encode(user)
            if let password = rest.removeValue(forKey: "password") {
                url += ":" + value("password", password)
            }
            url += "@"
        }
        if let host = rest["host"], !host.isEmpty, !host.contains(where: { "/,@".contains($0) }) {
            rest["host"] = nil
            url += host.contains(":") ? "[\(host)]" : encode(host)
            if let port = rest.removeValue(forKey: "port") { url += ":" + encode(port) }
        }
        if let database = rest.removeValue(forKey: "dbname") { url += "/" + encode(database) }
        let query = rest.sorted { $0.key < $1.key }.map { key, text in
            // A path reads better unencoded, and libpq takes it so.
            let isPath = key == "host" && !text.contains(where: { "%&?#= ".contains($0) })
            return "\(key)=\(isPath ? text : value(key, text))"
        }
        return query.isEmpty ? url : url + "?" + query.joined(separator: "&")
    }
}

extension ConnectionOptions {
    /// Passwords that libpq decoded, or takes from PGPASSWORD, are kept out of messages as well.
    private mutating func learnSecrets() {
        let known = ["password", "sslpassword"].flatMap { [given[$0], defaults[$0]] }.compactMap { $0 }
        redaction = redaction.adding(known + known.map(Redaction.percentEncoded))
    }

    private static func values(of list: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = list
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    private static func libpqDefaults() -> [String: String] {
        guard let defaults = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(defaults) }
        return values(of: defaults)
    }

    /// What the service that is named in `given` adds to it. libpq reads service files only on the way to a connection;
    /// a value that it refuses after reading them ends that way before anything is connected to.
    private static func serviceValues(_ given: [String: String]) -> [String: String] {
        let pairs = given.merging(["channel_binding": "none of these"]) { $1 }.sorted { $0.key < $1.key }
        let handle = withCStrings(pairs.map(\.key)) { keys in
            withCStrings(pairs.map(\.value)) { values in PQconnectStartParams(keys, values, 0) }
        }
        defer { PQfinish(handle) }
        guard let list = PQconninfo(handle) else { return [:] }
        defer { PQconninfoFree(list) }
        return values(of: list).filter { $0.key != "channel_binding" && given[$0.key] == nil }
    }

    /// Where a password holds a bare "@" or "/", libpq takes the rest of it for a host or a port, and would
    /// quote it in an error later on.
    private static func check(_ given: [String: String], from string: String) throws(DatabaseError) {
        if string.contains("://"), given["host"]?.contains("@") == true, !string.contains("host=") {
            throw unreadable(string, "there is more than one @ before the host")
        }
        // A password with a raw / or # makes libpq take a piece of it for the host, which is shown in messages.
        for host in (given["host"] ?? "").split(separator: ",")
        where !host.hasPrefix("/") && !host.hasPrefix("@") {
            guard
                host.unicodeScalars.allSatisfy({
                    $0.properties.isAlphabetic || "0123456789.-_:[]%".unicodeScalars.contains($0)
                })
            else { throw unreadable(string, "the host has a character that no host's name has") }
        }
        for port in (given["port"] ?? "").split(separator: ",") {
            guard let number = Int(port), (1...65535).contains(number) else {
                throw unreadable(string, "the port must be a number from 1 to 65535")
            }
        }
        // libpq takes it for a name, and shows it in messages, with whatever password there is in it.
        if let name = given["dbname"],
            name.contains("://") || name.contains(/\b(password|passwd|host|user)\s*=/)
        {
            throw unreadable(string, "the database's name is a connection string itself; give that one alone")
        }
        if let timeout = given["connect_timeout"], Int(timeout.trimmed) == nil {
            throw unreadable(string, "connect_timeout must be a whole number of seconds")
        }
    }

    private static func unreadable(_ string: String, _ reason: String) -> DatabaseError {
        DatabaseError(
            .invalidOptions, "The database URL can't be read: \(reason)",
            advice: "Expected postgresql://user:password@host:5432/database?option=value, or "
                + "\"host=… dbname=…\". In a URL, write @ / : ? # % inside a password as "
                + "%40 %2F %3A %3F %23 %25.")
    }

    private static func quoted(_ value: String) -> String {
        let escaped = value.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "'" + String(escaped) + "'"
    }
}
