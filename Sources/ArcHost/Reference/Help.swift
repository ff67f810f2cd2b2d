/// The text of help, in lines that don't break inside words.
enum HelpText {
    /// Columns of a line; what has no blank may be longer.
    private static let width = 80

    /// A text in lines of so many blanks before it, and more before all but the first.
    static func wrapped(_ text: String, indent: Int = 0, hanging: Int = 0) -> String {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isBegun = false
        for word in text.split(separator: " ") {
            if isBegun, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent + hanging)
                isBegun = false
            }
            line += (isBegun ? " " : "") + word
            isBegun = true
        }
        return (lines + [line]).joined(separator: "\n")
    }
}

extension Binding {
    /// What `help()` prints: signature, summary, parameters, result, effects and an example.
    var help: String {
        var lines = [signature, "", HelpText.wrapped(summary)]
        if !parameters.isEmpty {
            lines += [""] + parameters.flatMap { Self.lines($0, indent: 2) }
        }
        if let result, let annotation = resultAnnotation {
            let remark = remarkSummary.map { "; and, second, \($0) (string?)" } ?? ""
            lines += ["", HelpText.wrapped("Returns \(result.summary) (\(annotation))\(remark).")]
        }
        if !effects.isEmpty {
            let names = effects.sorted().map(\.rawValue).joined(separator: ", ")
            lines += ["", "A plugin needs: \(names)."]
        }
        lines += ["", "Example:"] + example.split(separator: "\n").map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    fileprivate static func lines(_ parameter: Parameter, indent: Int) -> [String] {
        let optional = parameter.isRequired || parameter.isRest ? "" : "?"
        var lines = [
            HelpText.wrapped(
                "\(parameter.name)\(optional): \(parameter.summary) (\(parameter.type.shortName))",
                indent: indent, hanging: 4)
        ]
        for field in parameter.type.fields { lines += Self.lines(field, indent: indent + 2) }
        return lines
    }
}

extension TypeBinding {
    /// What `help()` prints: summary, fields, methods, operators and an example.
    var help: String {
        var lines = [name, "", HelpText.wrapped(summary)]
        if !fields.isEmpty { lines += ["", "Fields:"] + fields.flatMap { Binding.lines($0, indent: 2) } }
        if !methods.isEmpty {
            lines +=
                ["", "Methods:"]
                + methods.flatMap { ["  \($0.signature)", HelpText.wrapped($0.summary, indent: 6)] }
        }
        if !operators.isEmpty {
            lines +=
                ["", "Operators:"]
                + operators.map {
                    HelpText.wrapped("\($0.usage): \($0.summary)", indent: 2, hanging: 4)
                }
        }
        lines += ["", "Example:"] + example.split(separator: "\n").map { "  \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension ParameterType {
    /// The type in a word or two.
    var shortName: String {
        switch self {
        case .integer, .number, .choice: expectation
        case .record: "table"
        case .list(let element): "list: \(element.shortName)"
        case .either(let one, let other): "\(one.shortName) or \(other.shortName)"
        case .duration: "seconds or \"24h\""
        default: annotation
        }
    }

    /// The fields of the record that this is or contains.
    var fields: [Parameter] {
        switch self {
        case .record(_, let fields): fields
        case .list(let element), .named(let element, _): element.fields
        case .either(let one, let other): one.fields + other.fields
        default: []
        }
    }

    /// The records that this is or contains, with their names, innermost first.
    var records: [(name: String, fields: [Parameter])] {
        switch self {
        case .record(let name, let fields): fields.flatMap(\.type.records) + [(name, fields)]
        case .list(let element), .named(let element, _): element.records
        case .either(let one, let other): one.records + other.records
        default: []
        }
    }
}

extension Library {
    var helpBindings: [Binding] {
        [
            Binding(
                "help",
                "Prints what something of arc's is and does: a function, a module, a handle, or a name such as \"Time:format\". Without an argument, what there is.",
                [.optional("topic", .any, "a function, a module, a handle, or a name")],
                example: """
                    help(arc.map)
                    help(arc.json)
                    help(arc.time.now())
                    help "Time:format"
                    """, .lua)
        ]
    }
}
