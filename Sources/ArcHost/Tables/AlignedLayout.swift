/// The format `table`: aligned columns under a ruled heading.
///
/// ```
///  scenario │ score
/// ──────────┼───────
///  airline… │  0.42
/// ```
///
/// Where a screen is too narrow, headings are broken at their underscores and long texts are cut, but to no less than can
/// be told apart. What still is too wide is folded: the columns come in several tables below each other, each of which
/// begins with what tells the rows apart. A single row that is too wide is shown in the expanded layout instead.
struct AlignedLayout {
    private let table: Table
    private let options: TableOptions
    private let shown: ArraySlice<[Cell]>
    private let columns: [AlignedColumn]

    init(_ table: Table, _ options: TableOptions) {
        self.table = table
        self.options = options
        let shown = table.rows.prefix(options.rowLimit.map { max(0, $0) } ?? table.rows.count)
        self.shown = shown
        columns = table.columns.indices.map { index in
            AlignedColumn(
                VisibleText.line(table.columns[index].heading), table.columns[index].alignment,
                shown.map { ($0[index], VisibleText.line($0[index].display)) })
        }
    }

    func write(to output: inout some TextOutputStream) {
        guard !columns.isEmpty else { return writeNote(cut: 0, to: &output) }
        guard let width = options.width else {
            return write([ColumnFit.Block(columns: columns, widths: columns.map(\.natural))], to: &output)
        }
        guard let blocks = ColumnFit(width: width).blocks(of: columns, rows: shown.count) else {
            return ExpandedLayout(table, options).write(to: &output)
        }
        write(blocks, to: &output)
    }

    private func write(_ blocks: [ColumnFit.Block], to output: inout some TextOutputStream) {
        var cut = 0
        for (index, block) in blocks.enumerated() {
            if index > 0 { output.write("\n") }
            write(block, cut: &cut, to: &output)
        }
        writeNote(cut: cut, to: &output)
    }

    private func write(
        _ block: ColumnFit.Block, cut: inout Int, to output: inout some TextOutputStream
    ) {
        let headings = zip(block.columns, block.widths).map { $0.headingLines(within: $1) }
        let height = headings.map(\.count).max() ?? 1
        for line in 0..<height {
            // Short headings stand at the rule, as the last lines of long ones do.
            let texts = headings.map { lines in
                let index = line - (height - lines.count)
                return index < 0 ? "" : lines[index]
            }
            writeLine(texts, block, part: { _ in .heading }, to: &output)
        }
        let rule = block.widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: "┼")
        output.write(options.paint(.rule, rule) + "\n")
        for row in shown.indices.map({ $0 - shown.startIndex }) {
            var texts: [String] = []
            for (index, column) in block.columns.enumerated() {
                let (text, isCut) = AlignedColumn.shortened(column.texts[row], to: block.widths[index])
                if isCut { cut += 1 }
                texts.append(text)
            }
            writeLine(texts, block, part: { block.columns[$0].isNull[row] ? .null : nil }, to: &output)
        }
    }

    private func writeLine(
        _ texts: [String], _ block: ColumnFit.Block, part: (Int) -> TableOptions.Part?,
        to output: inout some TextOutputStream
    ) {
        let bar = options.paint(.rule, "│")
        for index in texts.indices {
            let text = texts[index]
            let padding = String(
                repeating: " ", count: max(0, block.widths[index] - DisplayWidth.of(text)))
            let painted = part(index).map { options.paint($0, text) } ?? text
            output.write(index == 0 ? " " : bar + " ")
            output.write(block.columns[index].alignment == .right ? padding + painted : painted + padding)
            output.write(" ")
        }
        output.write("\n")
    }

    private func writeNote(cut: Int, to output: inout some TextOutputStream) {
        let note = TableNote(shown: shown.count, total: table.total, cut: cut, rest: options.rest)
        if options.countsRows || note.isNeeded { output.write(options.paint(.note, note.text) + "\n") }
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
