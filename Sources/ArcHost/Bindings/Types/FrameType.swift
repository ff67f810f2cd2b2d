import LuaBridge
import Postgres

/// Frames, their columns, rows and groups. What calls a Lua function is in `frames.lua`, on top of the methods here, which
/// take everything else.
extension Library {
    var frameTypes: [TypeBinding] { [frameType, columnType, rowType, groupsType] }

    private var frameType: TypeBinding {
        TypeBinding(
            Frame.typeName,
            "Rows with typed columns, as a query returns them: `frame[1]` is a row, `frame.score` a column, `#frame` the number of rows. A frame is never changed; its methods make others.",
            methods: shapeMethods + rowMethods + conversionMethods + combinationMethods + frameStatistics,
            example: """
                local runs = arc.frame { model = { "a", "b", "a" }, score = { 0.5, 0.25, 1.0 } }
                assert(#runs == 3 and runs[2].model == "b" and runs.score[3] == 1.0)
                print(runs:group_by("model"):agg { score = { "mean", "score" }, runs = "count" })
                """,
            tostring: { call in
                [.string(Self.shown(try call.object(0, as: Frame.self), tableOptions))]
            },
            metamethods: [
                .direct("__index", Self.index),
                .direct("__len") { call in call.put(Int64(try call.object(0, as: Frame.self).count)) },
            ]
                + Self.refusals(
                    "a frame", loop: "for row in frame:rows() do … end",
                    change: "frame:with_column(name, values) makes another frame."))
    }

    /// How tables are laid out where a script prints one.
    var printedTableOptions: TableOptions {
        var options = host.tableOptions()
        options.paint = TableOptions().paint
        return options
    }

    /// The same for a frame.
    private var tableOptions: TableOptions {
        var options = printedTableOptions
        options.rest = "The rest: frame:slice(\((options.rowLimit ?? 0) + 1)); everything: frame:to_csv()."
        return options
    }

    private static func shown(_ frame: Frame, _ options: TableOptions) -> String {
        let text = frame.text(.table, options)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// `frame[3]` is a row, nil where there is none; `frame.score` a column.
    private static func index(_ call: borrowing DirectCall) throws {
        let frame = try call.object(0, as: Frame.self)
        if let number = call.integer(1) {
            guard number >= 1, number <= Int64(frame.count) else { return call.putNil() }
            return try call.put(FrameRow(frame, Int(number) - 1))
        }
        guard
            let place = try place(
                of: 1, in: frame, call, "a frame is indexed by a row's number or a column's name")
        else { return call.putNil() }
        try call.put(frame.columns[place])
    }

    /// The place of the column that an argument names.
    static func place(
        of argument: Int, in frame: Frame, _ call: borrowing DirectCall, _ rule: String
    ) throws -> Int? {
        if let found = call.withBytes(argument, { frame.place($0) }) {
            if let found { return found }
            throw frame.unknown(call.string(argument) ?? "?", for: nil, member: call.typeName(0))
        }
        throw HostError(.argument, "\(rule), got a \(call.typeName(argument))")
    }
}

extension Library {
    private var rowType: TypeBinding {
        TypeBinding(
            FrameRow.typeName,
            "One row of a frame: `row.score` is a value, nil where it is NULL; a name that no column has is an error.",
            methods: [
                Binding(
                    "Row:fields", "The row as a table, without the fields that are NULL.",
                    returns: (.table, "the values by their columns' names"),
                    example: """
                        local row = arc.frame { { name = "a", score = 1 } }[1]
                        for name, value in pairs(row:fields()) do print(name, value) end
                        """,
                    .immediate { arguments in
                        let row = try arguments.receiver(as: FrameRow.self)
                        return [.table(try row.frame.record(row.index))]
                    })
            ],
            example: """
                for row in arc.frame { { score = 1 }, { score = 2 } }:rows() do print(row.score) end
                """,
            tostring: { call in
                let row = try call.object(0, as: FrameRow.self)
                let text = row.alone.table.text(.expanded)
                return [.string(text.hasSuffix("\n") ? String(text.dropLast()) : text)]
            },
            metamethods: [
                .direct("__index") { call in
                    let row = try call.object(0, as: FrameRow.self)
                    guard
                        let place = try Self.place(
                            of: 1, in: row.frame, call, "a row's fields are named by strings")
                    else { return call.putNil() }
                    try row.frame.columns[place].put(row.index, into: call, inSequence: false)
                }
            ]
                + Self.refusals(
                    "a row", loop: "for name, value in pairs(row:fields()) do … end",
                    change:
                        "row:fields() is a table of its own; frame:with_column(name, function(row) … end) makes another frame."
                ))
    }

    private var columnType: TypeBinding {
        TypeBinding(
            Column.typeName,
            "The values of a frame's column, in order: `column[1]` is a value, `arc.null` where it is NULL, `#column` the number of rows. `ipairs`, `table.concat` and `table.unpack` take it as a list.",
            fields: [
                .required("name", .string, "the column's name"),
                .required("type", .string, "the type of its values, as SQL calls it"),
            ],
            methods: columnMethods + columnStatistics,
            example: """
                local score = arc.frame { score = { 0.5, 0.25, arc.null } }.score
                assert(#score == 3 and score[3] == arc.null and score:mean() == 0.375)
                for i, value in ipairs(score) do print(i, value) end
                """,
            tostring: { call in
                let column = try call.object(0, as: Column.self)
                return [.string(Self.shown(Frame(columns: [column], count: column.count), tableOptions))]
            },
            metamethods: [
                .direct("__index") { call in
                    let column = try call.object(0, as: Column.self)
                    if let number = call.integer(1) {
                        guard number >= 1, number <= Int64(column.count) else { return call.putNil() }
                        return try column.put(Int(number) - 1, into: call, inSequence: true)
                    }
                    switch call.string(1) {
                    case "name": try call.put(.string(column.name))
                    case "type": try call.put(.string(column.typeName))
                    case let field: throw Self.unknown(field ?? call.typeName(1))
                    }
                },
                .direct("__len") { call in call.put(Int64(try call.object(0, as: Column.self).count)) },
            ]
                + Self.refusals(
                    "a column", loop: "for value in column:values() do … end",
                    change: "column:to_list() is a table of its own."))
    }

    /// What a table can do and these can't, with the way that there is instead.
    static func refusals(_ what: String, loop: String, change: String) -> [HostFunction] {
        let unending: @Sendable (borrowing DirectCall) throws -> Void = { _ in
            throw HostError(.argument, "\(what) can't be looped over so", advice: "Write \(loop).")
        }
        return [
            .direct("__newindex") { _ in
                throw HostError(.argument, "\(what) can't be changed", advice: change)
            },
            .direct("__pairs", unending),
            .direct("__call") { call in
                // A loop calls what stands behind `in`, with two values.
                guard call.count == 3 else { throw HostError(.argument, "\(what) can't be called") }
                try unending(call)
            },
        ]
    }

    private static func unknown(_ field: String) -> HostError {
        let known = LibraryReference.members(ofType: Column.typeName)?.map(\.name) ?? []
        return TypeBinding.unknownField(field, of: Column.typeName, names: known)
    }

    private var columnMethods: [Binding] {
        [
            Binding(
                "Column:to_list", "The values as a list; NULL is `arc.null`.",
                returns: (.table, "the values"),
                example: "assert(#arc.frame { n = { 1, 2 } }.n:to_list() == 2)",
                .immediate { arguments in [try arguments.receiver(as: Column.self).list()] }),
            Binding(
                "Column:values", "Goes through the values in a loop; NULL is `arc.null`.",
                returns: (.function, "an iterator"),
                example: "for value in arc.frame { n = { 1, 2 } }.n:values() do print(value) end", .checked),
            Binding(
                "Column:unique", "The different values, in the order in which they first appear.",
                returns: (.handle(Column.typeName), "a column without repetitions"),
                example: "assert(#arc.frame { n = { 1, 2, 1 } }.n:unique() == 2)",
                .waiting { arguments in
                    let column = try arguments.receiver(as: Column.self)
                    return try await LongWork.run(rows: column.count) {
                        [.object(column.gathering(try RowCodes(column.values).firsts))]
                    }
                }),
        ]
    }
}

extension Column {
    /// Gives a row's value to Lua. NULL is nil in a row and `arc.null` within a sequence.
    func put(_ row: Int, into call: borrowing DirectCall, inSequence: Bool) throws {
        if values.content == .texts, !values.isNull(row), values.withBytes(row, { call.put($0) }) != nil {
            return
        }
        if values.isJSON, !values.isNull(row), values.withBytes(row, { call.putJSON($0) }) != nil { return }
        switch values[row] {
        case .null where !inSequence: call.putNil()
        case .int(let number): call.put(number)
        case .double(let number): call.put(number)
        case .bool(let flag): call.put(flag)
        case .json(var text): text.withUTF8 { call.putJSON(UnsafeRawBufferPointer($0)) }
        case let value: try call.put(LuaValue(value, inSequence: inSequence))
        }
    }
}
