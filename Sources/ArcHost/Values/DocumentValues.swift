import ArcKit
import LuaBridge
import Postgres

extension JSONValue {
    /// A Lua value as a document.
    ///
    /// - Parameter format: what the document is to be written as, for messages.
    /// - Parameter allowsNaN: whether the format has NaN and infinities.
    /// - Throws: `HostError` with code `argument` for a function, a handle, bytes that aren't text, and tables whose names
    ///   aren't texts or that have items beside them; it names the place.
    init(_ value: LuaValue, function: String, format: String = "JSON", allowsNaN: Bool = false) throws {
        do {
            self = try DocumentMaking(allowsNaN: allowsNaN).document(value)
        } catch {
            let place = error.place.isEmpty ? "" : ", at $\(error.place)"
            throw HostError(
                .argument, "\(function): \(format) cannot hold \(error.what)\(place)", advice: error.advice)
        }
    }

    /// A decimal number of these digits: an integer where it has no decimals and 64 bits hold it.
    init(digits: String) { self = Int64(digits).map(JSONValue.integer) ?? .decimal(digits) }
}

/// Makes documents of Lua's values.
private struct DocumentMaking {
    let allowsNaN: Bool

    /// What can't be in a document, and where.
    struct Refusal: Error {
        let what: String
        var advice: String?
        /// As in ".a[3].b".
        var place = ""

        func within(_ outer: String) -> Refusal {
            var refusal = self
            refusal.place = outer + place
            return refusal
        }
    }

    func document(_ value: LuaValue) throws(Refusal) -> JSONValue {
        switch value {
        case .nil, .null: return .null
        case .boolean(let flag): return .bool(flag)
        case .integer(let number): return .integer(number)
        case .number(let number): return try document(number)
        case .string(let text): return .string(text)
        case .table(let table): return try document(table)
        case .handle(let handle): return try document(handle.object, value)
        case .bytes: throw Refusal(what: "a string that isn't valid UTF-8")
        case .function, .other: throw Refusal(what: "a \(value.typeName)")
        }
    }

    private func document(_ number: Double) throws(Refusal) -> JSONValue {
        if number.isFinite || allowsNaN { return .number(number) }
        let name = number.isNaN ? "nan" : number < 0 ? "-infinity" : "infinity"
        throw Refusal(what: name, advice: "What isn't known is arc.null.")
    }

    private func document(_ object: any HostObject, _ value: LuaValue) throws(Refusal) -> JSONValue {
        switch object {
        case let decimal as DecimalObject:
            decimal.number.isFinite
                ? JSONValue(digits: decimal.text) : try document(decimal.number.doubleValue)
        case let time as TimeObject: .string(time.text)
        case let duration as DurationObject: .string(duration.text)
        case let uuid as UUIDObject: .string(uuid.id.description)
        case let other as DatabaseObject: .string(other.value.description)
        case let simulation as SimulationHandle: .string(simulation.reference.id)
        case let document as JSONDocument: try read(document)
        case let frame as Frame: .array((0..<frame.count).map { frame.document($0) })
        case let column as Column: .array((0..<column.count).map { Cell(column[$0]).document })
        case let row as FrameRow: row.frame.document(row.index)
        case let answer as Answer: try self.document(answer.document)
        default: throw Refusal(what: "a \(value.typeName)")
        }
    }

    private func read(_ document: JSONDocument) throws(Refusal) -> JSONValue {
        let value: LuaValue
        do { value = try JSON.parse(document.text) } catch { throw Refusal(what: error.description) }
        return try self.document(value)
    }

    private func document(_ table: LuaTable) throws(Refusal) -> JSONValue {
        guard table.array.isEmpty || table.fields.isEmpty else {
            throw Refusal(what: "a table with both items and other fields")
        }
        if table.kind == .array || !table.array.isEmpty {
            var items: [JSONValue] = []
            items.reserveCapacity(table.array.count)
            for (index, item) in table.array.enumerated() {
                do { items.append(try document(item)) } catch { throw error.within("[\(index + 1)]") }
            }
            return .array(items)
        }
        var members: [JSONValue.Member] = []
        members.reserveCapacity(table.fields.count)
        for field in table.fields {
            guard let name = field.name else {
                throw Refusal(
                    what: "a field whose name is \(ArgumentCheck.display(field.key)), not a string",
                    advice: "Make a text of it: t[tostring(key)].")
            }
            do {
                members.append(JSONValue.Member(name, try document(field.value)))
            } catch { throw error.within(".\(name)") }
        }
        return .object(members)
    }
}

extension LuaValue {
    /// A document for Lua; its nulls are `arc.null`, its decimals floats there, and exact where it is written as JSON.
    init(_ document: JSONValue) {
        switch document {
        case .null: self = .null
        case .bool(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .number(number)
        case .decimal(let digits): self = .object(JSONDocument(digits))
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

extension Cell {
    /// The cell as a JSON value. NaN and infinities, which JSON has no number for, are texts.
    var document: JSONValue {
        switch self {
        case .null: .null
        case .text(let text): .string(text)
        case .integer(let value): .integer(value)
        case .real(let value): value.isFinite ? .number(value) : .string(exact)
        case .boolean(let value): .bool(value)
        case .decimal(let text): JSONText.isNumber(text) ? JSONValue(digits: text) : .string(text)
        case .json(let text): (try? JSONValue(parsing: text)) ?? .string(text)
        }
    }
}
