import LuaBridge
import Testing

@testable import ArcHost

@Suite("Many queries at once")
struct ConcurrencyTests {
    @Test(
        "1,000 queries in 1,000 coroutines over the pool of 20 + 30 give 1,000 right answers",
        .timeLimit(.minutes(15)))
    func thousand() async throws {
        try await TestHost.with("thousand") { test in
            try await test.run(
                """
                local pool = arc.check_connection_pool()
                assert(pool.size == 20 and pool.max_overflow == 30)
                local items = {}
                for i = 1, 1000 do items[i] = i end
                local running, most, used = 0, 0, 0
                local answers = arc.map(items, function(n)
                  running = running + 1
                  most = math.max(most, running)
                  local row = arc.query("select $1::int as n, $1::int * 7 as product, pg_backend_pid() as pid", n)[1]
                  running = running - 1
                  used = math.max(used, arc.check_connection_pool().in_use)
                  return row
                end, { concurrency = 1000 })
                -- The first may have been answered before the last has begun.
                assert(#answers == 1000 and most > 50, most)
                local backends, count = {}, 0
                for i, row in ipairs(answers) do
                  assert(row.n == i and row.product == i * 7)
                  if not backends[row.pid] then backends[row.pid], count = true, count + 1 end
                end
                -- The pool closes what overflows and opens it again, so there may be more than 50 over time.
                assert(count > 1 and used <= 50, used)
                assert(arc.get_metrics().waits > 0)
                assert(arc.check_connection_pool().in_use == 0)
                """)
        }
    }

    @Test(
        "arc.timeout raises when the time is over, of Lua and of the database, and leaves a good connection")
    func timeout() async throws {
        try await TestHost.with("timeout") { test in
            try await test.run(
                """
                local ok, e = pcall(arc.timeout, 0.05, function() while true do end end)
                assert(not ok and e.code == "timeout", tostring(e))
                local start = os.time()
                ok, e = pcall(arc.timeout, 0.1, arc.query, "select pg_sleep(60)")
                assert(not ok and e.code == "timeout" and os.time() - start < 30, tostring(e))
                assert(arc.timeout(10, function(a, b) return a + b end, 40, 2) == 42)
                assert(arc.query("select 1 as n")[1].n == 1)
                -- pcall within can't keep it alive.
                ok, e = pcall(arc.timeout, 0.05, function() while true do pcall(function() while true do end end) end end)
                assert(not ok and e.code == "timeout")
                """)
        }
    }

    @Test("the first failure of arc.map is raised and cancels the rest; with collect the others go on")
    func mapFailure() async throws {
        try await TestHost.with("map_failure") { test in
            try await test.run(
                """
                local items = {}
                for i = 1, 40 do items[i] = i end
                local function work(n)
                  if n == 7 then return arc.query("select 1/0") end
                  return arc.query("select $1::int as n", n)[1].n
                end
                local ok, e = pcall(arc.map, items, work, { concurrency = 40 })
                assert(not ok and e.code == "22012", tostring(e))
                local results, errors = arc.map(items, work, { concurrency = 8, on_error = "collect" })
                assert(errors[7].code == "22012" and results[8] == 8 and results[40] == 40)
                assert(arc.check_connection_pool().in_use == 0)
                """)
        }
    }

    @Test("Ctrl-C ends a query that waits, and the server's command with it")
    func interrupt() async throws {
        try await TestHost.with("interrupt") { test in
            let work = Task { try await test.run("print('now') arc.query('select pg_sleep(60)')") }
            await test.output.until("now")
            work.cancel()
            await #expect(throws: LuaError.self) { try await work.value }
            try await test.run("assert(arc.check_connection_pool().in_use == 0)")
        }
    }
}
