import LuaBridge

extension Library {
    private static let mapOptions = ParameterType.record(
        "MapOptions",
        [
            .optional("concurrency", .positiveInteger, "how many run at once; 16 unless said"),
            .optional(
                "on_error", .choice(["cancel", "collect"]),
                "cancel: the first error ends all; collect: errors come back by index"),
        ])

    /// These are written in Lua on LuaBridge's tasks; here is what everybody else needs to know of them.
    var taskBindings: [Binding] {
        [
            Binding(
                "arc.map", "Calls a function for every item, several at once, and keeps the order.",
                [
                    .required("items", .table, "a list, a frame, or anything with # and an index"),
                    .required("fn", .function, "what to call, with the item and its index"),
                    .optional("options", Self.mapOptions, "how"),
                ],
                returns: (.table, "the results, in the items' order; with collect also the errors by index"),
                example: """
                    local squares = arc.map({ 1, 2, 3 }, function(n)
                      return arc.query("select $1::integer ^ 2 as square", n)[1].square
                    end, { concurrency = 3 })
                    assert(squares[3] == 9)
                    """,
                .lua),
            Binding(
                "arc.gather", "Runs several functions at once.",
                [.required("functions", .list(.function), "what to run")],
                returns: (.table, "their first results, in order"),
                example: """
                    local both = arc.gather { function() return 1 end, function() return 2 end }
                    assert(both[1] + both[2] == 3)
                    """,
                .lua),
            Binding(
                "arc.timeout",
                "Runs a function, and raises an error when the time is over before it has ended.",
                [
                    .required("seconds", .number(0...1e9), "the time, in seconds"),
                    .required("fn", .function, "what to run"), .rest("what to call it with"),
                ],
                returns: (.any, "what the function returns"),
                example: """
                    local ok, problem = pcall(arc.timeout, 0.01, function() while true do end end)
                    assert(not ok and problem.code == "timeout")
                    """,
                .lua),
            Binding(
                "arc.sleep", "Waits.", [.required("seconds", .number(0...1e9), "how long, in seconds")],
                example: "arc.sleep(0.01)", .lua),
        ]
    }
}
