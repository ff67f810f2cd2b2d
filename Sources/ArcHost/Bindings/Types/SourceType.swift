import LuaBridge

extension TypeBinding {
    /// What an importer's `read` gets.
    static let source = TypeBinding(
        ImportSource.typeName, "The file that an importer reads: `source` in `read(source)`.",
        fields: [
            .required("name", .string, "the file's name, without its folder and its ending"),
            .required("options", .table, "the options that were given for the import, by name"),
        ],
        methods: [
            Binding(
                "Source:records",
                "Goes through the file's records: the values of JSON Lines, or the items of a JSON list.",
                returns: (.function, "an iterator over each record and its place, such as \"record 3\""),
                example: """
                    for record, place in source:records() do
                      assert(record.scenario_id, place)
                    end
                    """, .lua),
            Binding(
                "Source:next_record", "The next record.",
                returns: (.any, "the record and its place; nil after the last one"),
                example: #"local record, place = source:next_record() assert(record and place:find("1"))"#,
                .immediate { arguments in
                    let record = try arguments.receiver(as: ImportSource.self).nextRecord()
                    return record.map { [$0.value, .string($0.place)] } ?? [.nil]
                }),
            Binding(
                "Source:text", "The whole file.", returns: (.string, "its text"),
                example: "assert(#source:text() > 0)",
                .immediate { arguments in [.string(try arguments.receiver(as: ImportSource.self).text())] }),
        ],
        example: """
            print(source.name)
            for record in source:records() do print(record.scenario_id) end
            """,
        index: { call in
            let source = try call.object(0, as: ImportSource.self)
            switch call[1].stringValue {
            case "name": return [.string(source.name)]
            case "options":
                let fields = source.options.sorted { $0.key < $1.key }
                    .map { LuaTable.Field($0.key, .string($0.value)) }
                return [.table(LuaTable(fields: fields, kind: .object))]
            default:
                let key = call[1].stringValue ?? ArgumentCheck.display(call[1])
                throw unknownField(
                    key, of: ImportSource.typeName,
                    names: ["name", "options", "records", "next_record", "text"])
            }
        })
}
