import ArcKit
import LuaBridge
import Postgres

extension Library {
    var messageBindings: [Binding] {
        [
            Binding(
                "arc.cluster_messages",
                "Groups messages that say the same in slightly different words: by their templates, in which numbers, ids and quotations are masked, and those by their trigrams. The most frequent stands for each group, as in arc.failures.",
                [
                    .required(
                        "messages", .either(.list(.string), .handle("Column")),
                        "the messages; NULL isn't counted"),
                    .optional(
                        "options",
                        .record(
                            "MessageOptions",
                            [
                                .optional(
                                    "threshold", .number(0...1),
                                    "how similar a template is to that which stands for its group; 0.6 unless said"
                                )
                            ]), "how alike"),
                ],
                returns: (.frame, "message, count, variants (different messages), the largest group first"),
                example: """
                    local groups = arc.cluster_messages { "timeout after 30 s", "timeout after 31 s", "no such tool" }
                    assert(#groups == 2 and groups[1].count == 2)
                    """,
                .waiting { arguments in
                    let threshold =
                        arguments.fields("options").number("threshold") ?? MessageClusters.threshold
                    return try await Computation.run {
                        let clusters = MessageClusters(Self.messages(arguments), threshold: threshold)
                        return [.object(Frame(clusters.clusters))]
                    }
                }),
            Binding(
                "arc.trigram_similarity",
                "How much two texts resemble one another: the share of their trigrams that both have, 0…1, as PostgreSQL's pg_trgm has it.",
                [.required("one", .string, "a text"), .required("other", .string, "another text")],
                returns: (.number(0...1), "the similarity; nil where a text has no word"),
                example: #"assert(arc.trigram_similarity("refund a ticket", "refund the ticket") > 0.5)"#,
                .immediate { arguments in
                    let similarity = Trigrams(arguments.text("one")).similarity(
                        to: Trigrams(arguments.text("other")))
                    return [.optional(similarity)]
                }),
        ]
    }

    private static func messages(_ arguments: Arguments) -> [String] {
        if let column: Column = arguments.object("messages") {
            return (0..<column.count).compactMap { String(value: column[$0]) }
        }
        return (arguments.list("messages") ?? []).compactMap(\.stringValue)
    }
}
