extension SQLText {
    /// Whether a command may leave something behind in the session that whoever has the connection next would
    /// meet: a setting, a temporary table, an advisory lock, a subscription. A function of the server's that does
    /// so inside can't be seen from here; what ends with a transaction (`SET LOCAL`) doesn't count.
    public static func changesSession(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let words = SQLLexer.tokens(of: bytes).filter { $0.kind == .word }.map { $0.lowercased(bytes) }
        guard let first = words.first else { return false }
        if first == "set" {
            return !["local", "transaction", "constraints"].contains(words.dropFirst().first)
        }
        if lastingCommands.contains(first) || words.contains(where: lastingFunctions.contains) { return true }
        return zip(words, words.dropFirst()).contains { before, word in
            (word == "temp" || word == "temporary") && beforeTemporary.contains(before)
        }
    }

    private static let lastingCommands: Set<String> = [
        "deallocate", "declare", "discard", "do", "listen", "load", "prepare", "reset", "unlisten",
    ]

    private static let lastingFunctions: Set<String> = [
        "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared",
        "set_config", "setseed",
    ]

    private static let beforeTemporary: Set<String> = ["create", "global", "into", "local", "replace"]
}
