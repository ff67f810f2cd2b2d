/// The format `expanded`: one line for each value, rows below each other. Long values run on over several
/// lines, and are never shortened.
///
/// ```
/// ── row 1 ─────────
///  scenario │ airline-7
///  score    │      0.42
/// ```
struct ExpandedLayout {
    private let table: Table
    private let options: TableOptions
    private let headings: [String]
    private let headingWidth: Int

    init(_ table: Table, _ options: TableOptions) {
        self.table = table
        self.options = options
        headings = table.columns.map { VisibleText.line($0.heading) }
        headingWidth = headings.map { DisplayWidth.of($0) }.max() ?? 0
    }

    func write(to output: inout some TextOutputStream) {
        let shown = table.rows.prefix(options.rowLimit.map { max(0, $0) } ?? table.rows.count)
        if !table.columns.isEmpty {
            for (index, row) in shown.enumerated() {
                let title = "── row \(Figure.count(index + 1)) "
                let rule = String(repeating: "─", count: max(2, ruleWidth - DisplayWidth.of(title)))
                output.write(options.paint(.rule, title + rule) + "\n")
                writeFields(of: row, to: &output)
            }
        }
        let note = TableNote(shown: shown.count, total: table.total, cut: 0, rest: options.rest)
        output.write(options.paint(.note, note.text) + "\n")
    }

    /// The values of a row alone, one below the other.
    func writeFields(of row: [Cell], to output: inout some TextOutputStream) {
        for (heading, cell) in zip(headings, row) { write(heading, cell, to: &output) }
    }

    /// The columns that a value may take. A screen too narrow for the headings gets long lines.
    private var valueWidth: Int? {
        options.width.map { max(10, $0 - headingWidth - 4) }
    }

    private var ruleWidth: Int {
        min(options.width ?? 40, 40)
    }

    private func write(_ heading: String, _ cell: Cell, to output: inout some TextOutputStream) {
        let padded = heading + String(repeating: " ", count: headingWidth - DisplayWidth.of(heading))
        var label = options.paint(.heading, padded)
        for line in lines(of: VisibleText.lines(cell.display)) {
            let text = cell == .null ? options.paint(.null, line) : line
            output.write(" \(label) \(options.paint(.rule, "│"))\(text.isEmpty ? "" : " ")\(text)\n")
            label = String(repeating: " ", count: headingWidth)
        }
    }

    /// The lines of a value, each folded where it is too long.
    private func lines(of text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let valueWidth else { return lines }
        return lines.flatMap { line in
            var folded: [String] = []
            var rest = line
            while DisplayWidth.of(rest) > valueWidth {
                var first = DisplayWidth.prefix(of: rest, columns: valueWidth)
                // A word that begins on this line and fits on the next one goes there.
                if let space = first.lastIndex(of: " "), first[space...].count < first.count {
                    first = first[...space]
                }
                folded.append(String(first))
                rest.removeFirst(first.count)
            }
            return folded + [rest]
        }
    }
}
