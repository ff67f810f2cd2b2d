import ArcHost
import ArcKit
import LuaBridge
import Measuring
import PlainLua
import Postgres

/// Frames against tables of rows in plain Lua, which C code makes of the same result as fast as we know how.
enum FrameComparisons {
    static let all = [
        Benchmark("frame: a result of 1,000,000 rows × 8, and a quantile", quantile),
        Benchmark("frame: the same from the server on", fromServer),
        Benchmark("frame: group_by and agg, 1,000,000 rows", groups),
        Benchmark("frame: sort by two columns, 1,000,000 rows", sort),
        Benchmark("frame: filter by conditions, 1,000,000 rows", filter),
        Benchmark("frame: rows made and read in a loop, 100,000 rows", rows),
    ]

    private static let count = 1_000_000
    private static let table = """
        create table scored as select n as id, (n % 1000)::int4 as scenario, \
        case when n % 10 > 0 then abs(sin(n))::float8 end as score, abs(cos(n)) * 5000 as ms, n % 3 > 0 as passed, \
        'model-' || n % 20 as model, timestamptz '2026-01-01Z' + n * interval '1 s' as at, \
        case when n % 7 = 0 then 'timeout' end as category from generate_series(1, \(count)::int8) as n
        """
    private static let sql =
        "select id, scenario, score, ms, passed, model, at, category from scored order by id"

    /// What both sides work on.
    private final class Ground {
        let options: ConnectionOptions
        let connection: Connection
        let machine: Machine
        let plain: PlainMachine
        let raw: UnsafeMutableRawPointer

        init(_ server: Server, rows: Int = count) async throws {
            options = try await server.options()
            connection = try await Connection.connect(options)
            if try await connection.query("select to_regclass('scored')::text")[0, 0] == .null {
                try await connection.script(table)
                try await connection.script("analyze scored")
            }
            machine = try Host(pluginFolders: [], output: { _ in }) { throw WrongResult("no store") }
                .makeScriptMachine()
            plain = try PlainMachine()
            guard let result = plain_lua_query(options.url, "\(sql) limit \(rows)") else {
                throw WrongResult("libpq can't run the query")
            }
            raw = result
        }

        deinit { plain_lua_clear(raw) }

        func run(_ frame: Frame, _ chunk: String) async throws {
            try await machine.setGlobal("f", .object(frame))
            _ = try await machine.run(chunk, name: "benchmark")
        }
    }

    private static let quantileOfRows = """
        local scores, n = {}, 0
        for i = 1, #rows do
          local score = rows[i].score
          if score then n = n + 1 scores[n] = score end
        end
        table.sort(scores)
        local at = (n - 1) * 0.95
        local below = math.floor(at)
        q = scores[below + 1] + (scores[below + 2] - scores[below + 1]) * (at - below)
        """
    private static let quantileOfFrame = "q = f:quantile('score', 0.95) assert(q > 0.99 and q < 1)"

    /// The result lies in memory, as libpq has it, on both sides.
    @Sendable private static func quantile(_ server: Server) async throws -> Contest {
        let ground = try await Ground(server)
        let result = try await ground.connection.query(sql)
        return Contest(
            unit: "row", units: count, repeats: 1,
            baseline: .init(name: "row tables, table.sort") {
                try ground.plain.makeRows(ground.raw)
                try ground.plain.run(quantileOfRows)
            },
            subject: .init(name: "frame:quantile") {
                try await ground.run(Frame(result), quantileOfFrame)
            }, mostRounds: 5)
    }

    @Sendable private static func fromServer(_ server: Server) async throws -> Contest {
        let ground = try await Ground(server)
        return Contest(
            unit: "row", units: count, repeats: 1,
            baseline: .init(name: "libpq, row tables, table.sort") {
                guard let raw = plain_lua_query(ground.options.url, sql) else {
                    throw WrongResult("libpq can't run the query")
                }
                defer { plain_lua_clear(raw) }
                try ground.plain.makeRows(raw)
                try ground.plain.run(quantileOfRows)
            },
            subject: .init(name: "query, frame:quantile") {
                try await ground.run(Frame(ground.connection.columns(sql)), quantileOfFrame)
            }, mostRounds: 3)
    }

    /// Both sides have their rows already.
    private static func onRows(
        _ server: Server, rows: Int = count, plain: String, _ name: String, frame: String
    ) async throws -> Contest {
        let ground = try await Ground(server, rows: rows)
        try ground.plain.makeRows(ground.raw)
        let made = Frame(try await ground.connection.columns("\(sql) limit \(rows)"))
        return Contest(
            unit: "row", units: rows, repeats: 1,
            baseline: .init(name: "row tables") { try ground.plain.run(plain) },
            subject: .init(name: name) { try await ground.run(made, frame) }, mostRounds: 5)
    }

    @Sendable private static func groups(_ server: Server) async throws -> Contest {
        try await onRows(
            server,
            plain: """
                local groups, order = {}, {}
                for i = 1, #rows do
                  local row = rows[i]
                  local group = groups[row.model]
                  if not group then
                    group = { model = row.model, n = 0, known = 0, sum = 0, worst = 0 }
                    groups[row.model] = group
                    order[#order + 1] = group
                  end
                  group.n = group.n + 1
                  if row.score then group.known, group.sum = group.known + 1, group.sum + row.score end
                  if row.ms > group.worst then group.worst = row.ms end
                end
                for _, group in ipairs(order) do group.mean = group.sum / group.known end
                assert(#order == 20)
                """, "group_by, agg",
            frame: """
                local by = f:group_by("model"):agg { n = "count", mean = { "mean", "score" }, worst = { "max", "ms" } }
                assert(#by == 20)
                """)
    }

    @Sendable private static func sort(_ server: Server) async throws -> Contest {
        try await onRows(
            server,
            plain: """
                local sorted = table.move(rows, 1, #rows, 1, {})
                table.sort(sorted, function(a, b)
                  if a.scenario ~= b.scenario then return a.scenario < b.scenario end
                  return a.ms > b.ms
                end)
                assert(sorted[1].scenario == 0)
                """, "frame:sort",
            frame: "local sorted = f:sort(\"scenario\", \"-ms\") assert(sorted[1].scenario == 0)")
    }

    @Sendable private static func filter(_ server: Server) async throws -> Contest {
        try await onRows(
            server,
            plain: """
                local kept = {}
                for i = 1, #rows do
                  local row = rows[i]
                  if row.model == "model-7" and row.score and row.score >= 0.5 then kept[#kept + 1] = row end
                end
                assert(#kept > 10000)
                """, "frame:filter",
            frame: "assert(#f:filter { model = \"model-7\", score = { min = 0.5 } } > 10000)")
    }

    /// Rows become Lua values: here a frame has to be made of a result as row tables have.
    @Sendable private static func rows(_ server: Server) async throws -> Contest {
        let rows = 100_000
        let ground = try await Ground(server, rows: rows)
        let result = try await ground.connection.query("\(sql) limit \(rows)")
        return Contest(
            unit: "row", units: rows, repeats: 1,
            baseline: .init(name: "row tables") {
                try ground.plain.makeRows(ground.raw)
                try ground.plain.run(
                    "local sum = 0 for _, row in ipairs(rows) do sum = sum + (row.score or 0) + row.ms end assert(sum > 0)"
                )
            },
            subject: .init(name: "frame:rows") {
                try await ground.run(
                    Frame(result),
                    "local sum = 0 for row in f:rows() do sum = sum + (row.score or 0) + row.ms end assert(sum > 0)"
                )
            }, mostRounds: 9)
    }
}
