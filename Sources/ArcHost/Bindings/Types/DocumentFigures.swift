import ArcKit
import LuaBridge

/// Key figures, gates and cases of a document.
extension TypeBinding {
    static let documentMetric = Binding(
        "Document:metric", "Adds a key figure, as arc.metrics gives them.",
        [
            .required(
                "metric",
                .record(
                    "DocumentMetric",
                    [
                        .required("name", .string, "its name, [a-z][a-z0-9_]*"),
                        .optional("label", .string, "what it is called in text; the name unless said"),
                        .optional(
                            "unit", .string, "\"ratio\", \"score\", \"usd\", \"ms\", \"tokens\", \"runs\", …"),
                        .optional("value", .anyNumber, "its value; nil where it isn't known"),
                        .optional("n", .integer(0 ... .max), "how many observations it rests on"),
                        .optional("errors", .integer(0 ... .max), "how many runs failed"),
                        .optional("se", .anyNumber, "its standard error"),
                        .optional("low", .anyNumber, "the lower end of its 95 % interval"),
                        .optional("high", .anyNumber, "the upper end"),
                        .optional("method", .string, "how value and interval were made"),
                        .optional("note", .string, "what must be known to read it"),
                    ]), "the figure")
        ],
        example:
            #"doc:metric { name = "pass_rate", value = 0.91, unit = "ratio", n = 200, low = 0.86, high = 0.94 }"#,
        .immediate { arguments in
            let table = arguments["metric"]?.table ?? LuaTable()
            var figure = Document.Metric(name: table["name"].stringValue ?? "")
            figure.label = table["label"].stringValue
            figure.unit = table["unit"].stringValue
            figure.take(table)
            try arguments.receiver(as: DocumentBuilder.self).add(.metric(figure))
            return []
        })

    static let documentGate = Binding(
        "Document:gate",
        "Adds a condition that the simulation must meet: one that fails ends `arc report` with exit code 3, one that nobody can tell with 4.",
        [
            .required(
                "gate",
                .record(
                    "DocumentGate",
                    [
                        .required("name", .string, "its name"),
                        .optional(
                            "verdict", .choice(Document.Gate.Verdict.allCases.map(\.rawValue)),
                            "what it says; or give pass or too_little_evidence"),
                        .optional("pass", .boolean, "whether the condition holds"),
                        .optional("too_little_evidence", .boolean, "true where nobody can tell"),
                        .optional("reason", .string, "why"),
                        .optional("metric", .string, "the metric that it is about"),
                        .optional("unit", .string, "the metric's unit"),
                        .optional("n", .integer(0 ... .max), "how many scenarios it rests on"),
                    ]
                        + Document.Gate.quantities.map {
                            .optional(
                                $0.name, $0.meaning == .probability ? .number(0...1) : .anyNumber, $0.summary)
                        }), "the condition and what it says, as arc.gates gives it")
        ],
        example: """
            doc:gate { name = "reliability", pass = true, reason = "0.91 is at least 0.85" }
            doc:gate { name = "cost", verdict = "too_little_evidence", metric = "cost_usd", unit = "usd", n = 3 }
            """,
        .immediate { arguments in
            let fields = arguments.fields("gate")
            var gate = Document.Gate(name: fields.text("name"), verdict: try verdict(fields))
            gate.reason = fields.string("reason")
            gate.metric = fields.string("metric")
            gate.unit = fields.string("unit")
            for figure in Document.Gate.quantities { gate[keyPath: figure.path] = fields.number(figure.name) }
            gate.n = fields.integer("n").map { Int($0) }
            try arguments.receiver(as: DocumentBuilder.self).add(.gate(gate))
            return []
        })

    /// - Throws: `HostError` with code `argument` where nothing says it, or where what is said beside it is another.
    private static func verdict(_ fields: Arguments) throws -> Document.Gate.Verdict {
        let isUncertain = fields.boolean("too_little_evidence")
        let passed = fields.boolean("pass")
        guard let name = fields.string("verdict"), let verdict = Document.Gate.Verdict(rawValue: name) else {
            if isUncertain == true { return .tooLittleEvidence }
            if let passed { return passed ? .pass : .fail }
            throw HostError(
                .argument,
                "\(fields.function): it needs pass (true or false) or too_little_evidence = true, or a verdict"
            )
        }
        guard passed.map({ $0 == (verdict == .pass) }) ?? true,
            isUncertain.map({ $0 == (verdict == .tooLittleEvidence) }) ?? true
        else {
            throw HostError(
                .argument,
                "\(fields.function): gate \"\(fields.text("name"))\" says \(name), and beside it the contrary",
                advice: "Leave out pass and too_little_evidence where the verdict says it.")
        }
        return verdict
    }

    static let documentCase = Binding(
        "Document:case",
        "Adds what became of a scenario, or of one run of it: a test case of JUnit's, and an annotation of GitHub's where it failed.",
        [
            .required(
                "case",
                .record(
                    "DocumentCase",
                    [
                        .optional("name", .string, "its name; the scenario's unless said"),
                        .optional("scenario", .string, "the scenario that was run"),
                        .optional(
                            "trial", .integer(1...Int64(Int32.max)),
                            "which run of it; nil where it stands for all of them"),
                        .required(
                            "outcome", .choice(Document.Case.Outcome.allCases.map(\.rawValue)),
                            "how it ended: failed ran and didn't do what was asked, error didn't come to an end"
                        ),
                        .optional("message", .string, "why, in a line"),
                        .optional(
                            "seconds", .number(0...Double.greatestFiniteMagnitude), "how long it took"),
                        .optional("details", .string, "more about it"),
                        .optional(
                            "file", .string, "the file that it belongs to, from the project's folder"),
                        .optional("line", .integer(1...Int64(Int32.max)), "the line in the file"),
                    ]), "the case")
        ],
        example: """
            doc:case { scenario = "airline-7", trial = 2, outcome = "failed", message = "0.20 is less than 0.70", seconds = 1.5 }
            """,
        .immediate { arguments in
            let table = arguments["case"]?.table ?? LuaTable()
            let scenario = table["scenario"].stringValue
            guard let name = table["name"].stringValue ?? scenario else {
                throw HostError(.argument, "\(arguments.function): it needs a name or a scenario")
            }
            let outcome = table["outcome"].stringValue.flatMap(Document.Case.Outcome.init(rawValue:))
            var found = Document.Case(name: name, outcome: outcome ?? .error)
            found.scenario = scenario
            found.trial = table["trial"].integerValue.map { Int($0) }
            found.message = table["message"].stringValue
            found.seconds = table["seconds"].numberValue
            found.details = table["details"].stringValue
            found.file = table["file"].stringValue
            found.line = table["line"].integerValue.map { Int($0) }
            try arguments.receiver(as: DocumentBuilder.self).add(.cases([found]))
            return []
        })
}
