/// A column of an aligned table: its heading, and its cells as they are displayed, uncut.
struct AlignedColumn {
    let heading: String
    let alignment: Table.Column.Alignment
    let texts: [String]
    let isNull: [Bool]
    /// The width at which nothing is cut and the heading stands on one line.
    let natural: Int
    /// The width of the widest cell.
    private let content: Int
    /// The heading's parts between which it may be broken.
    private let pieces: [String]

    /// Texts aren't cut below this width: names, ids and times can't be told apart by less.
    private static let readable = 16
    /// Nor below this one where more lines are no matter: an id is whole then.
    private static let comfortable = 36

    init(_ heading: String, _ alignment: Table.Column.Alignment, _ cells: [(cell: Cell, text: String)]) {
        self.heading = heading
        self.alignment = alignment
        texts = cells.map(\.text)
        isNull = cells.map { $0.cell == .null }
        content = texts.reduce(0) { max($0, DisplayWidth.of($1)) }
        natural = max(content, DisplayWidth.of(heading))
        pieces = Self.pieces(of: heading)
    }

    /// The numbers of the rows, for where nothing else tells them apart.
    static func numbers(_ count: Int) -> AlignedColumn {
        AlignedColumn("#", .right, (0..<count).map { (.integer(Int64($0 + 1)), Figure.count($0 + 1)) })
    }

    /// The width that it needs to be read: numbers are never cut, since they would read as others.
    var least: Int {
        let whole = max(content, pieces.reduce(0) { max($0, Self.width(ofLine: $1)) })
        return alignment == .right ? whole : min(whole, Self.readable)
    }

    /// The width that it gets in a table that is folded anyway: its heading isn't broken, nor an id cut.
    var roomy: Int { alignment == .right ? natural : min(natural, Self.comfortable) }

    /// Whether no two cells are the same, and none is NULL.
    var tellsApart: Bool { !isNull.contains(true) && Set(texts).count == texts.count }

    /// Whether its cells read as names: times and most ids begin with digits.
    var holdsNames: Bool { alignment == .left && !texts.contains { $0.first?.isNumber ?? true } }

    /// The heading in lines of at most that width, the last one cut where a word alone is longer.
    func headingLines(within width: Int) -> [String] {
        guard DisplayWidth.of(heading) > width else { return [heading] }
        var lines: [String] = []
        for piece in pieces {
            if let last = lines.last, Self.width(ofLine: last + piece) <= width {
                lines[lines.count - 1] += piece
            } else {
                lines.append(piece)
            }
        }
        return lines.map { Self.shortened(Self.line($0), to: width).text }
    }

    /// Part of a heading as a line of its own: the space behind it isn't seen.
    private static func line(_ text: String) -> String { text.last == " " ? String(text.dropLast()) : text }
    private static func width(ofLine text: String) -> Int { DisplayWidth.of(line(text)) }

    /// The text cut to a width, with `…` where something is missing.
    static func shortened(_ text: String, to width: Int) -> (text: String, isCut: Bool) {
        if DisplayWidth.of(text) <= width { return (text, false) }
        return (DisplayWidth.prefix(of: text, columns: width - 1) + "…", true)
    }

    /// `total_runs (ms)` as `total_`, `runs `, `(ms)`.
    private static func pieces(of heading: String) -> [String] {
        var pieces = [""]
        for character in heading {
            pieces[pieces.count - 1].append(character)
            if character == "_" || character == " " { pieces.append("") }
        }
        return pieces.filter { !$0.isEmpty }
    }
}
