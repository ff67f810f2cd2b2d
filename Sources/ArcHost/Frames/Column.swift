import Postgres

/// The values of a column, each type in an array of its own, with the places of its NULLs beside them.
enum ColumnValues: Sendable {
    case integers(Nullable<Int64>)
    case reals(Nullable<Double>)
    case booleans(Nullable<Bool>)
    case texts(Nullable<String>)
    /// Whatever has no array of its own: times, exact decimals, JSON, arrays, …
    case others([Value])
}

/// Values of one type, some of which may be NULL.
struct Nullable<Element: Sendable>: Sendable {
    private(set) var values: [Element] = []
    /// Empty as long as nothing is NULL: most columns have none.
    private(set) var isNull: [Bool] = []

    init(capacity: Int = 0) { values.reserveCapacity(capacity) }

    /// The value of that row, or nil for NULL.
    subscript(_ row: Int) -> Element? {
        !isNull.isEmpty && isNull[row] ? nil : values[row]
    }

    /// Adds a value, or a NULL, for which `placeholder` takes the place.
    mutating func append(_ value: Element?, placeholder: Element) {
        if value == nil, isNull.isEmpty { isNull = [Bool](repeating: false, count: values.count) }
        values.append(value ?? placeholder)
        if !isNull.isEmpty || value == nil { isNull.append(value == nil) }
    }

    /// The values of these rows, in this order.
    func taking(_ rows: [Int]) -> Nullable {
        var taken = Nullable()
        taken.values = rows.map { values[$0] }
        if !isNull.isEmpty { taken.isNull = rows.map { isNull[$0] } }
        return taken
    }
}

/// A named column of a frame.
struct Column: Sendable {
    let name: String
    let values: ColumnValues

    /// The value of that row, counted from 0.
    subscript(_ row: Int) -> Value {
        switch values {
        case .integers(let column): column[row].map(Value.int) ?? .null
        case .reals(let column): column[row].map(Value.double) ?? .null
        case .booleans(let column): column[row].map(Value.bool) ?? .null
        case .texts(let column): column[row].map(Value.text) ?? .null
        case .others(let column): column[row]
        }
    }

    /// The value of that row as a number: booleans as 0 and 1; nil for NULL and for what isn't a number.
    func number(_ row: Int) -> Double? {
        switch values {
        case .integers(let column): column[row].map(Double.init)
        case .reals(let column): column[row]
        case .booleans(let column): column[row].map { $0 ? 1 : 0 }
        case .texts: nil
        case .others(let column): column[row].number
        }
    }

    /// Whether its values are numbers or booleans.
    var isNumeric: Bool {
        switch values {
        case .integers, .reals, .booleans: true
        case .texts: false
        case .others(let column): column.contains { $0.number != nil }
        }
    }

    func taking(_ rows: [Int]) -> Column {
        let taken: ColumnValues =
            switch values {
            case .integers(let column): .integers(column.taking(rows))
            case .reals(let column): .reals(column.taking(rows))
            case .booleans(let column): .booleans(column.taking(rows))
            case .texts(let column): .texts(column.taking(rows))
            case .others(let column): .others(rows.map { column[$0] })
            }
        return Column(name: name, values: taken)
    }

    /// A column of these values, in the narrowest array that holds them all.
    init(name: String, _ source: [Value]) {
        self.name = name
        values = Self.narrowed(source)
    }

    init(name: String, values: ColumnValues) {
        self.name = name
        self.values = values
    }

    private static func narrowed(_ source: [Value]) -> ColumnValues {
        let kinds = Set(source.map(\.kind)).subtracting([.null])
        switch kinds {
        case [.integer]:
            var column = Nullable<Int64>(capacity: source.count)
            for value in source { column.append(value.integer, placeholder: 0) }
            return .integers(column)
        case [.real], [.integer, .real]:
            var column = Nullable<Double>(capacity: source.count)
            for value in source { column.append(value.number, placeholder: 0) }
            return .reals(column)
        case [.boolean]:
            var column = Nullable<Bool>(capacity: source.count)
            for value in source {
                if case .bool(let flag) = value {
                    column.append(flag, placeholder: false)
                } else {
                    column.append(nil, placeholder: false)
                }
            }
            return .booleans(column)
        case [.text]:
            var column = Nullable<String>(capacity: source.count)
            for value in source {
                if case .text(let text) = value {
                    column.append(text, placeholder: "")
                } else {
                    column.append(nil, placeholder: "")
                }
            }
            return .texts(column)
        default: return .others(source)
        }
    }
}

extension Value {
    fileprivate enum Kind: Hashable { case null, integer, real, boolean, text, other }

    fileprivate var kind: Kind {
        switch self {
        case .null: .null
        case .int: .integer
        case .double: .real
        case .bool: .boolean
        case .text: .text
        default: .other
        }
    }

    fileprivate var integer: Int64? { if case .int(let value) = self { value } else { nil } }

    /// The value as a Double; nil for NULL and for what isn't a number.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .bool(let value): value ? 1 : 0
        case .numeric(let value): Double(value.description)
        default: nil
        }
    }
}
