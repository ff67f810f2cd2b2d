internal import CPostgres

/// The fields of an error or notice of the server.
///
/// Source: PostgreSQL documentation, "Error and Notice Message Fields" (protocol-error-fields).
public struct ServerFields: Sendable, Hashable {
    /// ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG, never translated.
    public var severity: String
    /// Five characters, as "42P01".
    public var sqlState: String
    /// The primary message.
    public var message: String
    /// A second message with more detail. It may repeat row data: "Key (x)=(…) already exists."
    public var detail: String?
    /// What the server suggests.
    public var hint: String?
    /// Where in the SQL text the error is: characters, not bytes, from 1.
    public var position: Int?
    /// As `position`, in `internalQuery`.
    public var internalPosition: Int?
    /// The text of a command that the server made itself, as inside a PL/pgSQL function.
    public var internalQuery: String?
    /// The call stack in the server.
    public var context: String?
    /// The schema of the object that the error is about.
    public var schema: String?
    /// The table that the error is about.
    public var table: String?
    /// The column that the error is about.
    public var column: String?
    /// The data type that the error is about.
    public var dataType: String?
    /// The constraint that was broken.
    public var constraint: String?
    /// The server's own source file.
    public var sourceFile: String?
    /// The line of the server's own source file.
    public var sourceLine: Int?
    /// The function in the server's own source.
    public var sourceRoutine: String?

    /// Fields with a severity, a code and a message; the others are for the caller to fill in.
    public init(severity: String = "ERROR", sqlState: String, message: String) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
    }

    /// The two characters of the SQLSTATE's class, as "08" for connection exceptions.
    public var sqlStateClass: String { String(sqlState.prefix(2)) }

    /// The fields of `result`, which came with an error or notice; strings pass through `redaction`.
    init(result: OpaquePointer, redaction: Redaction) {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else {
                return nil
            }
            return redaction.apply(String(cString: text))
        }
        severity = field("V") ?? field("S") ?? "ERROR"
        sqlState = field("C") ?? ""
        message = field("M") ?? redaction.apply(String(cString: PQresultErrorMessage(result))).trimmed
        detail = field("D")
        hint = field("H")
        position = field("P").flatMap { Int($0) }
        internalPosition = field("p").flatMap { Int($0) }
        internalQuery = field("q")
        context = field("W")
        schema = field("s")
        table = field("t")
        column = field("c")
        dataType = field("d")
        constraint = field("n")
        sourceFile = field("F")
        sourceLine = field("L").flatMap { Int($0) }
        sourceRoutine = field("R")
    }

    /// Name and value of every field that is there.
    var named: [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("severity", severity), ("sqlstate", sqlState), ("message", message), ("detail", detail),
            ("hint", hint), ("position", position.map(String.init)),
            ("internal position", internalPosition.map(String.init)), ("internal query", internalQuery),
            ("context", context), ("schema", schema), ("table", table), ("column", column),
            ("data type", dataType), ("constraint", constraint), ("file", sourceFile),
            ("line", sourceLine.map(String.init)), ("routine", sourceRoutine),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension StringProtocol {
    /// This text without white space at either end.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
