import LuaBridge
import Postgres

/// A named column of a frame: values of one type in Swift's memory. Columns are never changed, and frames share them.
final class Column: HostObject {
    static let typeName = "Column"

    let name: String
    let memory: ColumnMemory
    var values: ColumnValues { memory.values }

    init(name: String, memory: ColumnMemory) {
        self.name = name
        self.memory = memory
    }

    convenience init(name: String, values: ColumnValues) {
        self.init(name: name, memory: ColumnMemory(values))
    }

    /// A column of these values, in the narrowest form that holds them all.
    convenience init(name: String, _ values: [Value]) {
        self.init(name: name, values: ColumnValues(values))
    }

    /// The number of rows.
    var count: Int { values.count }

    var memoryFootprint: Int { 128 + name.utf8.count }

    func forEachSharedMemory(_ body: (any SharedMemory) -> Void) { body(memory) }

    /// The same values under another name.
    func named(_ name: String) -> Column { Column(name: name, memory: memory) }

    /// The value of that row, counted from 0.
    subscript(_ row: Int) -> Value { values[row] }

    /// The value of that row as a number: booleans as 0 and 1; nil for NULL and for what isn't a number.
    func number(_ row: Int) -> Double? { values[row].number }

    /// Whether its values are numbers or booleans, as far as any is known.
    var isNumeric: Bool {
        guard values.nullCount < values.count else { return false }
        return switch values.content {
        case .integers, .reals, .booleans: true
        case .texts: false
        case .others: !values.hasBytes && (0..<values.count).contains { values[$0].number != nil }
        }
    }

    /// What its values are, for people.
    var typeName: String {
        values.nullCount == values.count ? values.typeName ?? "NULL" : values.typeName ?? "of several types"
    }

    /// These rows, from 0; NULL for a negative number.
    func gathering(_ rows: some Collection<Int32>) -> Column {
        Column(name: name, values: values.gathering(rows))
    }

    /// The numbers of all rows for a function that needs numbers.
    ///
    /// - Throws: `HostError` with code `column`, which says what the column holds.
    func numbers(for function: String) throws -> NumberRows {
        let nulls = values.nullFlags()
        if let doubles = values.doubles() { return NumberRows(values: doubles, nulls: nulls) }
        var numbers = [Double](repeating: 0, count: count)
        for row in 0..<count where nulls?[row] != true {
            try Cancellation.check(at: row)
            guard let number = values[row].number else {
                throw HostError(
                    .column, "\(function): column \"\(name)\" is \(typeName)",
                    advice: "It takes a column of numbers or booleans.")
            }
            numbers[row] = number
        }
        return NumberRows(values: numbers, nulls: nulls)
    }
}

/// The values of a column, which several columns and frames hold together.
final class ColumnMemory: SharedMemory {
    let values: ColumnValues
    let byteCount: Int

    init(_ values: ColumnValues) {
        self.values = values
        byteCount = values.heldBytes + 64
    }
}

/// A number for each row of a column.
struct NumberRows {
    /// 0 where nothing is known.
    let values: [Double]
    /// Which rows are NULL; nil where none is.
    let nulls: [Bool]?

    /// The numbers that are known, in order.
    var known: [Double] {
        guard let nulls else { return values }
        return values.indices.filter { !nulls[$0] }.map { values[$0] }
    }

    /// The numbers that are known among these rows, in their order.
    func known(_ rows: ArraySlice<Int32>) -> [Double] {
        var known: [Double] = []
        known.reserveCapacity(rows.count)
        for row in rows where nulls?[Int(row)] != true { known.append(values[Int(row)]) }
        return known
    }
}

extension Value {
    /// The value as a Double; nil for NULL and for what isn't a number.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .bool(let value): value ? 1 : 0
        case .numeric(let value): value.doubleValue
        default: nil
        }
    }
}
