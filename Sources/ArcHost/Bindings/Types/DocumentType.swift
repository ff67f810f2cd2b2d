import LuaBridge

extension TypeBinding {
    /// What a report's `render` gets.
    static let document = TypeBinding(
        DocumentBuilder.typeName,
        "A report as it is written: `doc` in `render(ctx, doc)`. Every format is made of it.",
        methods: documentText + [
            documentMetric, documentTable, documentChart, documentGate, documentCase, documentDetails,
        ],
        example: """
            doc:title("Nightly run")
            doc:heading("Key figures")
            for _, metric in ipairs(arc.metrics("latest")) do doc:metric(metric) end
            """)

    private static let documentText = [
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
                .optional("level", .integer(1...5), "1 (unless said) for a section, 2 for one within it, …"),
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
    ]

    /// The prelude calls `fill` with what this returns.
    private static let documentDetails = Binding(
        "Document:details",
        "Adds what is folded away behind a line: HTML and Markdown unfold it, a terminal shows it indented.",
        [
            .required("summary", .string, "the line that is always there"),
            .required("fill", .function, "gets a document of its own, and writes what is hidden into it"),
        ],
        example: """
            doc:details("All runs", function(inner)
              inner:table(arc.get_scenario_outcomes("latest"), { title = "All runs" })
            end)
            """,
        .immediate { arguments in
            let builder = try arguments.receiver(as: DocumentBuilder.self)
            return [.object(try builder.addDetails(arguments.text("summary")))]
        })
}
