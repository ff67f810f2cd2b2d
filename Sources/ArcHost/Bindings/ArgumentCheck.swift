import LuaBridge

/// Checks values against declared types, and says what is wrong with them.
struct ArgumentCheck {
    let function: String

    func check(_ value: LuaValue, against parameter: Parameter, place: String) throws {
        if value == .nil || value == .null {
            if parameter.isRequired { throw wrong(place, parameter.type, value) }
            return
        }
        try check(value, against: parameter.type, place: place)
    }

    private func check(_ value: LuaValue, against type: ParameterType, place: String) throws {
        switch type {
        case .any: return
        case .list(let element): try checkList(value, of: element, whole: type, place: place)
        case .record(_, let fields): try checkRecord(value, fields: fields, whole: type, place: place)
        case .either(let one, let other): try checkEither(value, one, other, whole: type, place: place)
        default: guard Self.fits(value, type) else { throw wrong(place, type, value) }
        }
    }

    /// Whether a value without parts of its own fits.
    private static func fits(_ value: LuaValue, _ type: ParameterType) -> Bool {
        switch type {
        case .string: value.stringValue != nil
        case .boolean: value.boolValue != nil
        case .integer(let range): value.integerValue.map(range.contains) ?? false
        case .number(let range): value.numberValue.map(range.contains) ?? false
        case .choice(let names): value.stringValue.map(names.contains) ?? false
        case .duration: value.numberValue.map { $0 >= 0 } ?? (value.stringValue != nil)
        case .function: value.function != nil
        case .table: value.table != nil
        case .simulation:
            value.stringValue != nil || value.handle?.object is SimulationHandle
        case .frame: value.handle?.object is Frame
        case .handle(let name): value.handle.map { Swift.type(of: $0.object).typeName == name } ?? false
        case .any, .list, .record, .either: true
        }
    }

    private func checkEither(
        _ value: LuaValue, _ one: ParameterType, _ other: ParameterType, whole: ParameterType, place: String
    ) throws {
        // A table can only have been meant as the record: say what is wrong within it.
        if value.table != nil, case .record = other { return try check(value, against: other, place: place) }
        do { try check(value, against: one, place: place) } catch {
            do { try check(value, against: other, place: place) } catch { throw wrong(place, whole, value) }
        }
    }

    private func checkList(
        _ value: LuaValue, of element: ParameterType, whole: ParameterType, place: String
    ) throws {
        guard let table = value.table, table.fields.isEmpty else { throw wrong(place, whole, value) }
        for (index, item) in table.array.enumerated() {
            try check(item, against: element, place: "\(place)[\(index + 1)]")
        }
    }

    private func checkRecord(
        _ value: LuaValue, fields: [Parameter], whole: ParameterType, place: String
    ) throws {
        guard let table = value.table, table.array.isEmpty else { throw wrong(place, whole, value) }
        for field in table.fields {
            let name = field.name ?? Self.display(field.key)
            guard !fields.contains(where: { $0.name == name }) else { continue }
            let names = fields.map(\.name)
            let near = NearestName.of(name, among: names)
            throw HostError(
                .argument, "\(function): \(place) has no field \"\(name)\"",
                advice: near.map { "Did you mean \"\($0)\"?" }
                    ?? "It may have: \(names.joined(separator: ", ")).")
        }
        let given = table.stringFields
        for field in fields {
            // The fields are what a caller knows by name: the table that holds them adds nothing to a message,
            // unless it is one of many.
            let within = place.contains("[") ? "\(place).\(field.name)" : field.name
            try check(given[field.name] ?? .nil, against: field, place: within)
        }
    }

    private func wrong(_ place: String, _ type: ParameterType, _ value: LuaValue) -> HostError {
        HostError(
            .argument, "\(function): \(place) must be \(type.expectation), got \(Self.display(value))")
    }

    /// A value in a message: short values as they are, others by their type.
    static func display(_ value: LuaValue) -> String {
        switch value {
        case .nil: "nothing"
        case .null: "arc.null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        // The sign of a NaN means nothing.
        case .number(let value): value.isNaN ? "nan" : "\(value)"
        case .string(let text): text.count <= 60 ? "\"\(text)\"" : "\"\(text.prefix(57))…\""
        default: "a \(value.typeName)"
        }
    }
}
