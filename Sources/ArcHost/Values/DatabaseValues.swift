import ArcKit
import LuaBridge
import Postgres

/// An exact decimal (PostgreSQL's numeric) in a script.
final class DecimalObject: HostObject {
    static let typeName = "Decimal"
    let text: String
    init(_ text: String) { self.text = text }
}

/// A moment, a date, an interval or another value of the database that Lua has no type for.
final class DatabaseObject: HostObject {
    static let typeName = "Value"
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// A moment in a script: an `arc.time`.
final class TimeObject: HostObject {
    static let typeName = "Time"
    let timestamp: Timestamp
    init(_ timestamp: Timestamp) { self.timestamp = timestamp }
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
        case .numeric(let number): self = .object(DecimalObject(number.description))
        case .text(let text): self = .string(text)
        case .uuid(let uuid): self = .string(uuid.description)
        case .bytes(let bytes): self = .bytes(bytes)
        case .json(let text): self = .object(JSONDocument(text))
        case .timestamp(let timestamp): self = .object(TimeObject(timestamp))
        case .vector(let numbers):
            self = .table(LuaTable(array: numbers.map { .number(Double($0)) }, kind: .array))
        case .array(let array) where array.dimensions.count <= 1:
            self = .table(
                LuaTable(array: try array.elements.map { try LuaValue($0, inSequence: true) }, kind: .array))
        default: self = .object(DatabaseObject(value))
        }
    }
}

extension Value {
    /// A Lua value as a query's parameter. A table goes as an array where it is a list, else as JSON.
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
            switch handle.object {
            case let decimal as DecimalObject: self = .text(decimal.text)
            case let time as TimeObject: self = .timestamp(time.timestamp)
            case let other as DatabaseObject: self = other.value
            case let simulation as SimulationHandle: self = .text(simulation.reference.id)
            default: throw Self.unusable(value, function, parameter)
            }
        case .table(let table):
            let isList = table.fields.isEmpty && (table.kind == .array || !table.array.isEmpty)
            if isList, table.array.allSatisfy({ $0.table == nil }) {
                let elements = try table.array.map { try Value($0, function: function, parameter: parameter) }
                self = .array(ArrayValue(elements))
            } else {
                self = .json(try JSON.write(value))
            }
        case .function, .other: throw Self.unusable(value, function, parameter)
        }
    }

    private static func unusable(_ value: LuaValue, _ function: String, _ parameter: String) -> HostError {
        HostError(
            .argument, "\(function): parameter \(parameter) is a \(value.typeName), which no column can hold",
            advice: "Give a string, number, boolean, list, table, time, decimal or arc.null.")
    }
}
