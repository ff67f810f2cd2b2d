import Postgres

/// A named column of a frame.
struct Column: Sendable {
    let name: String
    let values: ColumnValues

    init(name: String, values: ColumnValues) {
        self.name = name
        self.values = values
    }

    /// A column of these values, in the narrowest form that holds them all.
    init(name: String, _ values: [Value]) {
        self.init(name: name, values: ColumnValues(values))
    }

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
        case .others: (0..<values.count).contains { values[$0].number != nil }
        }
    }

    func taking(_ rows: [Int]) -> Column { Column(name: name, values: values.taking(rows)) }
}

extension Value {
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
