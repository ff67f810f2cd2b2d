/// What a text looks for, as PostgreSQL reads it: words, phrases, and how they belong together.
///
/// Words and phrases are looked for in each text of a trajectory by itself, as `to_tsvector` can hold a part of a long
/// trajectory only; what joins them holds for the trajectory as a whole.
struct SearchWords: Sendable, Equatable {
    indirect enum Node: Sendable, Equatable {
        /// A word or a phrase, as a `tsquery` of its own, with its words.
        case leaf(query: String, words: [String])
        case not(Node)
        case all(Node, Node)
        case any(Node, Node)
    }

    let root: Node

    /// Reads the text of a `tsquery`: `'word'`, `!`, `<->`, `&` and `|`, the tightest first, and parentheses. Nil where it
    /// has no word.
    init?(query: String) {
        var reader = Reader(rest: Array(query.unicodeScalars)[...])
        guard let root = reader.any(), reader.isAtEnd else { return nil }
        self.root = root
    }

    /// The words and phrases that are looked for, without those that must not be there.
    var sought: [String] { Self.sought(root) }

    private static func sought(_ node: Node) -> [String] {
        switch node {
        case .leaf(let query, _): [query]
        case .not: []
        case .all(let one, let other), .any(let one, let other): sought(one) + sought(other)
        }
    }

    /// Words that every trajectory has that is found.
    var required: [String] { Self.required(root) }

    private static func required(_ node: Node) -> [String] {
        switch node {
        case .leaf(_, let words): words
        case .not: []
        case .all(let one, let other): required(one) + required(other)
        case .any(let one, let other):
            // What either needs.
            required(one).filter(Set(required(other)).contains)
        }
    }

    /// A part of each word that is required, to look for in a document's text whose ASCII letters alone are in lower case.
    var fragments: [String] { Self.distinct(required.compactMap(Self.fragment(of:))) }

    /// Of each word or phrase a part without which it isn't in a text; nil where one has none that tells.
    var telling: [String]? {
        let found = Self.leaves(root).map { $0.compactMap(Self.fragment(of:)).max { $0.count < $1.count } }
        return found.contains(nil) ? nil : Self.distinct(found.compactMap(\.self))
    }

    private static func leaves(_ node: Node) -> [[String]] {
        switch node {
        case .leaf(_, let words): [words]
        case .not(let inner): leaves(inner)
        case .all(let one, let other), .any(let one, let other): leaves(one) + leaves(other)
        }
    }

    /// The longest part of a word that every locale leaves alone. Some make an ASCII i or k of other letters (İ, and the
    /// sign of kelvin), so that these don't tell.
    private static func fragment(of word: String) -> String? {
        word.unicodeScalars.split { !$0.isASCII || "ik".unicodeScalars.contains($0) }
            .map { String(String.UnicodeScalarView($0)) }.max { $0.count < $1.count }
    }

    private static func distinct(_ texts: [String]) -> [String] {
        texts.enumerated().filter { texts.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }

    /// The condition over the vectors `v` of a document's texts, with each word or phrase as a parameter.
    ///
    /// - Parameter parameter: adds a parameter, and returns what stands for it.
    func condition(_ parameter: (String) -> String) -> String { Self.condition(root, parameter) }

    private static func condition(_ node: Node, _ parameter: (String) -> String) -> String {
        switch node {
        case .leaf(let query, _): "coalesce(bool_or(v @@ \(parameter(query))::tsquery), false)"
        case .not(let inner): "not (\(condition(inner, parameter)))"
        case .all(let one, let other): "(\(condition(one, parameter)) and \(condition(other, parameter)))"
        case .any(let one, let other): "(\(condition(one, parameter)) or \(condition(other, parameter)))"
        }
    }
}

private struct Reader {
    var rest: ArraySlice<Unicode.Scalar>

    var isAtEnd: Bool {
        mutating get {
            skipBlanks()
            return rest.isEmpty
        }
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " } }

    private mutating func takes(_ symbol: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard rest.first == symbol else { return false }
        rest.removeFirst()
        return true
    }

    mutating func any() -> SearchWords.Node? {
        guard var left = all() else { return nil }
        while takes("|") {
            guard let right = all() else { return nil }
            left = .any(left, right)
        }
        return left
    }

    private mutating func all() -> SearchWords.Node? {
        guard var left = phrase() else { return nil }
        while takes("&") {
            guard let right = phrase() else { return nil }
            left = .all(left, right)
        }
        return left
    }

    /// What is joined by `<->` or `<2>` is one leaf.
    private mutating func phrase() -> SearchWords.Node? {
        guard var left = negation() else { return nil }
        skipBlanks()
        while rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return nil }
            let distance = String(String.UnicodeScalarView(rest[rest.startIndex...end]))
            rest = rest[(end + 1)...]
            guard case .leaf(let one, let words) = left, case .leaf(let other, let more) = negation() else {
                return nil
            }
            left = .leaf(query: "\(one) \(distance) \(other)", words: words + more)
            skipBlanks()
        }
        return left
    }

    private mutating func negation() -> SearchWords.Node? {
        if takes("!") { return negation().map(SearchWords.Node.not) }
        if takes("(") {
            guard let inner = any(), takes(")") else { return nil }
            return inner
        }
        return word()
    }

    private mutating func word() -> SearchWords.Node? {
        guard takes("'") else { return nil }
        var written = "'"
        var word = ""
        while let scalar = rest.popFirst() {
            written.unicodeScalars.append(scalar)
            if scalar == "'" {
                guard rest.first == "'" else { return .leaf(query: written, words: [word]) }
                rest.removeFirst()
                written.unicodeScalars.append("'")
            } else if scalar == "\\", let next = rest.popFirst() {
                written.unicodeScalars.append(next)
                word.unicodeScalars.append(next)
                continue
            }
            word.unicodeScalars.append(scalar)
        }
        return nil
    }
}
