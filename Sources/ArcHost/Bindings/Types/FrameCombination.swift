import LuaBridge
import Postgres

extension Library {
    private static let kinds = Aggregate.Kind.allCases.map(\.rawValue)

    private static let joinOptions = ParameterType.record(
        "JoinOptions",
        [
            .optional(
                "how", .choice(Join.Kind.allCases.map(\.rawValue)),
                "inner unless said; left, right and full keep rows that agree with none, semi and anti only choose rows of the first frame"
            ),
            .optional(
                "suffix", .either(.string, .list(.string)),
                "what is put behind names that both frames have: of the other frame's, or of both, as {\"_old\", \"_new\"}; \"_right\" unless said"
            ),
        ])

    private static let pivotOptions = ParameterType.record(
        "PivotOptions",
        [
            .required("rows", .either(.string, .list(.string)), "the columns whose combinations become rows"),
            .required("columns", .string, "the column whose values become columns"),
            .required("values", .string, "the column whose values fill the cells"),
            .optional(
                "agg", .choice(kinds.filter { $0 != "quantile" }),
                "what becomes of several values for a cell; an error unless said"),
        ])

    private static let unpivotOptions = ParameterType.record(
        "UnpivotOptions",
        [
            .optional(
                "columns", .list(.string), "the columns that become rows; all that aren't kept unless said"),
            .optional("keep", .list(.string), "the columns that are repeated; all others unless said"),
            .optional("name", .string, "the column for their names; \"name\" unless said"),
            .optional("value", .string, "the column for their values; \"value\" unless said"),
        ])

    /// The methods that put frames together, and turn them.
    var combinationMethods: [Binding] {
        [
            Binding(
                "Frame:join",
                "The rows beside those of another frame that agree with them in some columns. NULL agrees with nothing. Rows stay in the order of the first frame, in a right join of the other.",
                [
                    .required("other", .frame, "the other frame"),
                    .required(
                        "on", .either(.string, .table),
                        "a column's name, a list of names, or names by names: { ours = \"theirs\" }"),
                    .optional("options", Self.joinOptions, "how"),
                ],
                returns: (.frame, "the columns of the first frame, then those of the other"),
                example: """
                    local runs = arc.frame { model = { "a", "b" }, score = { 1, 2 } }
                    local prices = arc.frame { model = { "a" }, usd = { 0.5 } }
                    assert(#runs:join(prices, "model") == 1)
                    assert(runs:join(prices, "model", { how = "left" })[2].usd == nil)
                    """,
                .waiting { arguments in
                    let join = try Self.join(arguments)
                    return try await LongWork.run(rows: join.mostRows) {
                        [.object(try join.frame())]
                    }
                }),
            Binding(
                "Frame:concat",
                "The rows of several frames one below the other. A column that a frame lacks is NULL there.",
                [.rest("other frames")], returns: (.frame, "the rows of all"),
                example:
                    "assert(#arc.frame { n = { 1 } }:concat(arc.frame { n = { 2 } }, arc.frame { m = { 3 } }) == 3)",
                .waiting { arguments in
                    let frames = try Self.frames(arguments)
                    return try await LongWork.run(rows: frames.reduce(0) { $0 + $1.count }) {
                        [.object(try Frame.stacked(frames))]
                    }
                }),
            Binding(
                "Frame:group_by",
                "Cuts the frame into groups of rows that agree in some columns, in the order in which they first appear. NULL is a value like any other here. Without a column, all rows are one group.",
                [.rest("columns' names, or one list of them")],
                returns: (.handle(FrameGroups.typeName), "the groups"),
                example: """
                    local runs = arc.frame { model = { "a", "b", "a" }, score = { 1, 2, 3 } }
                    assert(#runs:group_by("model") == 2)
                    """,
                .waiting { arguments in
                    let (frame, names, function) = (
                        try arguments.frame(), try arguments.columnNames(), arguments.function
                    )
                    return try await LongWork.run(rows: frame.count) {
                        [.object(try FrameGroups(frame, by: names, for: function))]
                    }
                }),
            Binding(
                "Frame:pivot",
                "Turns a column's values into columns: one row for each combination of other columns.",
                [.required("options", Self.pivotOptions, "what becomes what")],
                returns: (.frame, "the rows, and a column for each value"),
                example: """
                    local runs = arc.frame { scenario = { "x", "x", "y" }, model = { "a", "b", "a" }, score = { 1, 2, 3 } }
                    local wide = runs:pivot { rows = "scenario", columns = "model", values = "score" }
                    assert(wide[1].b == 2 and wide[2].b == nil)
                    """,
                .waiting { arguments in
                    let (frame, function) = (try arguments.frame(), arguments.function)
                    let options = arguments.fields("options")
                    let rows = options.names("rows")
                    return try await LongWork.run(rows: frame.count) {
                        [
                            .object(
                                try frame.pivoted(
                                    rows: rows, names: options.text("columns"),
                                    values: options.text("values"),
                                    options.string("agg").flatMap(Aggregate.Kind.init(name:)), for: function))
                        ]
                    }
                }),
            Binding(
                "Frame:unpivot",
                "Turns columns into rows: a row for each row and column, with the column's name and its value.",
                [.optional("options", Self.unpivotOptions, "which columns")],
                returns: (.frame, "the kept columns, the names and the values"),
                example: """
                    local wide = arc.frame { scenario = { "x" }, a = { 1 }, b = { 2 } }
                    assert(#wide:unpivot { columns = { "a", "b" } } == 2)
                    """,
                .waiting { arguments in
                    let frame = try arguments.frame()
                    let (kept, stacked) = try Self.unpivoted(frame, arguments)
                    let options = arguments.fields("options")
                    return try await LongWork.run(rows: frame.count * stacked.count) {
                        [
                            .object(
                                try frame.unpivoted(
                                    kept: kept, stacked: stacked, name: options.string("name") ?? "name",
                                    value: options.string("value") ?? "value"))
                        ]
                    }
                }),
        ]
    }

    private static func join(_ arguments: Arguments) throws -> Join {
        let (left, function) = (try arguments.frame(), arguments.function)
        guard let right: Frame = arguments.object("other") else { throw arguments.wrong("other", "a frame") }
        let options = arguments.fields("options")
        let suffixes = options.names("suffix")
        guard suffixes.count <= 2 else { throw options.wrong("suffix", "a text, or a list of two") }
        var pairs: [(String, String)] = []
        if let name = arguments.string("on") {
            pairs = [(name, name)]
        } else if let table = arguments["on"]?.table {
            pairs = table.array.map { ($0.stringValue ?? "", $0.stringValue ?? "") }
            pairs += table.fields.map { ($0.name ?? "", $0.value.stringValue ?? "") }
        }
        guard !pairs.isEmpty else {
            throw arguments.wrong("on", "the name of at least one column that both frames have")
        }
        let keys = try pairs.map {
            (
                left: try left.place($0.0, for: function),
                right: try right.place($0.1, for: "\(function), other frame")
            )
        }
        return Join(
            kind: options.string("how").flatMap(Join.Kind.init) ?? .inner, left: left, right: right,
            keys: keys,
            suffixes: (suffixes.count == 2 ? suffixes[0] : "", suffixes.last ?? "_right"), function: function,
            room: try arguments.machine.memoryLimit)
    }

    private static func frames(_ arguments: Arguments) throws -> [Frame] {
        try [arguments.frame()]
            + arguments.rest.map { value in
                if let frame = value.object(as: Frame.self) { return frame }
                throw HostError(
                    .argument, "\(arguments.function): it takes frames, got \(ArgumentCheck.display(value))")
            }
    }

    private static func unpivoted(_ frame: Frame, _ arguments: Arguments) throws -> ([Column], [Column]) {
        let options = arguments.fields("options")
        let kept = try options["keep"].map { _ in
            try frame.columns(options.names("keep"), for: arguments.function)
        }
        let stacked = try options["columns"].map { _ in
            try frame.columns(options.names("columns"), for: arguments.function)
        }
        func others(_ columns: [Column]) -> [Column] {
            frame.columns.filter { column in !columns.contains { $0 === column } }
        }
        return (kept ?? others(stacked ?? frame.columns), stacked ?? others(kept ?? []))
    }

    var groupsType: TypeBinding {
        TypeBinding(
            FrameGroups.typeName, "A frame cut into groups by `group_by`: `#groups` is how many there are.",
            methods: [
                Binding(
                    "Groups:agg",
                    "One row for each group: what its rows agree in, then what is made of them. NULLs have no part, but in `collect` and `nulls`.",
                    [
                        .required(
                            "aggregates", .table,
                            "by the names of the columns to make: \"count\" for the rows, {KIND, \"column\"} with KIND one of \(Self.kinds.joined(separator: ", ")), {\"quantile\", \"column\", 0.95}, or a function of the group's frame"
                        )
                    ],
                    returns: (.frame, "the groups' columns, then the made ones by name"),
                    example: """
                        local runs = arc.frame { model = { "a", "b", "a" }, score = { 1, 2, 4 } }
                        local by = runs:group_by("model"):agg {
                          runs = "count", mean = { "mean", "score" },
                          spread = function(group) return group:max("score") - group:min("score") end,
                        }
                        assert(by[1].runs == 2 and by[1].mean == 2.5 and by[1].spread == 3)
                        """,
                    .waiting { arguments in
                        let groups = try arguments.receiver(as: FrameGroups.self)
                        let wanted = try Self.aggregates(arguments, of: groups.frame)
                        return try await LongWork.run(rows: groups.frame.count) {
                            [.object(try groups.aggregated(wanted))]
                        }
                    }),
                Binding(
                    "Groups:keys", "One row for each group: what its rows agree in.",
                    returns: (.frame, "the groups' columns"),
                    example:
                        "assert(arc.frame { m = { \"a\", \"b\" } }:group_by(\"m\"):keys()[2].m == \"b\")",
                    .immediate { arguments in
                        [.object(try arguments.receiver(as: FrameGroups.self).keyFrame)]
                    }),
                Binding(
                    "Groups:part", "The rows of one group.",
                    [.required("n", .positiveInteger, "the group's number")],
                    returns: (.frame, "its rows, in order"),
                    example:
                        "assert(#arc.frame { m = { \"a\", \"b\", \"a\" } }:group_by(\"m\"):part(1) == 2)",
                    .immediate { arguments in
                        let groups = try arguments.receiver(as: FrameGroups.self)
                        let number = Int(arguments.integer("n") ?? 1)
                        guard number <= groups.count else {
                            throw arguments.wrong(
                                "n", "the number of a group, of which there are \(groups.count)")
                        }
                        return [.object(groups.part(number - 1))]
                    }),
                Binding(
                    "Groups:each", "Goes through the groups in a loop.",
                    returns: (.function, "an iterator of a row of keys and the group's frame"),
                    example: """
                        local runs = arc.frame { model = { "a", "b", "a" }, score = { 1, 2, 4 } }
                        for key, group in runs:group_by("model"):each() do print(key.model, #group) end
                        """, .checked),
            ],
            example: """
                local groups = arc.frame { model = { "a", "b", "a" } }:group_by("model")
                assert(#groups == 2 and groups:agg { n = "count" }[1].n == 2)
                """,
            tostring: { call in
                let groups = try call.object(0, as: FrameGroups.self)
                let by = groups.keys.map(\.name).joined(separator: ", ")
                return [.string("\(Figure.count(groups.count, "group", "groups")) by \(by)")]
            },
            metamethods: [
                .direct("__len") { call in call.put(Int64(try call.object(0, as: FrameGroups.self).count)) }
            ]
                + Self.refusals(
                    "groups", loop: "for key, group in groups:each() do … end",
                    change: "groups:agg{…} makes a frame of them."))
    }

    private static func aggregates(
        _ arguments: Arguments, of frame: Frame
    ) throws -> [(name: String, aggregate: Aggregate)] {
        let table = arguments["aggregates"]?.table ?? LuaTable()
        guard table.array.isEmpty else {
            throw HostError(
                .argument, "\(arguments.function): aggregates must have names",
                advice: "Write agg{runs = \"count\", score = {\"mean\", \"score\"}}.")
        }
        return try table.fields.map { field in
            guard let name = field.name else {
                throw HostError(
                    .argument,
                    "\(arguments.function): an aggregate's name must be a string, got \(ArgumentCheck.display(field.key))"
                )
            }
            return (name, try Aggregate(field.value, of: frame, for: "\(arguments.function): \(name)"))
        }
    }
}

extension Arguments {
    /// A text, or a list of texts, as a list.
    fileprivate func names(_ name: String) -> [String] {
        string(name).map { [$0] } ?? (list(name) ?? []).compactMap(\.stringValue)
    }
}
