import LuaBridge
import Postgres
import Testing

@testable import ArcHost

/// What a plugin's machine is charged for frames.
@Suite("The memory of frames")
struct FrameMemoryTests {
    /// A machine with the grants of a plugin and that limit, whose scripts may collect garbage.
    private func machine(limit: Int?, of test: TestHost? = nil) throws -> Machine {
        let host = try (test ?? TestHost.alone()).host
        let library = Library(
            host: host, access: .plugin(PluginRights(name: "test", granted: [.databaseRead])))
        var configuration = library.configuration(libraries: .trusted, output: { _ in })
        configuration.memoryLimit = limit
        return try Machine(configuration)
    }

    /// Eight columns of 8 bytes a row.
    private func frame(rows: Int) -> Frame {
        Frame(
            columns: (0..<8).map { place in
                Column(name: "c\(place)", (0..<rows).map { Value.int(Int64($0 * place)) })
            }, count: rows)
    }

    private static let megabyte = 1 << 20

    @Test(
        "a frame, its columns, rows, groups and what shares its columns are counted once, as long as one is held"
    )
    func shared() async throws {
        let machine = try machine(limit: nil)
        let frame = frame(rows: 100_000)
        let bytes = frame.heldBytes
        #expect(bytes > 6 * Self.megabyte)
        _ = try await machine.run("collectgarbage() collectgarbage()", name: "test")
        let before = await machine.memoryInUse
        try await machine.setGlobal("f", .object(frame))
        var held = await machine.memoryInUse - before
        #expect(held >= bytes && held < bytes + 50_000)
        _ = try await machine.run(
            """
            all = { f.c0, f.c1, f[1], f[2], f:select("c0", "c1"), f:rename { c0 = "x" }, f:drop("c2") }
            for i = 1, 100 do all[#all + 1] = f:select("c" .. i % 8) end
            """, name: "test")
        held = await machine.memoryInUse - before
        #expect(held >= bytes && held < bytes + 400_000)
        _ = try await machine.run("f = nil; all = { all[3] } collectgarbage() collectgarbage()", name: "test")
        held = await machine.memoryInUse - before
        #expect(held >= bytes, "a row keeps its whole frame")
        _ = try await machine.run("all = nil collectgarbage() collectgarbage()", name: "test")
        held = await machine.memoryInUse - before
        #expect(held < 100_000)
    }

    @Test("a column that outlives its frame is counted alone")
    func outliving() async throws {
        let machine = try machine(limit: nil)
        _ = try await machine.run("collectgarbage() collectgarbage()", name: "test")
        let before = await machine.memoryInUse
        try await machine.setGlobal("f", .object(frame(rows: 100_000)))
        _ = try await machine.run("c = f.c3 f = nil collectgarbage() collectgarbage()", name: "test")
        let held = await machine.memoryInUse - before
        #expect(held >= 800_000 && held < 900_000)
    }

    @Test("frames that are let go make room for others")
    func room() async throws {
        let machine = try machine(limit: 2 * Self.megabyte + 500_000)
        try await machine.setGlobal("f", .object(frame(rows: 10_000)))
        let found = try await machine.run(
            """
            local n = 0
            for i = 1, 50 do
              local g = f:sort("-c1")
              n = n + g[1].c1
            end
            return n
            """, name: "test")
        #expect(found == [.integer(50 * 9_999)])
    }

    @Test("what has no room is an error that a script can catch, and goes on after")
    func tooLarge() async throws {
        let machine = try machine(limit: 2 * Self.megabyte + 500_000)
        try await machine.setGlobal("f", .object(frame(rows: 10_000)))
        let found = try await machine.run(
            """
            local failures = 0
            for i = 1, 20 do
              local ok, problem = pcall(f.concat, f, f, f, f)
              if not ok then failures = failures + 1 end
              assert(#f:head(3):to_csv() > 10 and ("x"):rep(20000))
            end
            local ok, problem = pcall(f.join, f, f:rename { c1 = "other" }, "c0")
            return failures, ok, problem and problem.message or tostring(problem)
            """, name: "test")
        #expect(found[0] == 20 && found[1] == false)
        #expect(found[2].stringValue?.contains("100,000,000 rows") == true)
        let held = await machine.memoryInUse
        #expect(held < 2 * Self.megabyte + 500_000)
    }

    @Test("a result that has no room is an error, and isn't read to its end")
    func hugeResult() async throws {
        let machine = try machine(limit: 4 * Self.megabyte, of: try await TestHost.reading())
        let found = try await machine.run(
            """
            local ok, problem = pcall(arc.query, "select n, 'text ' || n as t from generate_series(1, 100000000) as n")
            local some = arc.query("select n from generate_series(1, 1000) as n")
            return ok, problem.message, #some
            """, name: "test")
        #expect(found[0] == false && found[2] == 1000)
        #expect(
            found[1].stringValue == "The result takes more than the 4194304 bytes that there is room for.")
    }

    @Test("200,000 rows one after the other take the memory of a few")
    func rows() async throws {
        let machine = try machine(limit: 3 * Self.megabyte)
        try await machine.setGlobal("f", .object(frame(rows: 10_000)))
        let found = try await machine.run(
            "local n = 0 for pass = 1, 20 do for row in f:rows() do n = n + row.c1 end end return n",
            name: "test")
        #expect(found == [.integer(20 * 9_999 * 5_000)])
    }
}
