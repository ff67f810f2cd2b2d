import LuaBridge

/// What a parameter, a field or a result may be. One declaration serves the check of a call, the message where it
/// fails, `help()`, and the types of `arc.d.lua`.
indirect enum ParameterType: Sendable {
    case any
    case string
    /// A text of a certain form.
    case text(TextForm)
    case boolean
    /// A whole number in a range.
    case integer(ClosedRange<Int64>)
    /// A finite number in a range.
    case number(ClosedRange<Double>)
    /// A text that is one of these.
    case choice([String])
    /// Seconds, or a text such as "24h".
    case duration
    case function
    /// Any value that JSON can hold. A table comes as a `JSONDocument`, or as it is where JSON can't hold it.
    case json
    /// Any table.
    case table
    /// Any table; some of its fields come in forms of their own.
    case partlyJSON([Parameter])
    case list(ParameterType)
    /// A list of finite numbers, `arc.null` where one isn't known, or a frame's column of such.
    case numbers
    /// A list of strings, numbers or times, or a frame's column.
    case labels
    /// A table with these fields and no others.
    case record(String, [Parameter])
    /// A table whose names are of that form, and somebody's own.
    case named(ParameterType, TextForm)
    /// A simulation's handle, or what finds one: a name, an id, a unique prefix of an id, "latest".
    case simulation
    /// A frame of rows and typed columns.
    case frame
    /// A handle of that type.
    case handle(String)
    case either(ParameterType, ParameterType)

    static let anyInteger = ParameterType.integer(.min ... .max)
    static let anyNumber = ParameterType.number(
        -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    static let positiveInteger = ParameterType.integer(1...Int64(Int32.max))

    /// For messages: "reliability_score must be <this>".
    var expectation: String {
        switch self {
        case .any, .json: "anything but nil"
        case .string: "a string"
        case .text(let form): form.expectation
        case .boolean: "a boolean"
        case .integer(let range):
            Self.bounds("a whole number", range.lowerBound, range.upperBound, .min, .max)
        case .number(let range):
            Self.bounds(
                "a number", range.lowerBound, range.upperBound, -Double.greatestFiniteMagnitude,
                Double.greatestFiniteMagnitude)
        case .choice(let names): Self.list(names.map { "\"\($0)\"" })
        case .duration: "seconds or a text such as \"24h\""
        case .function: "a function"
        case .table, .partlyJSON, .named: "a table"
        case .list(let element): "a list, each element \(element.expectation)"
        case .numbers: "a list of numbers (arc.null for what isn't known) or a frame's column"
        case .labels: "a list of strings, numbers or times, or a frame's column"
        case .record(let name, _): "a table (\(name))"
        case .simulation: "a simulation (its handle, name, id, a unique prefix of its id, or \"latest\")"
        case .frame: "a frame"
        case .handle(let name): "a \(name)"
        case .either(let one, let other): "\(one.expectation) or \(other.expectation)"
        }
    }

    /// The type as lua-language-server writes it.
    var annotation: String {
        switch self {
        case .any, .json: "any"
        case .string, .text: "string"
        case .boolean: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .choice(let names): "(" + names.map { "\"\($0)\"" }.joined(separator: "|") + ")"
        case .duration: "number|string|arc.Duration"
        case .function: "function"
        case .table, .partlyJSON: "table"
        case .list(let element): "(\(element.annotation))[]"
        case .numbers: "(number|arc.Null)[]|arc.Column"
        case .labels: "(string|number|arc.Time)[]|arc.Column"
        case .record(let name, _): "arc.\(name)"
        case .named(let element, _): "table<string, \(element.annotation)>"
        case .simulation: "arc.Simulation|string"
        case .frame: "arc.Frame"
        case .handle(let name): "arc.\(name)"
        case .either(let one, let other): "\(one.annotation)|\(other.annotation)"
        }
    }

    /// How a value of this type comes from Lua; nil for plain values.
    var form: ArgumentForm? {
        switch self {
        case .json: .json
        case .list(let element): element.form.map(ArgumentForm.items)
        case .record(_, let fields), .partlyJSON(let fields): Self.form(fields)
        case .either(let one, let other): one.form ?? other.form
        default: nil
        }
    }

    private static func form(_ fields: [Parameter]) -> ArgumentForm? {
        let formed = fields.compactMap { field in
            field.type.form.map { ArgumentForm.Field(field.name, $0) }
        }
        return formed.isEmpty ? nil : .fields(formed)
    }

    private static func bounds<Number: Comparable & CustomStringConvertible>(
        _ kind: String, _ low: Number, _ high: Number, _ least: Number, _ most: Number
    ) -> String {
        func plain(_ number: Number) -> String {
            let text = number.description
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let atMost = high == most || high.description == Int64(Int32.max).description
        switch (low == least, atMost) {
        case (true, true): return kind
        case (false, true):
            return kind == "a number" ? "\(plain(low)) or more" : "\(kind), \(plain(low)) or more"
        default: return (kind == "a number" ? "" : "\(kind) ") + "between \(plain(low)) and \(plain(high))"
        }
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}

/// What texts are allowed, as a regular expression that JSON Schema (ECMA 262) and Swift read alike, and in words.
struct TextForm: Sendable {
    let pattern: String
    /// "lower-case letters, digits and -"
    let expectation: String

    func fits(_ text: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }
}

/// A named parameter or field.
struct Parameter: Sendable {
    let name: String
    let type: ParameterType
    /// Whether it must be given.
    let isRequired: Bool
    /// What it means, its unit, and what holds where it isn't given.
    let summary: String

    static func required(_ name: String, _ type: ParameterType, _ summary: String) -> Parameter {
        Parameter(name: name, type: type, isRequired: true, summary: summary)
    }

    static func optional(_ name: String, _ type: ParameterType, _ summary: String) -> Parameter {
        Parameter(name: name, type: type, isRequired: false, summary: summary)
    }

    /// The last parameter of a function that takes any number more: `...`.
    static func rest(_ summary: String) -> Parameter {
        Parameter(name: "...", type: .any, isRequired: false, summary: summary)
    }

    /// Whether it stands for any number of arguments.
    var isRest: Bool { name == "..." }
}
