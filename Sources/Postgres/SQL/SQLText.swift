/// What a prompt and a script need to know about SQL text without asking the server.
public enum SQLText {
    /// One statement of a text.
    public struct Statement: Sendable, Hashable {
        /// The statement as written, with the comments and spaces around it, without its semicolon.
        public let text: String
        /// The line on which its first token stands, from 1.
        public let line: Int
        /// Whether a semicolon ended it.
        public let isTerminated: Bool
        /// Whether there is nothing in it but comments and spaces.
        public let isEmpty: Bool
    }

    /// The statements of `sql`, in order, empty ones included. Joining their texts with semicolons gives
    /// `sql` again.
    ///
    /// Semicolons inside parentheses (CREATE RULE … DO (a; b)) and inside BEGIN ATOMIC … END of a function's
    /// body don't separate.
    public static func split(_ sql: String) -> [Statement] {
        let bytes = Array(sql.utf8)
        var statements: [Statement] = []
        var start = 0
        var line = 1
        var scanner = StatementScanner()
        var first: Int?

        func finish(at end: Int, isTerminated: Bool) {
            let prefix = bytes[start..<(first ?? start)]
            statements.append(
                Statement(
                    text: String(decoding: bytes[start..<end], as: UTF8.self),
                    line: line + prefix.count { $0 == 10 }, isTerminated: isTerminated, isEmpty: first == nil)
            )
            line += bytes[start..<end].count { $0 == 10 }
            start = min(end + 1, bytes.count)
            first = nil
            scanner = StatementScanner()
        }
        for token in SQLLexer.tokens(of: bytes) {
            if token.kind == .semicolon, scanner.isAtTopLevel {
                finish(at: token.range.lowerBound, isTerminated: true)
            } else {
                scanner.take(token, bytes)
                if !token.isBlank, first == nil { first = token.range.lowerBound }
            }
        }
        if start < bytes.count || statements.isEmpty || statements.last?.isTerminated == true {
            finish(at: bytes.count, isTerminated: false)
        }
        return statements
    }

    /// Whether `sql` is a whole input for a prompt: every quote, comment and parenthesis is closed, and the
    /// last statement has its semicolon.
    public static func isComplete(_ sql: String) -> Bool {
        let bytes = Array(sql.utf8)
        var scanner = StatementScanner()
        var isTerminated = false
        for token in SQLLexer.tokens(of: bytes) {
            guard token.isClosed else { return false }
            if token.kind == .semicolon, scanner.isAtTopLevel {
                isTerminated = true
                scanner = StatementScanner()
            } else if !token.isBlank {
                isTerminated = false
                scanner.take(token, bytes)
            }
        }
        return isTerminated
    }

    /// Whether the first word of `text`, after comments, spaces and opening parentheses, is one that a SQL
    /// command begins with.
    public static func startsLikeSQL(_ text: String) -> Bool {
        firstWord(of: text).map(commands.contains) ?? false
    }

    /// Whether `text` begins, goes on with or ends a transaction: what makes sense only where the next command runs on
    /// the same connection.
    public static func controlsTransaction(_ text: String) -> Bool {
        firstWord(of: text).map(transactionCommands.contains) ?? false
    }

    /// Whether `text` is SQL although another language might read it too: a whole command, with its semicolon, that is
    /// a single word (`commit;`) or whose first word is followed by a string (`select 'a';`).
    public static func isUnmistakable(_ text: String) -> Bool {
        guard startsLikeSQL(text), isComplete(text) else { return false }
        let bytes = Array(text.utf8)
        let tokens = SQLLexer.tokens(of: bytes).filter { !$0.isBlank }
        guard tokens.count > 1, tokens[0].kind == .word else { return false }
        return tokens[1].kind == .semicolon || tokens[1].kind == .string
    }

    /// The first word in lower case, after comments, spaces and opening parentheses; nil where something else comes
    /// first.
    static func firstWord(of text: String) -> String? {
        let bytes = Array(text.utf8)
        guard
            let token = SQLLexer.tokens(of: bytes).first(where: {
                !$0.isBlank && $0.kind != .openParenthesis
            }), token.kind == .word
        else { return nil }
        return token.lowercased(bytes)
    }

    private static let transactionCommands: Set<String> = [
        "abort", "begin", "commit", "end", "release", "rollback", "savepoint", "start",
    ]

    /// Source: PostgreSQL documentation, "SQL Commands" (sql-commands).
    static let commands: Set<String> = [
        "abort", "alter", "analyze", "begin", "call", "checkpoint", "close", "cluster", "comment", "commit",
        "copy", "create", "deallocate", "declare", "delete", "discard", "do", "drop", "end", "execute",
        "explain", "fetch", "grant", "import", "insert", "listen", "load", "lock", "merge", "move", "notify",
        "prepare", "reassign", "refresh", "reindex", "release", "reset", "revoke", "rollback", "savepoint",
        "security", "select", "set", "show", "start", "table", "truncate", "unlisten", "update", "vacuum",
        "values", "with",
    ]
}

/// Whether the tokens so far end at the top level of a statement, where a semicolon ends it.
struct StatementScanner {
    private var parentheses = 0
    /// Open BEGIN ATOMIC and, inside one, CASE.
    private var blocks = 0
    private var words = 0
    private var createsRoutine = false
    private var previousWord = ""

    var isAtTopLevel: Bool { parentheses == 0 && blocks == 0 }

    mutating func take(_ token: SQLLexer.Token, _ bytes: [UInt8]) {
        switch token.kind {
        case .openParenthesis: parentheses += 1
        case .closeParenthesis: parentheses = max(parentheses - 1, 0)
        case .word:
            let word = token.lowercased(bytes)
            takeWord(word)
            previousWord = word
        default: break
        }
    }

    private mutating func takeWord(_ word: String) {
        words += 1
        if words == 1, word != "create" { words = .min / 2 }
        if (2...4).contains(words), word == "function" || word == "procedure" { createsRoutine = true }
        guard createsRoutine else { return }
        if word == "atomic", previousWord == "begin" { blocks += 1 }
        if blocks > 0, word == "case" { blocks += 1 }
        if blocks > 0, word == "end" { blocks -= 1 }
    }
}

extension SQLLexer.Token {
    var isBlank: Bool { kind == .space || kind == .comment }

    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func lowercased(_ bytes: [UInt8]) -> String { text(bytes).lowercased() }
}
