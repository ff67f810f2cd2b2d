import LuaBridge
import Postgres

extension Library {
    private static let size = ParameterType.integer(0 ... .max)
    private static let anyColumns = Parameter.rest("columns' names, or one list of them; none for all")

    /// The methods that choose and order rows.
    var rowMethods: [Binding] { choosingMethods + orderingMethods + loopMethods }

    private var choosingMethods: [Binding] {
        [
            Binding(
                "Frame:filter",
                "The rows that a function wants, or that fulfil conditions about columns: a value (`arc.null` for NULL), a list of values, or a table with `min`, `max`, `above`, `below` and `except`. A function may wait; conditions are many times as fast.",
                [
                    .required(
                        "keep", .either(.table, .function),
                        "a function of a row and its number, or conditions by columns' names")
                ],
                returns: (.frame, "these rows, in order"),
                example: """
                    local runs = arc.frame { status = { "success", "error", "error" }, score = { 0.9, 0.2, 0.6 } }
                    assert(#runs:filter { status = "error", score = { min = 0.5 } } == 1)
                    assert(#runs:filter(function(r) return r.score > 0.5 end) == 2)
                    """,
                .immediate { arguments in
                    let frame = try arguments.frame()
                    guard let conditions = arguments["keep"]?.table, conditions.array.isEmpty else {
                        throw arguments.wrong(
                            "keep", "a function, or conditions by columns' names",
                            advice: "Write frame:filter{status = \"error\"}.")
                    }
                    return [.object(try frame.filtered(conditions, for: arguments.function))]
                }),
            Binding(
                "Frame:head", "The first rows.", [.optional("n", Self.size, "how many; 10 unless said")],
                returns: (.frame, "at most n rows"),
                example: "assert(#arc.frame { n = { 1, 2, 3 } }:head(2) == 2)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    return [.object(frame.slice(0..<Self.least(frame.count, arguments)))]
                }),
            Binding(
                "Frame:tail", "The last rows.", [.optional("n", Self.size, "how many; 10 unless said")],
                returns: (.frame, "at most n rows"),
                example: "assert(arc.frame { n = { 1, 2, 3 } }:tail(1)[1].n == 3)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    return [
                        .object(frame.slice(frame.count - Self.least(frame.count, arguments)..<frame.count))
                    ]
                }),
            Binding(
                "Frame:slice",
                "A stretch of the rows; negative numbers count from the end, as in `string.sub`.",
                [
                    .required("from", .anyInteger, "the first row's number"),
                    .optional("to", .anyInteger, "the last row's number; -1, the last row, unless said"),
                ],
                returns: (.frame, "these rows"),
                example: "assert(#arc.frame { n = { 1, 2, 3, 4 } }:slice(2, -2) == 2)",
                .immediate { arguments in [.object(try Self.slice(arguments))] }),
            Binding(
                "Frame:take", "Rows by their numbers, in that order; a row may come several times.",
                [.required("rows", .list(.anyInteger), "the rows' numbers")],
                returns: (.frame, "these rows; numbers without a row are passed over"),
                example: "assert(arc.frame { n = { 1, 2, 3 } }:take { 3, 1 }[1].n == 3)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    let rows = (arguments.list("rows") ?? []).compactMap(\.integerValue)
                        .filter { $0 >= 1 && $0 <= frame.count }
                    return [.object(frame.taking(rows.map { Int32($0 - 1) }))]
                }),
            Binding(
                "Frame:sample",
                "Rows drawn at random, without repetition, in the frame's order. The same seed draws the same rows.",
                [
                    .required("n", Self.size, "how many; all, where there are fewer"),
                    .optional("seed", .anyInteger, "what the random numbers begin with; 0 unless said"),
                ],
                returns: (.frame, "n rows"),
                example: "assert(#arc.frame { n = { 1, 2, 3, 4 } }:sample(2, 42) == 2)",
                .immediate { arguments in
                    let frame = try arguments.frame()
                    let seed = UInt64(bitPattern: arguments.integer("seed") ?? 0)
                    let size = Int(min(arguments.integer("n") ?? 0, Int64(frame.count)))
                    return [.object(frame.sample(size, seed: seed))]
                }),
        ]
    }

    private static func least(_ count: Int, _ arguments: Arguments) -> Int {
        Int(min(arguments.integer("n") ?? 10, Int64(count)))
    }

    private static func slice(_ arguments: Arguments) throws -> Frame {
        let frame = try arguments.frame()
        let count = Int64(frame.count)
        func place(_ number: Int64) -> Int64 { number < 0 ? max(-count, number) + count + 1 : number }
        let first = max(1, place(arguments.integer("from") ?? 1))
        let last = min(count, place(arguments.integer("to") ?? -1))
        return frame.slice(first <= last ? Int(first) - 1..<Int(last) : 0..<0)
    }

    private var orderingMethods: [Binding] {
        [
            Binding(
                "Frame:sort",
                "The rows in the order of some columns, the first counting most. NULL comes last either way, NaN behind all numbers; durations are compared with months of 30 days and days of 24 hours; texts, and what has no order here (inet, money), are in the order of their bytes; rows that are equal stay in order.",
                [
                    .rest(
                        "columns: \"name\", \"-name\" or {\"name\", \"desc\"} for the greatest first, or one list of these; then perhaps \"desc\" or { desc = true } for all"
                    )
                ],
                returns: (.frame, "all rows"),
                example: """
                    local runs = arc.frame { model = { "b", "a", "b" }, score = { 1, 2, 3 } }
                    assert(runs:sort("model", "-score")[2].score == 3)
                    """,
                .waiting { arguments in
                    let frame = try arguments.frame()
                    let keys = try SortKeys(arguments, frame).keys
                    let function = arguments.function
                    return try await LongWork.run(rows: frame.count) {
                        [.object(try frame.sorted(by: keys, for: function))]
                    }
                }),
            Binding(
                "Frame:unique",
                "The first row of each combination of values in some columns. NULL is a value like any other here.",
                [Self.anyColumns], returns: (.frame, "these rows, in order"),
                example: "assert(#arc.frame { n = { 1, 2, 1 } }:unique(\"n\") == 2)",
                .waiting { arguments in
                    let (frame, names, function) = (
                        try arguments.frame(), try arguments.columnNames(), arguments.function
                    )
                    return try await LongWork.run(rows: frame.count) {
                        [.object(try frame.unique(names, for: function))]
                    }
                }),
            Binding(
                "Frame:value_counts", "How often each combination of values in some columns comes.",
                [Self.anyColumns], returns: (.frame, "the columns and `count`, the most frequent first"),
                example: """
                    local counts = arc.frame { status = { "error", "success", "success" } }:value_counts("status")
                    assert(counts[1].status == "success" and counts:column("count")[1] == 2)
                    """,
                .waiting { arguments in
                    let (frame, given, function) = (
                        try arguments.frame(), try arguments.columnNames(), arguments.function
                    )
                    return try await LongWork.run(rows: frame.count) {
                        [.object(try frame.valueCounts(given.isEmpty ? frame.names : given, for: function))]
                    }
                }),
        ]
    }

    private var loopMethods: [Binding] {
        [
            Binding(
                "Frame:rows", "Goes through the rows in a loop.", returns: (.function, "an iterator"),
                example: "for row in arc.frame { n = { 1, 2 } }:rows() do print(row.n) end", .checked),
            Binding(
                "Frame:map", "Calls a function for each row, which may wait.",
                [
                    .required(
                        "fn", .either(.string, .function),
                        "what to call, with the row and its number; a column's name for its values")
                ],
                returns: (.table, "a list of what it returned; `arc.null` for nil"),
                example: """
                    local doubled = arc.frame { n = { 1, 2 } }:map(function(row) return row.n * 2 end)
                    assert(doubled[2] == 4)
                    """,
                .immediate { arguments in
                    let frame = try arguments.frame()
                    return [try frame.column(arguments.text("fn"), for: arguments.function).list()]
                }),
        ]
    }
}

/// The columns that `sort` is to go by.
private struct SortKeys {
    private(set) var keys: [(column: String, descending: Bool)] = []

    init(_ arguments: Arguments, _ frame: Frame) throws {
        var given = arguments.rest
        let descending = try Self.direction(&given, frame, arguments.function)
        if given.count == 1, let list = given[0].table?.array, !list.isEmpty { given = list }
        keys = try given.map { key in
            var found = try Self.key(key, frame, arguments.function)
            if descending { found.descending.toggle() }
            return found
        }
        if keys.isEmpty { keys = [try Self.key(.nil, frame, arguments.function)] }
    }

    /// Takes off the last argument where it says the direction.
    private static func direction(
        _ given: inout [LuaValue], _ frame: Frame, _ function: String
    ) throws -> Bool {
        guard given.count > 1, let last = given.last else { return false }
        if let table = last.table, table.array.isEmpty {
            guard table.fields.allSatisfy({ $0.name == "desc" }) else {
                throw HostError(.argument, "\(function): the options may have desc, and nothing else")
            }
            given.removeLast()
            return table["desc"].isTruthy
        }
        guard let word = last.stringValue, !frame.names.contains(word) else { return false }
        if word == "asc" || word == "desc" {
            given.removeLast()
            return word == "desc"
        }
        return false
    }

    private static func key(
        _ value: LuaValue, _ frame: Frame, _ function: String
    ) throws -> (column: String, descending: Bool) {
        if let name = value.stringValue {
            guard name.hasPrefix("-"), !frame.names.contains(name) else { return (name, false) }
            return (String(name.dropFirst()), true)
        }
        guard let table = value.table, let name = table[1].stringValue else {
            throw HostError(
                .argument,
                "\(function): a column's name must be a string, got \(ArgumentCheck.display(value))",
                advice: "Write frame:sort(\"a\", \"-b\"), or frame:sort{\"a\", {\"b\", \"desc\"}}.")
        }
        switch table[2] {
        case .nil, "asc": return (name, table["desc"].isTruthy)
        case "desc": return (name, true)
        default:
            throw HostError(
                .argument,
                "\(function): the direction must be \"asc\" or \"desc\", got \(ArgumentCheck.display(table[2]))"
            )
        }
    }
}
