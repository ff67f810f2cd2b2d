import LuaBridge

extension TypeBinding {
    /// What a report's `render` gets.
    static let document = TypeBinding(
        DocumentBuilder.typeName,
        "A report as it is written: `doc` in `render(ctx, doc)`. Every format is made of it.",
        methods: [
            Binding(
                "Document:title", "Sets the title.", [.required("text", .string, "the title")],
                example: #"doc:title("Nightly run")"#,
                .immediate { arguments in
                    try arguments.receiver(as: DocumentBuilder.self).setTitle(arguments.text("text"))
                    return []
                }),
            Binding(
                "Document:heading", "Begins a section.",
                [
                    .required("text", .string, "the heading"),
                    .optional(
                        "level", .integer(1...5), "1 (unless said) for a section, 2 for one within it, …"),
                ],
                example: #"doc:heading("Failures") doc:heading("By category", 2)"#,
                .immediate { arguments in
                    try arguments.receiver(as: DocumentBuilder.self)
                        .addHeading(arguments.text("text"), level: Int(arguments.integer("level") ?? 1))
                    return []
                }),
            Binding(
                "Document:text", "Adds a paragraph.", [.required("text", .string, "the paragraph")],
                example: #"doc:text("Every run ended by itself.")"#,
                .immediate { arguments in
                    try arguments.receiver(as: DocumentBuilder.self).add(.text(arguments.text("text")))
                    return []
                }),
            Binding(
                "Document:metric", "Adds a key figure, as arc.metrics gives them.",
                [.required("metric", documentMetric, "the figure")],
                example:
                    #"doc:metric { name = "pass_rate", value = 0.91, unit = "ratio", n = 200, low = 0.86, high = 0.94 }"#,
                .immediate(addMetric)),
            Binding(
                "Document:table", "Adds a table.",
                [
                    .required("frame", .frame, "its rows"),
                    .required("options", documentTable, "what to call it"),
                ],
                example: """
                    local weakest = arc.get_scenario_outcomes("latest"):sort("reliability_score"):head(10)
                    doc:table(weakest, { name = "weakest", title = "The weakest runs" })
                    """,
                .immediate(addTable)),
            Binding(
                "Document:gate",
                "Adds a condition that the simulation must meet: one that fails ends `arc report` with exit code 3, one that nobody can tell with 4.",
                [.required("gate", documentGate, "the condition and what it says")],
                example: #"doc:gate { name = "reliability", pass = true, reason = "0.91 is at least 0.85" }"#,
                .immediate(addGate)),
        ],
        example: """
            doc:title("Nightly run")
            doc:heading("Key figures")
            for _, metric in ipairs(arc.metrics("latest")) do doc:metric(metric) end
            """)

    private static let documentMetric = ParameterType.record(
        "DocumentMetric",
        [
            .required("name", .string, "its name, [a-z][a-z0-9_]*"),
            .optional("label", .string, "what it is called in text; the name unless said"),
            .optional("unit", .string, "\"ratio\", \"score\", \"usd\", \"ms\", \"tokens\", \"runs\", …"),
            .optional("value", .anyNumber, "its value; nil where it isn't known"),
            .optional("n", .integer(0 ... .max), "how many observations it rests on"),
            .optional("errors", .integer(0 ... .max), "how many runs failed"),
            .optional("se", .anyNumber, "its standard error"),
            .optional("low", .anyNumber, "the lower end of its 95 % interval"),
            .optional("high", .anyNumber, "the upper end"),
            .optional("method", .string, "how value and interval were made"),
            .optional("note", .string, "what must be known to read it"),
        ])

    private static let documentTable = ParameterType.record(
        "DocumentTable",
        [
            .required("name", .string, "its name, unique in the document"),
            .optional("title", .string, "a line above it"),
        ])

    private static let documentGate = ParameterType.record(
        "DocumentGate",
        [
            .required("name", .string, "its name"),
            .optional("pass", .boolean, "whether the condition holds"),
            .optional("too_little_evidence", .boolean, "true where nobody can tell"),
            .optional("reason", .string, "why"),
        ])

    private static func addMetric(_ arguments: Arguments) throws -> [LuaValue] {
        let table = arguments["metric"]?.table ?? LuaTable()
        var figure = Document.Metric(name: table["name"].stringValue ?? "")
        figure.label = table["label"].stringValue
        figure.unit = table["unit"].stringValue
        figure.take(table)
        try arguments.receiver(as: DocumentBuilder.self).add(.metric(figure))
        return []
    }

    private static func addTable(_ arguments: Arguments) throws -> [LuaValue] {
        guard let frame: Frame = arguments.object("frame") else { return [] }
        let options = arguments.fields("options")
        let table = Document.TableBlock(
            name: options.text("name"), title: options.string("title"), data: frame.table)
        try arguments.receiver(as: DocumentBuilder.self).add(.table(table))
        return []
    }

    private static func addGate(_ arguments: Arguments) throws -> [LuaValue] {
        let fields = arguments.fields("gate")
        let verdict: Document.Gate.Verdict
        if fields.boolean("too_little_evidence") == true {
            verdict = .tooLittleEvidence
        } else if let pass = fields.boolean("pass") {
            verdict = pass ? .pass : .fail
        } else {
            throw HostError(
                .argument,
                "\(arguments.function): it needs pass (true or false) or too_little_evidence = true")
        }
        let gate = Document.Gate(name: fields.text("name"), verdict: verdict, reason: fields.string("reason"))
        try arguments.receiver(as: DocumentBuilder.self).add(.gate(gate))
        return []
    }
}
