/// How columns are made to fit into a width.
struct ColumnFit {
    /// Columns that stand beside each other.
    struct Block {
        var columns: [AlignedColumn]
        var widths: [Int]
    }

    /// The width of a line.
    let width: Int

    /// The columns in as few blocks as they can be read in; nil where rows are better written below each other.
    func blocks(of columns: [AlignedColumn], rows: Int) -> [Block]? {
        let natural = columns.map(\.natural)
        // A single row that doesn't fit is a record, not a table.
        let least = rows < 2 ? natural : columns.map(\.least)
        if let widths = widths(from: least, to: natural) { return [Block(columns: columns, widths: widths)] }
        return rows > 1 ? folded(columns) : nil
    }

    /// Widths between these bounds that fit on a line: the widest give way first. Nil where there are none.
    private func widths(from least: [Int], to natural: [Int]) -> [Int]? {
        let available = width - (natural.count * 3 - 1)
        if natural.reduce(0, +) <= available { return natural }
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

    /// The columns in several blocks, each of which begins with what tells the rows apart. Nil where a column alone is too
    /// wide.
    private func folded(_ columns: [AlignedColumn]) -> [Block]? {
        let named = label(among: columns)
        let label = named.map { columns[$0] } ?? AlignedColumn.numbers(columns.first?.texts.count ?? 0)
        var rest = columns
        if let named { rest.remove(at: named) }
        func fitted(_ columns: [AlignedColumn]) -> [Int]? {
            widths(
                from: [label.natural] + columns.dropFirst().map(\.roomy), to: columns.map(\.natural))
        }
        var blocks: [Block] = []
        for column in rest {
            if let last = blocks.last, let widths = fitted(last.columns + [column]) {
                blocks[blocks.count - 1] = Block(columns: last.columns + [column], widths: widths)
            } else if let widths = fitted([label, column]) {
                blocks.append(Block(columns: [label, column], widths: widths))
            } else {
                return nil
            }
        }
        return blocks
    }

    /// The first column of names that tells the rows apart and isn't too wide, or else the first column where it does;
    /// nil where neither does.
    private func label(among columns: [AlignedColumn]) -> Int? {
        func fits(_ column: AlignedColumn) -> Bool {
            column.alignment == .left && column.natural <= width / 3 && column.tellsApart
        }
        return columns.firstIndex { fits($0) && $0.holdsNames } ?? (fits(columns[0]) ? 0 : nil)
    }
}
