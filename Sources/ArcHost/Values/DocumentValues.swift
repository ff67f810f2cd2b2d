import ArcKit
import LuaBridge
import Postgres

extension JSONValue {
    /// A Lua value as a document.
    ///
    /// - Throws: `HostError` with code `argument` for a function, a handle or bytes that aren't text.
    init(_ value: LuaValue, function: String) throws {
        switch value {
        case .nil, .null: self = .null
        case .boolean(let flag): self = .bool(flag)
        case .integer(let number): self = .integer(number)
        case .number(let number):
            guard number.isFinite else {
                throw HostError(
                    .argument, "\(function): JSON cannot hold \(number)", advice: "What isn't known is nil.")
            }
            self = .number(number)
        case .string(let text): self = .string(text)
        case .table(let table):
            let isArray = table.fields.isEmpty && (table.kind == .array || !table.array.isEmpty)
            if isArray {
                self = .array(try table.array.map { try JSONValue($0, function: function) })
            } else {
                self = .object(try Self.members(of: table, function: function))
            }
        case .handle(let handle):
            switch handle.object {
            case let decimal as DecimalObject: self = try JSONValue(decimal.number, function: function)
            case let time as TimeObject: self = .string(time.text)
            case let duration as DurationObject: self = .string(duration.text)
            case let uuid as UUIDObject: self = .string(uuid.id.description)
            case let other as DatabaseObject: self = .string(other.value.description)
            case let simulation as SimulationHandle: self = .string(simulation.reference.id)
            case let document as JSONDocument:
                self = try JSONValue(try JSON.parse(document.text), function: function)
            case let frame as Frame: self = .array((0..<frame.count).map { frame.document($0) })
            case let column as Column: self = .array((0..<column.count).map { Cell(column[$0]).document })
            case let row as FrameRow: self = row.frame.document(row.index)
            default: throw Self.unusable(value, function)
            }
        case .bytes, .function, .other: throw Self.unusable(value, function)
        }
    }

    /// A whole number exactly, any other as the nearest float: a document has no more.
    private init(_ number: Numeric, function: String) throws {
        if let integer = number.intValue {
            self = .integer(integer)
        } else {
            self = try JSONValue(.number(number.doubleValue), function: function)
        }
    }

    private static func members(of table: LuaTable, function: String) throws -> [Member] {
        var members: [Member] = []
        for (index, item) in table.array.enumerated() {
            members.append(Member(String(index + 1), try JSONValue(item, function: function)))
        }
        for field in table.fields {
            let name: String
            switch field.key {
            case .string(let text): name = text
            case .integer(let number): name = String(number)
            default: throw unusable(field.key, function)
            }
            members.append(Member(name, try JSONValue(field.value, function: function)))
        }
        return members
    }

    private static func unusable(_ value: LuaValue, _ function: String) -> HostError {
        let what: String
        if case .bytes = value {
            what = "a string that isn't valid UTF-8"
        } else {
            what = "a \(value.typeName)"
        }
        return HostError(.argument, "\(function): JSON cannot hold \(what)")
    }
}

extension LuaValue {
    /// A document for Lua; its nulls are `arc.null`.
    init(_ document: JSONValue) {
        switch document {
        case .null: self = .null
        case .bool(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .array(let elements):
            self = .table(LuaTable(array: elements.map(LuaValue.init), kind: .array))
        case .object(let members):
            self = .table(
                LuaTable(fields: members.map { LuaTable.Field($0.name, LuaValue($0.value)) }, kind: .object))
        }
    }

    /// The number, or nil where it isn't known.
    static func optional(_ value: Double?) -> LuaValue { value.map(LuaValue.number) ?? .nil }
    /// The integer, or nil where it isn't known.
    static func optional(_ value: Int64?) -> LuaValue { value.map(LuaValue.integer) ?? .nil }
    /// The text, or nil where it isn't known.
    static func optional(_ value: String?) -> LuaValue { value.map(LuaValue.string) ?? .nil }
}

extension LuaTable {
    /// A table of these fields; nil leaves a field out.
    init(_ fields: KeyValuePairs<String, LuaValue>) {
        self.init(fields: fields.filter { $0.value != .nil }.map { Field($0.key, $0.value) }, kind: .object)
    }
}

extension Frame {
    /// A row as an object, its NULLs as null.
    func document(_ row: Int) -> JSONValue {
        .object(columns.map { JSONValue.Member($0.name, Cell($0[row]).document) })
    }
}
