import ArcKit
import LuaBridge
import Postgres

/// What the rows of a frame have to have in one column: `frame:filter{status = "error", score = {min = 0.5}}`.
struct RowCondition {
    private let column: ColumnValues
    /// The values of which it has to be one; nil where any will do.
    private var among: [Value]?
    /// The values of which it must be none.
    private var except: [Value] = []
    private var bounds: [Bound] = []

    /// An end of a range: which orders of a row's value to this one are within.
    private struct Bound {
        let value: Value
        let isWithin: @Sendable (Int) -> Bool
    }

    private static let ends: [String: @Sendable (Int) -> Bool] = [
        "min": { $0 >= 0 }, "above": { $0 > 0 }, "max": { $0 <= 0 }, "below": { $0 < 0 },
    ]

    /// The condition that a script writes: a value, a list of values, or a table with `min`, `max`, `above`, `below` and
    /// `except`. NULL is written `arc.null`, lies in no range, and is none of the excepted unless it is named.
    ///
    /// - Throws: `HostError` with code `argument` where a value can't be compared with the column's.
    init(_ wanted: LuaValue, on column: Column, for function: String) throws {
        self.column = column.values
        func value(_ value: LuaValue) throws -> Value {
            try CellValue.of(value, for: column, function: function)
        }
        guard let table = wanted.table else {
            among = [try value(wanted)]
            return
        }
        guard !table.fields.isEmpty else {
            among = try table.array.map(value)
            return
        }
        for field in table.fields {
            let name = field.name ?? ArgumentCheck.display(field.key)
            if let isWithin = Self.ends[name] {
                bounds.append(Bound(value: try value(field.value), isWithin: isWithin))
            } else if name == "except" {
                except = try (field.value.table?.array ?? [field.value]).map(value)
            } else {
                throw Self.unknown(name, column, function)
            }
        }
    }

    private static func unknown(_ name: String, _ column: Column, _ function: String) -> HostError {
        let near = NearestName.of(name, among: ends.keys + ["except"])
        return HostError(
            .argument, "\(function): there is no condition \"\(name)\" for column \"\(column.name)\"",
            advice: near.map { "Did you mean \"\($0)\"?" }
                ?? "Write a value, a list of values, or a table with min, max, above, below or except.")
    }

    /// Takes off the flags of the rows that don't fulfil it.
    func apply(to flags: inout [Bool]) throws {
        if let among { try keep(among, true, &flags) }
        if !except.isEmpty { try keep(except, false, &flags) }
        for bound in bounds {
            let order = ColumnOrder.order(of: column, to: bound.value)
            for row in flags.indices where flags[row] {
                try Cancellation.check(at: row)
                flags[row] = bound.value != .null && !column.isNull(row) && bound.isWithin(order(row))
            }
        }
    }

    /// Keeps the rows that have one of these values, or that have none of them.
    private func keep(_ values: [Value], _ isWanted: Bool, _ flags: inout [Bool]) throws {
        let nullIsOne = values.contains(.null)
        let known = values.filter { $0 != .null }
        let isOne = try known.count > 4 ? byCodes(known) : byOrder(known)
        for row in flags.indices where flags[row] {
            try Cancellation.check(at: row)
            flags[row] = (column.isNull(row) ? nullIsOne : isOne(row)) == isWanted
        }
    }

    private func byOrder(_ values: [Value]) -> (Int) -> Bool {
        let orders = values.map { ColumnOrder.order(of: column, to: $0) }
        return { row in orders.contains { $0(row) == 0 } }
    }

    private func byCodes(_ values: [Value]) throws -> (Int) -> Bool {
        let codes = try RowCodes(ColumnValues.joined([column, ColumnValues(values)]))
        var isOne = [Bool](repeating: false, count: codes.count)
        for code in codes.codes[column.count...] { isOne[Int(code)] = true }
        return { row in isOne[Int(codes.codes[row])] }
    }
}

/// How a column's rows stand to one value.
enum ColumnOrder {
    /// For a row that isn't NULL: below 0 where its value comes before `value`, 0 where they are equal.
    static func order(of column: ColumnValues, to value: Value) -> (Int) -> Int {
        if let integers = column.integers(), let exact = value.exactInteger {
            return { row in integers[row] < exact ? -1 : integers[row] > exact ? 1 : 0 }
        }
        if let doubles = column.doubles(), let wanted = value.number {
            return { row in order(doubles[row], wanted) }
        }
        let one = ColumnValues([value])
        if one.typeName == column.typeName {
            if let words = column.orderedWords(), let wanted = one.orderedWords()?.first {
                return { row in words[row] < wanted ? -1 : words[row] > wanted ? 1 : 0 }
            }
            if column.hasBytes, let wanted = one.withBytes(0, { Array($0) }) {
                let orders = orders(of: column, to: wanted)
                return { Int(orders[$0]) }
            }
        }
        return { row in ValueOrder.compare(column[row], value) }
    }

    private static func orders(of column: ColumnValues, to wanted: [UInt8]) -> [Int8] {
        var orders = [Int8](repeating: 0, count: column.count)
        wanted.withUnsafeBytes { wanted in
            column.forEachBytes { row, bytes in
                let order = ByteOrder.compare(bytes, wanted)
                orders[row] = order < 0 ? -1 : order > 0 ? 1 : 0
            }
        }
        return orders
    }

    /// NaN is equal to itself and the greatest.
    private static func order(_ one: Double, _ other: Double) -> Int {
        if one == other || one.isNaN && other.isNaN { return 0 }
        return one < other || other.isNaN ? -1 : 1
    }
}

extension Frame {
    /// The rows that fulfil all conditions, each about the column whose name is its key.
    func filtered(_ conditions: LuaTable, for function: String) throws -> Frame {
        var flags = [Bool](repeating: true, count: count)
        for field in conditions.fields {
            let name = field.name ?? ArgumentCheck.display(field.key)
            try RowCondition(field.value, on: column(name, for: function), for: function).apply(to: &flags)
        }
        return taking(flags.indices.filter { flags[$0] }.map { Int32($0) })
    }
}

extension Value {
    /// The integer that the value is, also as a float; nil of anything else.
    fileprivate var exactInteger: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        case .numeric(let number): number.intValue
        default: nil
        }
    }
}
