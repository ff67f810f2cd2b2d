import LuaBridge

extension Library {
    private static let mapOptions = ParameterType.record(
        "MapOptions",
        [
            .optional("concurrency", .positiveInteger, "how many run at once; 16 unless said"),
            .optional(
                "on_error", .choice(["cancel", "collect"]),
                "cancel: the first error ends all; collect: errors come back by index"),
            .optional(
                "progress", .either(.either(.boolean, .string), .function),
                "true or a label to show how far it is; or a function that is told how many are done, of how many"
            ),
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
                [.required("functions", .table, "what to run, as a list or by names")],
                returns: (.table, "their first results, in order or by the same names"),
                example: """
                    local both = arc.gather { one = function() return 1 end, two = function() return 2 end }
                    assert(both.one + both.two == 3)
                    """,
                .lua),
            Binding(
                "arc.timeout",
                "Runs a function, and raises an error when the time is over before it has ended.",
                [
                    .required("seconds", .duration, "the time"),
                    .required("fn", .function, "what to run"), .rest("what to call it with"),
                ],
                returns: (.any, "what the function returns"),
                example: """
                    local ok, problem = pcall(arc.timeout, 0.01, function() while true do end end)
                    assert(not ok and problem.code == "timeout")
                    """,
                .lua),
            Binding(
                "arc.scope",
                "Runs a function that starts tasks one by one, and ends when all of them have. The first error ends the others, and is raised.",
                [.required("fn", .function, "what to run, with the Scope that starts tasks")],
                returns: (.any, "what the function returns"),
                example: """
                    local sum = arc.scope(function(scope)
                      local one = scope:spawn(function() return 1 end)
                      local two = scope:spawn(function() return 2 end)
                      return one:wait() + two:wait()
                    end)
                    assert(sum == 3)
                    """,
                .lua),
            Binding(
                "arc.channel",
                "Makes a channel, which passes values from task to task, first come first served.",
                [
                    .optional(
                        "capacity", .integer(0 ... .max),
                        "how many values it holds while nobody receives; 0 unless said: a sender waits for its receiver"
                    )
                ],
                returns: (.handle("Channel"), "the channel"),
                example: Self.channelExample, .lua),
            Binding(
                "arc.sleep", "Waits; 0 lets the other tasks go first.",
                [.required("seconds", .duration, "how long")], example: "arc.sleep(0.01)", .lua),
        ]
    }

    private static let channelExample = """
        local channel = arc.channel()
        local sum = 0
        arc.gather {
          function()
            for n = 1, 3 do channel:send(n) end
            channel:close()
          end,
          function()
            for n in channel:values() do sum = sum + n end
          end,
        }
        assert(sum == 6)
        """

    /// The types of what these functions give, which are tables of Lua's.
    var taskTypes: [TypeBinding] { [Self.scopeType, Self.taskType, Self.channelType] }

    private static let scopeType = TypeBinding(
        "Scope", "What starts tasks within arc.scope, and ends with them.",
        methods: [
            Binding(
                "Scope:spawn", "Starts a task.",
                [.required("fn", .function, "what it runs"), .rest("what to call it with")],
                returns: (.handle("Task"), "the task"),
                example: """
                    arc.scope(function(scope)
                      local task = scope:spawn(function(a, b) return a + b end, 1, 2)
                      assert(task:wait() == 3)
                    end)
                    """, .lua),
            Binding(
                "Scope:cancel", "Ends every task of the scope.",
                example: """
                    arc.scope(function(scope)
                      scope:spawn(function() arc.sleep(60) end)
                      scope:cancel()
                    end)
                    """, .lua),
        ],
        example: """
            local both = arc.scope(function(scope)
              local one, two = scope:spawn(arc.health), scope:spawn(arc.get_metrics)
              return { one:wait(), two:wait() }
            end)
            assert(both[1].status == "healthy")
            """, isLua: true)

    private static let taskType = TypeBinding(
        "Task", "What scope:spawn started.",
        methods: [
            Binding(
                "Task:wait", "Waits for the task's end. As often as you like, and by several at once.",
                returns: (.any, "what its function returned; an error where it was cancelled before"),
                example: """
                    arc.scope(function(scope)
                      local task = scope:spawn(function() return "done" end)
                      assert(task:wait() == "done" and task:wait() == "done")
                    end)
                    """, .lua)
        ],
        example: """
            arc.scope(function(scope)
              local task = scope:spawn(function() return 42 end)
              assert(task:wait() == 42)
            end)
            """, isLua: true)

    private static let channelType = TypeBinding(
        "Channel", "Passes values from task to task, first come first served.",
        methods: [
            Binding(
                "Channel:send",
                "Gives a value to whoever receives next; waits where the channel holds no more.",
                [.required("value", .any, "anything but nil")],
                example: """
                    local channel = arc.channel(1)
                    channel:send("hello")
                    assert(channel:receive() == "hello")
                    """, .lua),
            Binding(
                "Channel:receive", "The next value; waits for it.",
                returns: (.any, "the value; nil where the channel is closed and empty"),
                example: """
                    local channel = arc.channel(1)
                    channel:send(1)
                    channel:close()
                    assert(channel:receive() == 1 and channel:receive() == nil)
                    """, .lua),
            Binding(
                "Channel:values", "Goes through the values until the channel is closed.",
                returns: (.function, "an iterator"),
                example: """
                    local channel = arc.channel(2)
                    channel:send("a")
                    channel:send("b")
                    channel:close()
                    local all = {}
                    for value in channel:values() do all[#all + 1] = value end
                    assert(table.concat(all) == "ab")
                    """, .lua),
            Binding(
                "Channel:close", "Ends it: what it holds can still be received, sending is an error.",
                example: """
                    local channel = arc.channel()
                    channel:close()
                    assert(channel:receive() == nil and not pcall(channel.send, channel, 1))
                    """, .lua),
        ],
        example: channelExample, isLua: true)
}
