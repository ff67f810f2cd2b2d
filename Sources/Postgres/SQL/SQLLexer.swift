/// Splits SQL text into tokens, as far as that is needed to tell code from strings and comments.
///
/// Nothing is lost: the tokens follow each other without gaps and cover the text. It works on bytes, since
/// everything that matters is ASCII, and takes any input.
///
/// Source: PostgreSQL documentation, "Lexical Structure" (sql-syntax-lexical), with
/// `standard_conforming_strings` on.
struct SQLLexer {
    enum Kind: Sendable, Equatable {
        case space
        case comment
        /// 'text', E'text', U&'text', B'01', X'ff', N'text'
        case string
        /// $tag$text$tag$
        case dollarString
        /// "name", U&"name"
        case quotedName
        /// A key word or a name.
        case word
        case number
        /// $1
        case parameter
        case semicolon
        case openBracket, closeBracket, openParenthesis, closeParenthesis
        /// One colon that is part of neither "::" nor ":=".
        case colon
        case dot
        /// Any other character or group of them, as "::", ":=", "+", ",".
        case other
    }

    struct Token: Sendable, Equatable {
        let kind: Kind
        let range: Range<Int>
        /// Whether the token ends; false for a string or comment that the text ends in the middle of.
        let isClosed: Bool
    }

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The tokens of `bytes`, UTF-8.
    static func tokens(of bytes: [UInt8]) -> [Token] {
        var lexer = SQLLexer(bytes)
        var tokens: [Token] = []
        while lexer.index < bytes.count {
            let start = lexer.index
            let (kind, isClosed) = lexer.next()
            tokens.append(Token(kind: kind, range: start..<lexer.index, isClosed: isClosed))
        }
        return tokens
    }

    private func byte(_ offset: Int) -> UInt8 {
        index + offset < bytes.count ? bytes[index + offset] : 0
    }

    private func follows(_ text: StaticString, at offset: Int = 0) -> Bool {
        index + offset + text.utf8CodeUnitCount <= bytes.count
            && (0..<text.utf8CodeUnitCount).allSatisfy { bytes[index + offset + $0] == text.utf8Start[$0] }
    }

    /// Takes one token; always moves on.
    private mutating func next() -> (Kind, isClosed: Bool) {
        let first = byte(0)
        if first.isSpace { return (take(.space) { $0.isSpace }, true) }
        if follows("--") { return (take(.comment) { $0 != 10 && $0 != 13 }, true) }
        if follows("/*") { return (.comment, blockComment()) }
        if let prefixed = prefixedQuote() { return prefixed }
        switch first {
        case UInt8(ascii: "'"): return (.string, quoted(UInt8(ascii: "'"), escapes: false))
        case UInt8(ascii: "\""): return (.quotedName, quoted(UInt8(ascii: "\""), escapes: false))
        case UInt8(ascii: "$"): return dollar()
        case _ where first.startsName: return (take(.word) { $0.continuesName }, true)
        case _ where first.isDigit || (first == UInt8(ascii: ".") && byte(1).isDigit):
            return (number(), true)
        default: return (symbol(), true)
        }
    }

    private mutating func take(_ kind: Kind, while isPart: (UInt8) -> Bool) -> Kind {
        repeat { index += 1 } while index < bytes.count && isPart(bytes[index])
        return kind
    }

    /// A number may hold letters (1e5, 0xff, 1_000), and a dot, but not the two of "1..2".
    private mutating func number() -> Kind {
        repeat {
            let isExponent = byte(0) | 32 == UInt8(ascii: "e")
            index += 1
            if isExponent, byte(0) == UInt8(ascii: "+") || byte(0) == UInt8(ascii: "-"), byte(1).isDigit {
                index += 1
            }
        } while byte(0).continuesName || (byte(0) == UInt8(ascii: ".") && byte(1) != UInt8(ascii: "."))
        return .number
    }

    /// Comments nest.
    private mutating func blockComment() -> Bool {
        var depth = 0
        while index < bytes.count {
            if follows("/*") {
                depth += 1
                index += 2
            } else if follows("*/") {
                depth -= 1
                index += 2
                if depth == 0 { return true }
            } else {
                index += 1
            }
        }
        return false
    }

    /// E'…' with backslash escapes, and B, X, N, U& before a quote.
    private mutating func prefixedQuote() -> (Kind, isClosed: Bool)? {
        let quote = UInt8(ascii: "'")
        switch byte(0) | 32 {
        case UInt8(ascii: "e") where byte(1) == quote:
            index += 1
            return (.string, quoted(quote, escapes: true))
        case UInt8(ascii: "b") where byte(1) == quote, UInt8(ascii: "x") where byte(1) == quote,
            UInt8(ascii: "n") where byte(1) == quote:
            index += 1
            return (.string, quoted(quote, escapes: false))
        case UInt8(ascii: "u") where byte(1) == UInt8(ascii: "&"):
            guard byte(2) == quote || byte(2) == UInt8(ascii: "\"") else { return nil }
            let kind = byte(2) == quote ? Kind.string : .quotedName
            index += 2
            return (kind, quoted(byte(0), escapes: false))
        default: return nil
        }
    }

    /// From the opening quote on; a doubled quote stands for one.
    private mutating func quoted(_ quote: UInt8, escapes: Bool) -> Bool {
        index += 1
        while index < bytes.count {
            if escapes, byte(0) == UInt8(ascii: "\\"), index + 1 < bytes.count {
                index += 2
            } else if byte(0) != quote {
                index += 1
            } else if byte(1) == quote {
                index += 2
            } else {
                index += 1
                return true
            }
        }
        return false
    }

    private mutating func dollar() -> (Kind, isClosed: Bool) {
        if byte(1).isDigit { return (take(.parameter) { $0.isDigit }, true) }
        var length = 1
        while length == 1 ? byte(length).startsName : byte(length).continuesTag { length += 1 }
        guard byte(length) == UInt8(ascii: "$") else {
            index += 1
            return (.other, true)
        }
        let tag = bytes[index...(index + length)]
        index += tag.count
        while index < bytes.count {
            if byte(0) == UInt8(ascii: "$"), bytes[index...].starts(with: tag) {
                index += tag.count
                return (.dollarString, true)
            }
            index += 1
        }
        return (.dollarString, false)
    }

    private mutating func symbol() -> Kind {
        if follows("::") || follows(":=") {
            index += 2
            return .other
        }
        defer { index += 1 }
        return switch byte(0) {
        case UInt8(ascii: ";"): .semicolon
        case UInt8(ascii: "["): .openBracket
        case UInt8(ascii: "]"): .closeBracket
        case UInt8(ascii: "("): .openParenthesis
        case UInt8(ascii: ")"): .closeParenthesis
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: "."): .dot
        default: .other
        }
    }
}

extension UInt8 {
    var isSpace: Bool { self == 32 || (9...13).contains(self) }
    var isDigit: Bool { (48...57).contains(self) }
    /// A letter, an underscore, or any byte of a character outside of ASCII.
    var startsName: Bool { (97...122).contains(self | 32) || self == 95 || self >= 128 }
    var continuesName: Bool { continuesTag || self == 36 }
    var continuesTag: Bool { startsName || isDigit }
}
