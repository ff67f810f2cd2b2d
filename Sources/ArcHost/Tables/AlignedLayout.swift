/// The format `table`: aligned columns under a ruled heading.
///
/// ```
///  scenario │ score
/// ──────────┼───────
///  airline… │  0.42
/// ```
struct AlignedLayout {
    private let table: Table
    private let options: TableOptions
    private let shown: ArraySlice<[Cell]>
    /// The cells of each shown row as they are displayed, uncut.
    private let texts: [[String]]
    private let headings: [String]
    private let natural: [Int]

    /// A column isn't cut below this width.
    private static let narrowest = 4

    init(_ table: Table, _ options: TableOptions) {
        self.table = table
        self.options = options
        shown = table.rows.prefix(options.rowLimit.map { max(0, $0) } ?? table.rows.count)
        let headings = table.columns.map { VisibleText.line($0.heading) }
        let texts = shown.map { row in row.map { VisibleText.line($0.display) } }
        natural = headings.indices.map { column in
            texts.reduce(DisplayWidth.of(headings[column])) { max($0, DisplayWidth.of($1[column])) }
        }
        self.headings = headings
        self.texts = texts
    }

    /// Rows that no cutting makes narrow enough are written in the expanded layout.
    func write(to output: inout some TextOutputStream) {
        guard !table.columns.isEmpty else { return writeNote(cut: 0, to: &output) }
        let widths: [Int]
        if let width = options.width {
            guard let fitted = fit(to: width) else {
                return ExpandedLayout(table, options).write(to: &output)
            }
            widths = fitted
        } else {
            widths = natural
        }
        var cut = 0
        writeLine(headings, widths, part: { _ in .heading }, cut: &cut, to: &output)
        let rule = widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: "┼")
        output.write(options.paint(.rule, rule) + "\n")
        for (row, texts) in zip(shown, texts) {
            writeLine(texts, widths, part: { row[$0] == .null ? .null : nil }, cut: &cut, to: &output)
        }
        writeNote(cut: cut, to: &output)
    }

    private func writeLine(
        _ texts: [String], _ widths: [Int], part: (Int) -> TableOptions.Part?, cut: inout Int,
        to output: inout some TextOutputStream
    ) {
        let bar = options.paint(.rule, "│")
        for column in texts.indices {
            let (text, isCut) = shortened(texts[column], to: widths[column])
            if isCut { cut += 1 }
            let padding = String(repeating: " ", count: widths[column] - DisplayWidth.of(text))
            let painted = part(column).map { options.paint($0, text) } ?? text
            let isRight = table.columns[column].alignment == .right
            output.write(column == 0 ? " " : bar + " ")
            output.write(isRight ? padding + painted : painted + padding)
            output.write(" ")
        }
        output.write("\n")
    }

    private func shortened(_ text: String, to width: Int) -> (String, Bool) {
        if DisplayWidth.of(text) <= width { return (text, false) }
        return (DisplayWidth.prefix(of: text, columns: width - 1) + "…", true)
    }

    private func writeNote(cut: Int, to output: inout some TextOutputStream) {
        let note = TableNote(shown: shown.count, total: table.total, cut: cut, rest: options.rest)
        if options.countsRows || note.isNeeded { output.write(options.paint(.note, note.text) + "\n") }
    }

    /// The widths of the columns in a line of a width: the widest give way first. Nil where it can't be done, or
    /// where a number would have to be cut, which would read as another number.
    private func fit(to width: Int) -> [Int]? {
        let available = width - (natural.count * 3 - 1)
        if natural.reduce(0, +) <= available { return natural }
        let least = natural.indices.map { column in
            table.columns[column].alignment == .right
                ? natural[column] : min(natural[column], AlignedLayout.narrowest)
        }
        guard least.reduce(0, +) <= available else { return nil }
        // The largest cap under which all columns fit; what is left over goes to the first that are capped.
        func capped(_ cap: Int) -> [Int] {
            natural.indices.map { max(least[$0], min(natural[$0], cap)) }
        }
        var low = 0
        var high = natural.max() ?? 0
        while low < high {
            let middle = (low + high + 1) / 2
            if capped(middle).reduce(0, +) <= available { low = middle } else { high = middle - 1 }
        }
        var widths = capped(low)
        var left = available - widths.reduce(0, +)
        for column in widths.indices where left > 0 && widths[column] < natural[column] {
            widths[column] += 1
            left -= 1
        }
        return widths
    }
}

/// The line below a table: how many rows, and what was left out.
struct TableNote {
    var shown: Int
    var total: Int
    /// The cells that were shortened.
    var cut: Int
    var rest: String

    /// Whether something was cut, which is never left unsaid.
    var isNeeded: Bool { shown != total || cut > 0 }

    var text: String {
        var parts = [
            shown == total
                ? Figure.count(total, "row", "rows")
                : "\(Figure.count(shown)) of \(Figure.count(total, "row", "rows"))"
        ]
        if cut > 0 { parts.append("\(Figure.count(cut, "cell", "cells")) shortened") }
        let text = parts.joined(separator: ", ")
        return !isNeeded ? text : "\(text). \(rest)"
    }
}
