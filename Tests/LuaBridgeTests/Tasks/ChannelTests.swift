import LuaBridge
import Testing

@Suite("Channels", .timeLimit(.minutes(15)))
struct ChannelTests {
    let library = TaskMachine()

    @Test("what is sent arrives once and in order, also false; nil tells the end", arguments: [0, 1, 3])
    func order(capacity: Int) async throws {
        let source = """
            local channel, got = arc.channel(\(capacity)), {}
            arc.gather{
              function() for i = 1, 5 do channel:send(i) end channel:send(false) channel:close() end,
              function() repeat got[#got + 1] = channel:receive() until got[#got] == false end,
            }
            return got, channel:receive()
            """
        #expect(try await library.run(source) == [.table(LuaTable(array: [1, 2, 3, 4, 5, false])), nil])
    }

    @Test("a sender waits until there is room, a receiver until there is something")
    func waiting() async throws {
        let source = """
            local channel, log = arc.channel(1), {}
            arc.gather{
              function()
                for i = 1, 3 do channel:send(i) log[#log + 1] = "sent " .. i end
              end,
              function()
                for _ = 1, 5 do arc.sleep(0) end
                for _ = 1, 3 do log[#log + 1] = "got " .. channel:receive() for _ = 1, 5 do arc.sleep(0) end end
              end,
            }
            return table.concat(log, ", ")
            """
        #expect(try await library.run(source) == ["sent 1, got 1, sent 2, got 2, sent 3, got 3"])
    }

    @Test("many senders and receivers exchange everything exactly once")
    func many() async throws {
        let source = """
            local channel, sum, count = arc.channel(7), 0, 0
            arc.scope(function(scope)
              local senders = {}
              for s = 1, 20 do
                senders[s] = scope:spawn(function()
                  for i = 1, 50 do
                    if i % 7 == s % 7 then probe.wait() end
                    channel:send((s - 1) * 50 + i)
                  end
                end)
              end
              for r = 1, 11 do
                scope:spawn(function()
                  for value in channel:values() do
                    if value % 5 == r % 5 then probe.wait() end
                    sum, count = sum + value, count + 1
                  end
                end)
              end
              for _, sender in ipairs(senders) do sender:wait() end
              channel:close()
            end)
            return sum, count
            """
        #expect(try await library.run(source) == [500_500, 1000])
    }

    @Test("a receiver that was cancelled takes nothing with it")
    func cancelledReceiver() async throws {
        let source = """
            local channel = arc.channel()
            return arc.scope(function(scope)
              local reader = scope:spawn(function()
                return select(2, pcall(arc.timeout, 1, function() return channel:receive() end)).code
              end)
              probe.time_passes(1)
              local code = reader:wait()
              local other = scope:spawn(function() return channel:receive() end)
              channel:send("kept")
              return code, other:wait()
            end)
            """
        #expect(try await library.run(source) == ["timeout", "kept"])
    }

    @Test("what a receiver was served before it was cancelled is there for the next one")
    func servedAndCancelled() async throws {
        let source = """
            local channel = arc.channel(10)
            arc.scope(function(scope)
              scope:spawn(function() channel:receive() end)
              arc.sleep(0)
              channel:send("first")
              channel:send("second")
              scope:cancel()
            end)
            return channel:receive(), channel:receive()
            """
        #expect(try await library.run(source) == ["first", "second"])
    }

    @Test("receivers whose time is over leave nothing in the channel")
    func timedOutReceivers() async throws {
        let source = """
            local channel = arc.channel()
            local function wait() pcall(arc.timeout, 0, function() channel:receive() end) end
            for _ = 1, 100 do wait() end
            collectgarbage()
            local before = collectgarbage("count")
            for _ = 1, 1000 do wait() end
            collectgarbage()
            return collectgarbage("count") - before < 20
            """
        #expect(try await library.run(source) == [true])
    }

    @Test("a closed channel refuses what is sent, and gives what it still holds")
    func closed() async throws {
        let source = """
            local channel = arc.channel(2)
            channel:send(1) channel:send(2) channel:close()
            local ok, e = pcall(channel.send, channel, 3)
            return ok, e, channel:receive(), channel:receive(), channel:receive()
            """
        #expect(try await library.run(source) == [false, "channel:send: the channel is closed", 1, 2, nil])
        #expect(
            try await library.failure("arc.channel():send(nil)")?.message
                == "channel:send: nil can't be sent; it tells a receiver that the channel is closed")
        #expect(
            try await library.failure("arc.channel(-1)")?.message
                == "arc.channel: capacity must be a whole number from 0, got -1")
    }

    @Test(
        "tasks that wait for each other alone end with an error that says so",
        arguments: [
            "arc.channel():receive()", "arc.channel():send(1)",
            "local c = arc.channel() arc.map({1, 2, 3}, function() c:receive() end)",
            "arc.scope(function(s) local t t = s:spawn(function() arc.sleep(0) t:wait() end) t:wait() end)",
            "while true do pcall(arc.map, {1}, function() arc.channel():receive() end) end",
        ])
    func deadlock(source: String) async throws {
        let error = try #require(try await library.failure(source))
        #expect(error.code == .deadlock)
        #expect(error.message == "every task waits for another one, and none can go on")
    }
}
