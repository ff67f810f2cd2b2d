import Postgres

extension Frame {
    /// The rows as a table for people and files.
    public var table: Table { table(rows: count) }

    /// The first rows as a table that knows how many there are in all.
    func table(rows limit: Int) -> Table {
        Table(
            columns: columns.map { Table.Column($0.name, $0.isNumeric ? .right : .left) },
            rows: (0..<min(count, max(0, limit))).map { row in columns.map { Cell($0[row]) } }, total: count)
    }

    /// The rows in a format. Nothing is made of rows that aren't shown, nor of more than one at a time of those that are where
    /// the format needs no more.
    public func text(_ format: TableFormat, _ options: TableOptions = TableOptions()) -> String {
        guard var writer = RowWriter(format, options) else {
            let limit = format == .markdown ? nil : options.rowLimit
            return table(rows: limit ?? count).text(format, options)
        }
        writer.begin(names)
        for row in 0..<count { writer.add(columns.map { Cell($0[row]) }) }
        writer.end()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Cell {
    /// The cell of a database value.
    init(_ value: Value) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .int(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .numeric(let value): self = .decimal(value.description)
        case .text(let text): self = .text(text)
        case .json(let text): self = .json(text)
        default: self = .text(value.description)
        }
    }
}

extension Frame {
    /// The frame of a table's cells; of equal names the second becomes `name_2`.
    convenience init(_ table: Table) {
        self.init(
            columns: table.columns.indices.map { place in
                Column(name: table.columns[place].name, table.rows.map { Value($0[place]) })
            }, count: table.rows.count)
    }
}

extension Value {
    /// The database value of a cell.
    fileprivate init(_ cell: Cell) {
        switch cell {
        case .null: self = .null
        case .text(let text): self = .text(text)
        case .integer(let value): self = .int(value)
        case .real(let value): self = .double(value)
        case .decimal(let text): self = Numeric(text).map(Value.numeric) ?? .text(text)
        case .boolean(let value): self = .bool(value)
        case .json(let text): self = .json(text)
        }
    }
}
