import ArcKit
import LuaBridge
import Postgres

/// An exact decimal (PostgreSQL's numeric) in a script.
final class DecimalObject: HostObject {
    static let typeName = "Decimal"
    let number: Numeric

    init(_ number: Numeric) { self.number = number }

    /// PostgreSQL's text: all digits, as many decimals as the scale says.
    var text: String { number.description }

    /// The bytes of its digits.
    var memoryFootprint: Int { text.utf8.count > 100 ? text.utf8.count : 0 }
}

/// A UUID in a script.
final class UUIDObject: HostObject {
    static let typeName = "UUID"
    let id: UniqueID
    init(_ id: UniqueID) { self.id = id }
}

/// A value of the database that Lua has no type for: a time of day, an array with bounds of its own.
final class DatabaseObject: HostObject {
    static let typeName = "Value"
    let value: Value
    init(_ value: Value) { self.value = value }
}

extension LuaValue {
    /// A database value for Lua. NULL is nil in a row and `arc.null` within a sequence, where nil would be a hole. JSON goes as
    /// its text, of which Lua makes what a script looks at.
    init(_ value: Postgres.Value, inSequence: Bool = false) throws {
        switch value {
        case .null: self = inSequence ? .null : .nil
        case .bool(let flag): self = .boolean(flag)
        case .int(let number): self = .integer(number)
        case .double(let number): self = .number(number)
        case .numeric(let number): self = .object(DecimalObject(number))
        case .text(let text): self = .string(text)
        case .uuid(let uuid): self = .string(uuid.description)
        case .bytes(let bytes): self = .bytes(bytes)
        case .json(let text): self = .object(JSONDocument(text))
        case .timestamp(let timestamp): self = .object(TimeObject(timestamp))
        case .date(let date): self = .object(TimeObject(date) ?? DatabaseObject(value) as any HostObject)
        case .interval(let interval): self = .object(DurationObject(interval))
        case .vector(let numbers):
            self = .table(LuaTable(array: numbers.map { .number(Double($0)) }, kind: .array))
        case .array(let array) where array.dimensions.allSatisfy({ $0.lowerBound == 1 }):
            var elements = array.elements[...]
            self = try Self.list(&elements, array.dimensions[...])
        default: self = .object(DatabaseObject(value))
        }
    }

    /// A list for each of an array's dimensions, one within the other.
    private static func list(
        _ elements: inout ArraySlice<Postgres.Value>, _ dimensions: ArraySlice<ArrayValue.Dimension>
    ) throws -> LuaValue {
        guard let dimension = dimensions.first else { return .table(LuaTable(kind: .array)) }
        var list: [LuaValue] = []
        list.reserveCapacity(dimension.count)
        for _ in 0..<dimension.count {
            if dimensions.count > 1 {
                list.append(try Self.list(&elements, dimensions.dropFirst()))
            } else if let element = elements.popFirst() {
                list.append(try LuaValue(element, inSequence: true))
            }
        }
        return .table(LuaTable(array: list, kind: .array))
    }
}

extension Value {
    /// A Lua value as a query's parameter. A list goes as an array, or as JSON where that is what the parameter takes; any
    /// other table goes as JSON.
    ///
    /// - Throws: `HostError` with code `argument` where there is no such value in a database.
    init(_ value: LuaValue, function: String, parameter: String) throws {
        switch value {
        case .nil, .null: self = .null
        case .boolean(let flag): self = .bool(flag)
        case .integer(let number): self = .int(number)
        case .number(let number): self = .double(number)
        case .string(let text): self = .text(text)
        case .bytes(let bytes): self = .bytes(bytes)
        case .handle(let handle):
            guard let found = Self(handle.object) else { throw Self.unusable(value, function, parameter) }
            self = found
        case .table(let table): self = try Self.value(of: table, function, parameter)
        case .function, .other: throw Self.unusable(value, function, parameter)
        }
    }

    private init?(_ object: any HostObject) {
        switch object {
        case let decimal as DecimalObject: self = .numeric(decimal.number)
        case let time as TimeObject: self = time.value
        case let duration as DurationObject: self = .interval(duration.interval)
        case let uuid as UUIDObject: self = .uuid(uuid.id)
        case let other as DatabaseObject: self = other.value
        case let column as Column: self = .array(ArrayValue((0..<column.count).map { column[$0] }))
        case let simulation as SimulationHandle: self = .text(simulation.reference.id)
        default: return nil
        }
    }

    private static func value(of table: LuaTable, _ function: String, _ parameter: String) throws -> Value {
        guard table.isList else { return .json(try json(table, function, parameter)) }
        var elements: [Value] = []
        let shape = shape(of: table) ?? [table.array.count]
        try collect(table, depth: shape.count, into: &elements, function, parameter)
        let dimensions = elements.isEmpty ? [] : shape.map { ArrayValue.Dimension(count: $0) }
        return .array(ArrayValue(dimensions: dimensions, elements: elements) ?? ArrayValue(elements))
    }

    private static func json(_ table: LuaTable, _ function: String, _ parameter: String) throws -> String {
        if let text = try? JSON.write(.table(table)) { return text }
        // Times, decimals and frames have a form in a document.
        do { return try JSON.write(LuaValue.table(table).withForms) } catch {
            throw HostError(.argument, "\(function): \(parameter): \(error.description)")
        }
    }

    /// The lengths of a list and of the lists in it, where all that lie side by side are as long; nil where it isn't a list,
    /// or where only JSON can hold it.
    private static func shape(of table: LuaTable) -> [Int]? {
        guard table.isList else { return nil }
        var inner: [Int]?
        for (index, item) in table.array.enumerated() {
            let found = item.table.flatMap(shape)
            if index == 0 { inner = found } else if inner != found { return nil }
        }
        guard let inner else { return [table.array.count] }
        return inner.contains(0) || inner.count >= 6 ? nil : [table.array.count] + inner
    }

    private static func collect(
        _ table: LuaTable, depth: Int, into elements: inout [Value], _ function: String, _ parameter: String
    ) throws {
        for (index, item) in table.array.enumerated() {
            let place = "\(parameter)[\(index + 1)]"
            if let inner = item.table {
                if depth > 1 {
                    try collect(inner, depth: depth - 1, into: &elements, function, place)
                } else {
                    elements.append(.json(try json(inner, function, place)))
                }
            } else {
                elements.append(try Value(item, function: function, parameter: place))
            }
        }
    }

    private static func unusable(_ value: LuaValue, _ function: String, _ parameter: String) -> HostError {
        HostError(
            .argument, "\(function): \(parameter) is a \(value.typeName), which no column can hold",
            advice: "Give a string, number, boolean, list, table, time, decimal or arc.null.")
    }
}

extension LuaTable {
    /// Whether this is a list rather than an object; an empty table is one where it is marked as an array.
    var isList: Bool {
        fields.isEmpty && (kind == .array || kind != .object && !array.isEmpty)
    }
}
