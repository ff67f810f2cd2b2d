public import LuaBridge
public import Postgres

/// A query's result for scripts: named, typed columns in Swift memory behind one handle.
public final class Frame: HostObject {
    /// What scripts call it.
    public static let typeName = "Frame"

    let columns: [Column]
    let count: Int

    init(columns: [Column], count: Int) {
        self.columns = columns
        self.count = count
    }

    /// The frame of rows that came as columns.
    public init(_ rows: ColumnSet) {
        count = rows.count
        columns = zip(rows.columns, rows.values).map { Column(name: $0.name, values: $1) }
    }

    /// The frame of a result.
    public convenience init(_ result: QueryResult) { self.init(ColumnSet(result)) }

    /// The bytes of its columns.
    public var memoryFootprint: Int { columns.reduce(0) { $0 + $1.values.heldBytes } }

    /// The column of that name.
    ///
    /// - Throws: `HostError` with code `column`, which suggests the nearest name.
    func column(_ name: String) throws -> Column {
        if let column = columns.first(where: { $0.name == name }) { return column }
        let names = columns.map(\.name)
        let advice =
            NearestName.of(name, among: names).map { "Did you mean \"\($0)\"?" }
            ?? "It has: \(names.joined(separator: ", "))."
        throw HostError(.column, "this frame has no column \"\(name)\"", advice: advice)
    }

    /// The frame of these rows (from 0), in this order.
    func taking(_ rows: [Int]) -> Frame {
        Frame(columns: columns.map { $0.taking(rows) }, count: rows.count)
    }

    /// The frame sorted by these columns; NULL last either way, and rows that are equal stay in order.
    func sorted(by keys: [(column: String, descending: Bool)]) throws -> Frame {
        let keyed = try keys.map { (column: try column($0.column), descending: $0.descending) }
        let order = (0..<count).sorted { one, other in
            for key in keyed {
                switch ValueOrder.compare(key.column[one], key.column[other], descending: key.descending) {
                case .orderedAscending: return true
                case .orderedDescending: return false
                case .orderedSame: continue
                }
            }
            return one < other
        }
        return taking(order)
    }

    /// The rows as a table for people and files.
    public var table: Table {
        Table(
            columns: columns.map { Table.Column($0.name, $0.isNumeric ? .right : .left) },
            rows: (0..<count).map { row in columns.map { Cell($0[row]) } })
    }
}

/// One row of a frame. Its fields are looked up as a script asks for them.
final class FrameRow: HostObject {
    static let typeName = "Row"

    let frame: Frame
    let index: Int

    init(_ frame: Frame, _ index: Int) {
        self.frame = frame
        self.index = index
    }
}

/// The order of values within a column.
enum ValueOrder {
    enum Result { case orderedAscending, orderedSame, orderedDescending }

    static func compare(_ one: Value, _ other: Value, descending: Bool) -> Result {
        switch (one == .null, other == .null) {
        case (true, true): return .orderedSame
        case (true, false): return .orderedDescending
        case (false, true): return .orderedAscending
        default: break
        }
        let isLess = precedes(one, other)
        if !isLess, !precedes(other, one) { return .orderedSame }
        return isLess != descending ? .orderedAscending : .orderedDescending
    }

    private static func precedes(_ one: Value, _ other: Value) -> Bool {
        if let left = one.number, let right = other.number { return left < right }
        if case .timestamp(let left) = one, case .timestamp(let right) = other { return left < right }
        return one.description < other.description
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
