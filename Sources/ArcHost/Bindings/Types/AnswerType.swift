import LuaBridge

extension Library {
    /// What questions answer.
    var answerType: TypeBinding {
        TypeBinding(
            Answer.typeName,
            "What a question answers: `answer.name` is a figure, a text, a table or a frame, nil where it isn't defined; a name that it doesn't have is an error. Printed, it reads as text: a comparison as `arc compare` prints it.",
            methods: [
                Binding(
                    "Answer:fields", "The fields as a table, without those that aren't defined.",
                    returns: (.table, "the values by their names"),
                    example: """
                        for name, value in pairs(arc.flaky():fields()) do print(name, value) end
                        """,
                    .immediate { arguments in [.table(try arguments.receiver(as: Answer.self).table)] })
            ],
            example: """
                local d = arc.compare("baseline", "candidate")
                print(d)
                assert(d.matched == 40 and d.difference.value < 0)
                """,
            index: { call in
                let answer = try call.object(0, as: Answer.self)
                if let name = call[1].stringValue, let field = answer.fields.first(where: { $0.name == name })
                {
                    return [field.value]
                }
                let key = call[1].stringValue ?? ArgumentCheck.display(call[1])
                throw TypeBinding.unknownField(key, of: answer.what, names: answer.names)
            },
            tostring: { call in
                let text = try call.object(0, as: Answer.self).text(.table, printedTableOptions)
                return [.string(text.hasSuffix("\n") ? String(text.dropLast()) : text)]
            },
            metamethods: Self.refusals(
                "an answer", loop: "for name, value in pairs(answer:fields()) do … end",
                change: "answer:fields() is a table of its own."))
    }
}
