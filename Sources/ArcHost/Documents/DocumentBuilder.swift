import LuaBridge
import Postgres
import Synchronization

/// The `doc` of a report's `render`.
final class DocumentBuilder: HostObject {
    static let typeName = "Document"
    private let contents: Mutex<Document>

    init(_ document: Document) { contents = Mutex(document) }

    /// What was written so far.
    var document: Document { contents.withLock { $0 } }

    private func add(_ block: Document.Block) { contents.withLock { $0.add(block) } }

    private static let metric = ParameterType.record(
        "DocumentMetric",
        [
            .required("name", .string, ""), .optional("label", .string, ""), .optional("unit", .string, ""),
            .optional("value", .anyNumber, ""), .optional("n", .integer(0 ... .max), ""),
            .optional("errors", .integer(0 ... .max), ""), .optional("se", .anyNumber, ""),
            .optional("low", .anyNumber, ""), .optional("high", .anyNumber, ""),
            .optional("method", .string, ""),
            .optional("note", .string, ""),
        ])

    private static let tableOptions = ParameterType.record(
        "DocumentTable", [.required("name", .string, ""), .optional("title", .string, "")])

    private static let gate = ParameterType.record(
        "DocumentGate",
        [
            .required("name", .string, ""), .optional("pass", .boolean, ""),
            .optional("too_little_evidence", .boolean, ""), .optional("reason", .string, ""),
        ])

    static let type = HostType(
        typeName,
        methods: [
            .immediate("title") { call in
                let title = try text(call, 1, "title")
                try call.object(0, as: DocumentBuilder.self).contents.withLock { $0.title = title }
                return []
            },
            .immediate("heading") { call in
                let heading = try text(call, 1, "heading")
                let level = Int(call[2].integerValue ?? 1)
                try call.object(0, as: DocumentBuilder.self).contents.withLock {
                    $0.addHeading(heading, level: min(max(level, 1), 5))
                }
                return []
            },
            .immediate("text") { call in
                try call.object(0, as: DocumentBuilder.self).add(.text(text(call, 1, "text")))
                return []
            },
            .immediate("metric", addMetric), .immediate("table", addTable), .immediate("gate", addGate),
        ])

    private static func addMetric(_ call: HostCall) throws -> [LuaValue] {
        try check(call, 1, metric)
        let table = call[1].table ?? LuaTable()
        var figure = Document.Metric(name: table["name"].stringValue ?? "")
        figure.label = table["label"].stringValue
        figure.unit = table["unit"].stringValue
        figure.take(table)
        try call.object(0, as: DocumentBuilder.self).add(.metric(figure))
        return []
    }

    private static func addTable(_ call: HostCall) throws -> [LuaValue] {
        guard let frame = call[1].object(as: Frame.self) else {
            throw HostError(.argument, "doc:table: it takes a frame, got \(ArgumentCheck.display(call[1]))")
        }
        try check(call, 2, tableOptions)
        let options = call[2].table ?? LuaTable()
        let table = Document.TableBlock(
            name: options["name"].stringValue ?? "", title: options["title"].stringValue, data: frame.table)
        try call.object(0, as: DocumentBuilder.self).add(.table(table))
        return []
    }

    private static func addGate(_ call: HostCall) throws -> [LuaValue] {
        try check(call, 1, gate)
        let fields = call[1].table ?? LuaTable()
        let verdict: Document.Gate.Verdict
        if fields["too_little_evidence"].boolValue == true {
            verdict = .tooLittleEvidence
        } else if let pass = fields["pass"].boolValue {
            verdict = pass ? .pass : .fail
        } else {
            throw HostError(
                .argument, "doc:gate: it needs pass (true or false) or too_little_evidence = true")
        }
        let gate = Document.Gate(
            name: fields["name"].stringValue ?? "", verdict: verdict, reason: fields["reason"].stringValue)
        try call.object(0, as: DocumentBuilder.self).add(.gate(gate))
        return []
    }

    private static func check(_ call: HostCall, _ index: Int, _ type: ParameterType) throws {
        let parameter = Parameter.required("its argument", type, "")
        let method = call.name.split { $0 == "." || $0 == ":" }.last ?? ""
        try ArgumentCheck(function: "doc:\(method)")
            .check(call[index], against: parameter, place: parameter.name)
    }

    private static func text(_ call: HostCall, _ index: Int, _ method: String) throws -> String {
        guard let text = call[index].stringValue else {
            throw HostError(
                .argument, "doc:\(method): it takes a string, got \(ArgumentCheck.display(call[index]))")
        }
        return text
    }
}
