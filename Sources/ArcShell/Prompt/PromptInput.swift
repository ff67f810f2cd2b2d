import LuaBridge
import Postgres

/// What somebody typed at the prompt, and how to take it: a `\` command, Lua as an expression, Lua as a statement, or
/// SQL.
enum PromptInput {
    /// Nothing but blanks.
    case nothing
    /// `\d outcomes`: the command without its backslash, and its words.
    case command(String, [String])
    /// A chunk of Lua that returns what the input is.
    case expression(String)
    /// A chunk of Lua.
    case statement(String)
    /// SQL.
    case sql(String)
    /// More must follow: an open bracket, quote or block, or SQL without its semicolon.
    case incomplete
    /// Neither Lua nor SQL; the text says what Lua thinks of it.
    case wrong(LuaError)

    /// Whether Enter begins another row.
    var isIncomplete: Bool { if case .incomplete = self { true } else { false } }

    /// Takes an input. Lua comes first: what is Lua isn't SQL, even where it begins like it. The exceptions are whole
    /// commands that nobody means as Lua: `commit;` is no variable, and `select 'a';` no call.
    ///
    /// - Parameter check: whether a text is Lua, or could become it.
    init(_ text: String, check: (String) -> SyntaxCheck) {
        let trimmed = text.trimmed
        if trimmed.isEmpty || trimmed.allSatisfy({ $0 == ";" }) {
            self = .nothing
        } else if trimmed.hasPrefix("\\") {
            let words = trimmed.dropFirst().split(whereSeparator: \.isWhitespace).map(String.init)
            self = .command(words.first ?? "?", Array(words.dropFirst()))
        } else {
            self = Self.code(text, check)
        }
    }

    private static func code(_ text: String, _ check: (String) -> SyntaxCheck) -> PromptInput {
        if SQLText.isUnmistakable(text) { return .sql(text) }
        let asLua = check(text)
        if case .complete(let isExpression) = asLua {
            return isExpression ? .expression("return " + text) : .statement(text)
        }
        if SQLText.startsLikeSQL(text) { return SQLText.isComplete(text) ? .sql(text) : .incomplete }
        if case .wrong(let error) = asLua { return .wrong(error) }
        return .incomplete
    }
}

extension String {
    /// Without the white space at both ends.
    var trimmed: String {
        let front = drop(while: \.isWhitespace)
        guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(front[...last])
    }
}
