/// Which statements a connection has prepared on the server: the most recently used ones, up to a limit.
struct StatementCache {
    struct Statement: Sendable {
        /// The name on the server.
        let name: String
        /// The types that the server gave the parameters.
        let parameterTypes: [OID]
        /// Whether every column of the result can be read in binary.
        let readsBinary: Bool
        /// How each column is read.
        let shapes: [TypeShape]
    }

    private struct Entry {
        var statement: Statement
        var lastUse: UInt64
    }

    /// How many statements a connection keeps unless told otherwise.
    static let standardLimit = 200

    /// How many statements are kept; 0 turns the cache off.
    let limit: Int
    /// Behind a pooler several connections share a session: none must ever meet another's statement under the name
    /// of its own.
    private let prefix = "arc_" + String(UInt64.random(in: 1 << 60..<1 << 63), radix: 16)
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// The statement prepared for `sql`, which counts as a use of it.
    mutating func statement(for sql: String) -> Statement? {
        uses += 1
        guard let found = entries[sql]?.statement else { return nil }
        entries[sql]?.lastUse = uses
        return found
    }

    /// A name that this connection hasn't used yet.
    mutating func nextName() -> String {
        names += 1
        return "\(prefix)_\(names)"
    }

    mutating func insert(_ statement: Statement, for sql: String) {
        uses += 1
        entries[sql] = Entry(statement: statement, lastUse: uses)
    }

    mutating func remove(_ sql: String) { entries[sql] = nil }

    /// Forgets the statements that were used longest ago, if another one would be too many, and returns the names to
    /// deallocate on the server.
    ///
    /// To the server DEALLOCATE is a query, after which it takes no SET TRANSACTION any more. So a transaction may have
    /// twice as many statements before any goes.
    mutating func makeRoom(isInTransaction: Bool) -> [String] {
        guard entries.count >= (isInTransaction ? 2 * limit : limit) else { return [] }
        let oldest = entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(entries.count - limit + 1)
        for (sql, _) in oldest { entries[sql] = nil }
        return oldest.map(\.value.statement.name)
    }

    /// Forgets everything, as after DISCARD ALL.
    mutating func removeAll() { entries = [:] }
}
