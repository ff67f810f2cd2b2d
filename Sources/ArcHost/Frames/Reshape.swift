import Postgres

extension Frame {
    /// A frame of the distinct rows of some columns, with a column for each value of another.
    ///
    /// - Parameters:
    ///   - rows: the columns whose combinations become rows.
    ///   - names: the column whose values become names.
    ///   - values: the column whose values fill the cells.
    ///   - kind: what becomes of several values for one cell; nil where that is an error.
    /// - Throws: `HostError` for an unknown column, several values for a cell without `kind`, or too many columns.
    func pivoted(
        rows: [String], names: String, values: String, _ kind: Aggregate.Kind?, for function: String
    ) throws -> Frame {
        let nameColumn = try column(names, for: function)
        let valueColumn = try column(values, for: function)
        let groups = try FrameGroups(self, by: rows, for: function)
        let codes = try RowCodes(nameColumn.values)
        guard codes.count <= Self.widest else {
            throw HostError(
                .argument,
                "\(function): column \"\(names)\" has \(Figure.count(codes.count)) different values, and each would become a column",
                advice: "A frame gets at most \(Figure.count(Self.widest)) columns this way.")
        }
        let aggregate = Aggregate(kind: kind ?? .first, column: valueColumn, function: function)
        // Rows in the order of their names, in as many stretches: each is a column's worth.
        var rowsOfName = [[Int32]](repeating: [], count: codes.count)
        for (row, code) in codes.codes.enumerated() { rowsOfName[Int(code)].append(Int32(row)) }
        var groupOfRow = [Int32](repeating: 0, count: count)
        for group in 0..<groups.count {
            for row in groups.groups[group] { groupOfRow[Int(row)] = Int32(group) }
        }
        let cells = try rowsOfName.enumerated().map { code, rows in
            let name = nameColumn[Int(codes.firsts[code])]
            let cell = Cells(rows: rows, groups: groupOfRow, count: groups.count)
            if kind == nil, let row = cell.second {
                throw several(groups.keys, row, nameColumn, function)
            }
            let found = try aggregate.values(of: cell.groups)
            return Column(
                name: name == .null ? "null" : name.description,
                values: kind?.isNumberOfRows == true
                    // Without rows there is nothing to count, which is known.
                    ? ColumnValues(cell.places.map { $0 < 0 ? .int(0) : found[Int($0)] })
                    : found.gathering(cell.places))
        }
        return Frame(columns: groups.keyFrame.columns + cells, count: groups.count)
    }

    /// The columns that a pivot makes at most.
    private static var widest: Int { 2000 }

    /// The cells of one column of a pivot.
    private struct Cells {
        /// The rows of each cell that has any.
        let groups: RowGroups
        /// Which of them each row of the pivot has; −1 for none.
        private(set) var places: [Int32]
        /// The second row of a cell, where one has several.
        private(set) var second: Int32?

        init(rows: [Int32], groups groupOfRow: [Int32], count: Int) {
            places = Array(repeating: -1, count: count)
            var cells: [[Int32]] = []
            for row in rows {
                let group = Int(groupOfRow[Int(row)])
                if places[group] < 0 {
                    places[group] = Int32(cells.count)
                    cells.append([row])
                } else {
                    if second == nil { second = row }
                    cells[Int(places[group])].append(row)
                }
            }
            groups = RowGroups(cells)
        }
    }

    private func several(_ keys: [Column], _ row: Int32, _ name: Column, _ function: String) -> HostError {
        let place = (keys + [name]).map { "\($0.name) = \(Cell($0[Int(row)]).display)" }
        return HostError(
            .argument, "\(function): there are several values for \(place.joined(separator: ", "))",
            advice: "Say what becomes of them: agg = \"mean\", \"sum\", \"max\", \"first\", …")
    }

    /// Some columns one below the other: for each row and each of them a row with its name and its value.
    ///
    /// - Parameters:
    ///   - kept: the columns that are repeated beside them.
    ///   - stacked: the columns that become rows.
    func unpivoted(kept: [Column], stacked: [Column], name: String, value: String) throws -> Frame {
        let height = count * stacked.count
        guard height <= Int(Int32.max) else {
            throw HostError(
                .argument, "Frame:unpivot: the result would have \(Figure.count(height, "row", "rows"))")
        }
        // Row by row: what belongs to a row stays together.
        let width = stacked.count
        let rows = (0..<height).map { Int32($0 / max(1, width)) }
        let names = ColumnValues(stacked.map { Value.text($0.name) })
        let cells = ColumnValues.joined(stacked.map(\.values))
        return Frame(
            columns: kept.map { $0.gathering(rows) } + [
                Column(name: name, values: names.gathering((0..<height).map { Int32($0 % max(1, width)) })),
                Column(
                    name: value,
                    values: cells.gathering(
                        (0..<height).map { Int32($0 % max(1, width) * count + $0 / max(1, width)) })),
            ], count: height)
    }

    /// The rows of several frames one below the other, with every column that one of them has, and NULL where a frame hasn't.
    static func stacked(_ frames: [Frame]) throws -> Frame {
        let count = frames.reduce(0) { $0 + $1.count }
        guard count <= Int(Int32.max) else {
            throw HostError(
                .argument, "Frame:concat: the result would have \(Figure.count(count, "row", "rows"))")
        }
        var names: [String] = []
        for name in frames.flatMap(\.names) where !names.contains(name) { names.append(name) }
        let columns = names.map { name in
            Column(
                name: name,
                values: .joined(
                    frames.map { frame in
                        frame.columns.first { $0.name == name }?.values ?? .nulls(frame.count)
                    }))
        }
        return Frame(columns: columns, count: count)
    }
}

extension ColumnValues {
    /// A column in which nothing is known.
    static func nulls(_ count: Int) -> ColumnValues { ColumnValues(Array(repeating: .null, count: count)) }
}
