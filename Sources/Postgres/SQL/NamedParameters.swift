/// SQL text whose parameters have names, `:name` or `:name.field.path`, rewritten to `$1`, `$2`, ….
///
/// A colon begins a parameter where a letter or underscore follows it directly, and
/// - it isn't inside a string, a quoted name or a comment;
/// - it isn't part of `::` or `:=`;
/// - it isn't the colon of an array slice. Inside brackets, a colon that stands after a whole lower bound is
///   taken for a slice: in `a[1:n]`, `a[i:n]` and `a[f(i):n]`, `n` is a column. At the start of either bound
///   it is a parameter: `a[:n]` (a slice from the beginning up to column `n` has to be written `a[ : n]`,
///   with a space) and `a[1::n]` is a cast. For an upper bound that is a parameter write `a[1:(:n)]`.
///
/// A path goes on after a dot with a letter or underscore directly behind it. Names are kept as written.
public struct NamedParameters: Sendable, Hashable {
    /// The text with numbers in place of names.
    public let sql: String

    /// The names by number, `names[0]` for `$1`. A name that occurs again has one number.
    public let names: [String]

    /// Where the names stand in the original text, as ranges of Unicode scalars from 0 (colon included) and
    /// their length in `sql`: what maps the server's positions back.
    private let places: [Place]

    private struct Place: Hashable {
        let original: Range<Int>
        let rewrittenStart: Int
        let rewrittenCount: Int
    }

    /// Rewrites `text`.
    ///
    /// - Throws: `invalidOptions` where the text has `$1` as well as names.
    public init(_ text: String) throws(DatabaseError) {
        let bytes = Array(text.utf8)
        let tokens = SQLLexer.tokens(of: bytes)
        var output: [UInt8] = []
        var names: [String] = []
        var places: [Place] = []
        var original = 0
        var rewritten = 0
        var brackets = BracketScanner()
        var hasNumbers = false
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            if token.kind == .parameter { hasNumbers = true }
            if token.kind == .colon, !brackets.isAfterBound,
                let end = Self.endOfName(tokens, bytes, after: index)
            {
                let range = token.range.lowerBound..<tokens[end].range.upperBound
                let name = String(decoding: bytes[range.dropFirst()], as: UTF8.self)
                if !names.contains(name) { names.append(name) }
                // In "limit:n" the number would become part of the word before it.
                let isGlued = output.last?.continuesName ?? false
                let number = (isGlued ? " $" : "$") + "\((names.firstIndex(of: name) ?? 0) + 1)"
                let length = Self.scalarCount(bytes[range])
                places.append(
                    Place(
                        original: original..<(original + length), rewrittenStart: rewritten,
                        rewrittenCount: number.utf8.count))
                output += number.utf8
                original += length
                rewritten += number.utf8.count
                brackets.take(.parameter)
                index = end + 1
            } else {
                output += bytes[token.range]
                let length = Self.scalarCount(bytes[token.range])
                original += length
                rewritten += length
                let isOperator = token.kind == .word && Self.operators.contains(token.lowercased(bytes))
                brackets.take(isOperator ? .other : token.kind)
                index += 1
            }
        }
        guard !hasNumbers || names.isEmpty else {
            throw DatabaseError(
                .invalidOptions, "The SQL has both numbered parameters ($1) and named ones (:\(names[0])).",
                advice: "Use one kind in one command.")
        }
        sql = String(decoding: output, as: UTF8.self)
        self.names = names
        self.places = places
    }

    /// The position in the original text that corresponds to `position` in `sql`, both counted in Unicode
    /// scalars from 1, as the server does.
    public func originalPosition(_ position: Int) -> Int {
        let offset = position - 1
        guard let place = places.last(where: { $0.rewrittenStart <= offset }) else { return position }
        let end = place.rewrittenStart + place.rewrittenCount
        return (offset < end ? place.original.lowerBound : place.original.upperBound + offset - end) + 1
    }

    /// Words after which an operand follows, so that a colon behind them is no slice's.
    private static let operators: Set<String> = [
        "all", "and", "any", "between", "case", "distinct", "else", "from", "ilike", "in", "is", "like",
        "not",
        "or", "select", "similar", "symmetric", "then", "when", "where",
    ]

    /// The last token of the name after the colon at `colon`; nil if no name follows.
    private static func endOfName(_ tokens: [SQLLexer.Token], _ bytes: [UInt8], after colon: Int) -> Int? {
        guard colon + 1 < tokens.count, tokens[colon + 1].kind == .word else { return nil }
        var end = colon + 1
        while end + 2 < tokens.count, tokens[end + 1].kind == .dot, tokens[end + 2].kind == .word { end += 2 }
        return end
    }

    private static func scalarCount(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.count { $0 & 0xC0 != 0x80 }
    }
}

/// Tells whether a colon inside brackets follows a whole bound of an array slice.
private struct BracketScanner {
    /// For every open bracket or parenthesis: whether it is a bracket, and whether an operand stands before.
    private var open: [(isBracket: Bool, hasOperand: Bool)] = []

    var isAfterBound: Bool { open.last.map { $0.isBracket && $0.hasOperand } ?? false }

    mutating func take(_ kind: SQLLexer.Kind) {
        switch kind {
        case .space, .comment: return
        case .openBracket, .openParenthesis: open.append((kind == .openBracket, false))
        case .closeBracket, .closeParenthesis:
            _ = open.popLast()
            operand(true)
        case .word, .number, .parameter, .string, .dollarString, .quotedName: operand(true)
        case .colon, .dot, .other, .semicolon: operand(false)
        }
    }

    private mutating func operand(_ isOperand: Bool) {
        if !open.isEmpty { open[open.count - 1].hasOperand = isOperand }
    }
}
