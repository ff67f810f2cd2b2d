import ArcKit
import LuaBridge
import Postgres

/// Checks values against declared types, and says what is wrong with them.
struct ArgumentCheck {
    let function: String
    /// Where the fields of a JSON file begin, when it is one that is checked: places are whole paths then, have their line
    /// before them, and an empty array is no object.
    var lines: ManifestLines?

    init(function: String, lines: ManifestLines? = nil) {
        self.function = function
        self.lines = lines
    }

    /// - Parameter place: what to call the value in a message; asked for only where there is one.
    func check(
        _ value: LuaValue, against parameter: Parameter, place: @autoclosure () -> String
    ) throws {
        try check(value, against: parameter.type, isRequired: parameter.isRequired, place)
    }

    private func check(
        _ value: LuaValue, against type: ParameterType, isRequired: Bool, _ place: () -> String
    ) throws {
        if !value.isAbsent { return try check(value, against: type, place) }
        // NULL is a value, where any will do.
        if case .any = type, case .null = value { return }
        if isRequired { throw wrong(place(), type, value) }
    }

    private func check(_ value: LuaValue, against type: ParameterType, _ place: () -> String) throws {
        switch type {
        case .any, .json: return
        case .list(let element): try checkList(value, of: element, whole: type, place)
        case .numbers: try checkNumbers(value, place)
        case .labels: try checkLabels(value, place)
        case .record(_, let fields): try checkRecord(value, fields: fields, whole: type, place)
        case .named(let element, let form): try checkNamed(value, of: element, form, whole: type, place)
        case .either(let one, let other): try checkEither(value, one, other, whole: type, place)
        default: guard Self.fits(value, type) else { throw wrong(place(), type, value) }
        }
    }

    /// Whether a value without parts of its own fits.
    private static func fits(_ value: LuaValue, _ type: ParameterType) -> Bool {
        switch type {
        case .string: value.stringValue != nil
        case .text(let form): value.stringValue.map(form.fits) ?? false
        case .boolean: value.boolValue != nil
        case .integer(let range): value.integerValue.map(range.contains) ?? false
        case .number(let range): value.numberValue.map(range.contains) ?? false
        case .choice(let names): value.stringValue.map(names.contains) ?? false
        case .duration:
            value.numberValue.map { $0 >= 0 }
                ?? (value.stringValue != nil || value.handle?.object is DurationObject)
        case .function: value.function != nil
        case .table, .partlyJSON:
            if case .table = value { true } else { false }
        case .simulation:
            value.stringValue != nil || value.handle?.object is SimulationHandle
        case .frame: value.handle?.object is Frame
        case .handle(let name): value.handle.map { Swift.type(of: $0.object).typeName == name } ?? false
        case .any, .json, .list, .numbers, .labels, .record, .named, .either: true
        }
    }

    private func checkEither(
        _ value: LuaValue, _ one: ParameterType, _ other: ParameterType, whole: ParameterType,
        _ place: () -> String
    ) throws {
        // A table can only have been meant as the record: say what is wrong within it.
        if case .table = value, case .record = other { return try check(value, against: other, place) }
        do { try check(value, against: one, place) } catch {
            do { try check(value, against: other, place) } catch { throw wrong(place(), whole, value) }
        }
    }

    private func checkList(
        _ value: LuaValue, of element: ParameterType, whole: ParameterType, _ place: () -> String
    ) throws {
        guard case .table(let table) = value, table.fields.isEmpty, lines == nil || table.kind != .object
        else {
            throw wrong(place(), whole, value)
        }
        for index in table.array.indices {
            try check(table.array[index], against: element) { "\(place())[\(index + 1)]" }
        }
    }

    private func checkNumbers(_ value: LuaValue, _ place: () -> String) throws {
        if let column = value.object(as: Column.self) {
            for row in 0..<column.count where !column.values.isNull(row) {
                guard let number = column.number(row), number.isFinite else {
                    throw wrong("\(place())[\(row + 1)]", .anyNumber, (try? LuaValue(column[row])) ?? .nil)
                }
            }
            return
        }
        guard case .table(let table) = value, table.fields.isEmpty else {
            throw wrong(place(), .numbers, value)
        }
        for (index, item) in table.array.enumerated() where !item.isAbsent {
            if let decimal = item.object(as: DecimalObject.self), decimal.number.isFinite { continue }
            guard Self.fits(item, .anyNumber) else {
                throw wrong("\(place())[\(index + 1)]", .anyNumber, item)
            }
        }
    }

    private func checkLabels(_ value: LuaValue, _ place: () -> String) throws {
        if value.object(as: Column.self) != nil { return }
        guard case .table(let table) = value, table.fields.isEmpty else {
            throw wrong(place(), .labels, value)
        }
        for (index, item) in table.array.enumerated() {
            if item.stringValue != nil || item.object(as: TimeObject.self) != nil { continue }
            guard Self.fits(item, .anyNumber) else {
                throw HostError(
                    .argument,
                    "\(function): \(place())[\(index + 1)] must be a string, a finite number or a time, got \(Self.display(item))"
                )
            }
        }
    }

    private func checkRecord(
        _ value: LuaValue, fields: [Parameter], whole: ParameterType, _ place: () -> String
    ) throws {
        guard case .table(let table) = value, table.array.isEmpty, lines == nil || table.kind != .array else {
            throw wrong(place(), whole, value)
        }
        // The fields are what a caller knows by name: the table that holds them adds nothing to a message,
        // unless it is one of many, or of a file.
        func within(_ name: String) -> String {
            let place = place()
            if lines != nil { return place.isEmpty ? name : "\(place).\(name)" }
            return place.contains("[") ? "\(place).\(name)" : name
        }
        var missing = fields.count { $0.isRequired }
        for given in table.fields {
            guard let index = Self.index(of: given.key, among: fields) else {
                throw unknown(in: table, among: fields, place())
            }
            let isRequired = fields[index].isRequired
            try check(given.value, against: fields[index].type, isRequired: isRequired) {
                within(fields[index].name)
            }
            if isRequired { missing -= 1 }
        }
        guard missing > 0 else { return }
        for field in fields where table[field.name].isNil {
            try check(.nil, against: field.type, isRequired: field.isRequired) { within(field.name) }
        }
    }

    /// A table whose names are somebody's own.
    private func checkNamed(
        _ value: LuaValue, of element: ParameterType, _ form: TextForm, whole: ParameterType,
        _ place: () -> String
    ) throws {
        guard case .table(let table) = value, table.array.isEmpty, lines == nil || table.kind != .array else {
            throw wrong(place(), whole, value)
        }
        for field in table.fields {
            guard let name = field.name, form.fits(name) else {
                throw HostError(
                    .argument,
                    "\(begin(place())): a name in \(place()) must be \(form.expectation), got \(Self.display(field.key))"
                )
            }
            try check(field.value, against: element) { "\(place()).\(name)" }
        }
    }

    private static func index(of key: LuaValue, among fields: [Parameter]) -> Int? {
        fields.firstIndex { key.isString($0.name) }
    }

    /// Names the first, by its name, of the fields that nobody knows.
    private func unknown(in table: LuaTable, among fields: [Parameter], _ place: String) -> HostError {
        let names = fields.map(\.name)
        let strangers = table.fields.map(\.key).filter { Self.index(of: $0, among: fields) == nil }
        let name = strangers.map { $0.stringValue ?? Self.display($0) }.min() ?? ""
        let near = NearestName.of(name, among: names)
        let whole = place.isEmpty ? "the manifest" : place
        return HostError(
            .argument,
            "\(begin(place.isEmpty ? name : "\(place).\(name)")): \(whole) has no field \"\(name)\"",
            advice: near.map { "Did you mean \"\($0)\"?" }
                ?? "It may have: \(names.joined(separator: ", ")).")
    }

    private func wrong(_ place: String, _ type: ParameterType, _ value: LuaValue) -> HostError {
        var expectation = type.expectation
        if let number = value.numberValue, !number.isFinite {
            expectation = expectation.replacing("a number", with: "a finite number")
        }
        if case .integer(let range) = type, let number = value.integerValue, number > range.upperBound {
            expectation = "at most \(range.upperBound)"
        }
        let whole = place.isEmpty ? "the manifest" : place
        return HostError(
            .argument, "\(begin(place)): \(whole) must be \(expectation), got \(Self.display(value))")
    }

    /// What a message about that place begins with: the function or the file, and the line where there are lines.
    private func begin(_ place: String) -> String {
        lines?.line(of: place).map { "\(function):\($0)" } ?? function
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
        case .bytes: "a string that isn't valid UTF-8"
        case .string(let text): text.count <= 60 ? "\"\(text)\"" : "\"\(text.prefix(57))…\""
        default: "a \(value.typeName)"
        }
    }
}
