import LuaBridge

extension Document {
    /// A report as a test reads it: the table of its JSON, and beside it
    /// - `text`: its headings and paragraphs, those that are folded away among them, one a line;
    /// - `records`: for each table by name, a list of records without what is NULL;
    /// - `json`: the JSON itself, which golden documents are compared by.
    ///
    /// When it was made, and by which arc, is none of the plugin's, and left out.
    ///
    /// - Throws: `JSONError` where what it wrote can't be read again.
    func tested() throws -> LuaTable {
        var plain = self
        (plain.madeAt, plain.version) = (nil, nil)
        let json = plain.jsonText
        var table = try JSON.parse(json).table ?? LuaTable(kind: .object)
        table["records"] = .table(Self.records(of: table["tables"].table?.array ?? []))
        table["text"] = .string(sections.words.joined(separator: "\n"))
        table["json"] = .string(json)
        return table
    }

    private static func records(of tables: [LuaValue]) -> LuaTable {
        var all = LuaTable(kind: .object)
        for table in tables.compactMap(\.table) {
            guard let name = table["name"].stringValue else { continue }
            let columns = (table["columns"].table?.array ?? []).compactMap(\.stringValue)
            let rows = (table["rows"].table?.array ?? []).map { row in
                var record = LuaTable(kind: .object)
                for (column, value) in zip(columns, row.table?.array ?? []) where !value.isAbsent {
                    record[column] = value
                }
                return LuaValue.table(record)
            }
            all[name] = .table(LuaTable(array: rows, kind: .array))
        }
        return all
    }
}

extension [Document.Section] {
    /// What a reader reads beside figures, in order.
    fileprivate var words: [String] {
        flatMap { section in
            (section.heading.map { [$0] } ?? [])
                + section.blocks.flatMap { block -> [String] in
                    switch block {
                    case .text(let text): [text]
                    case .details(let details): [details.summary] + details.sections.words
                    default: []
                    }
                }
        }
    }
}
