/// What went wrong between this module and a PostgreSQL server.
///
/// `description` is for people and safe to print anywhere: it holds no password and none of the details in
/// which the server repeats row data. `debugDescription` has everything the server said.
public struct DatabaseError: Error, Sendable, Hashable {
    /// The kind of failure, for code that decides by it.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// No connection could be made: nobody listens, the name is unknown, the server refused the login.
        case connectionFailed
        /// A connection that was open ended while, or before, a command ran on it.
        case connectionLost
        /// The server answered with an error; `server` has its fields.
        case server
        /// A command, or connecting, took longer than allowed. A command has been cancelled on the server.
        case timedOut
        /// The task was cancelled. A command has been cancelled on the server.
        case cancelled
        /// No connection of the pool became free in time.
        case poolTimeout
        /// The pool is closed, or closing.
        case poolClosed
        /// A URL, a keyword string or a setting is wrong.
        case invalidOptions
        /// A result isn't what the caller asked for: a missing column, a NULL, another type, too many rows.
        case unexpectedResult
        /// The arc-managed local server could not be initialised, started or stopped.
        case localServer
        /// PostgreSQL's programs are not on this machine.
        case serverNotInstalled
    }

    /// The kind of failure.
    public var code: Code

    /// What happened, without passwords and without row data.
    public var message: String

    /// What to do about it, where there is something to do.
    public var advice: String?

    /// What the server said, where it did.
    public var server: ServerFields?

    /// The SQL text of the command that failed.
    public var sql: String?

    /// Whether connecting failed at once because nobody listens: no server of those that were asked answered, and none
    /// was waited for.
    public internal(set) var isAbsence = false

    /// An error of `code`, saying `message`.
    public init(
        _ code: Code, _ message: String, advice: String? = nil, server: ServerFields? = nil,
        sql: String? = nil
    ) {
        self.code = code
        self.message = message
        self.advice = advice
        self.server = server
        self.sql = sql
    }

    /// The five characters of the server's error code, as "23505" for a broken unique constraint.
    public var sqlState: String? { server?.sqlState }

    /// This error with the SQL text of the command that failed.
    func about(sql: String) -> DatabaseError {
        var error = self
        error.sql = sql
        return error
    }
}

extension DatabaseError: CustomStringConvertible, CustomDebugStringConvertible {
    /// What happened and what to do about it: one or more lines, no password, no row data.
    public var description: String {
        var lines = [message]
        if let hint = server?.hint { lines.append("HINT: \(hint)") }
        if let advice { lines.append(advice) }
        return lines.joined(separator: "\n")
    }

    /// Everything known, with the server's details (which may hold row data) and the SQL text.
    public var debugDescription: String {
        var lines = ["DatabaseError.\(code.rawValue): \(message)"]
        if let server { lines += server.named.map { "\($0.name): \($0.value)" } }
        if let advice { lines.append("advice: \(advice)") }
        if let sql { lines.append("sql: \(sql)") }
        return lines.joined(separator: "\n")
    }
}
