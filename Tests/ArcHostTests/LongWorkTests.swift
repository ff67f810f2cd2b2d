import Foundation
import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("Long work on frames")
struct LongWorkTests {
    private static func column(_ kind: Int) -> Column {
        Column(
            name: "c",
            (0..<70_000).map { row -> Value in
                switch kind {
                case 0: .int(Int64(row % 1000))
                case 1: .text("text \(row)")
                default: .numeric(Numeric(Int64(row % 100)))
                }
            })
    }

    private static let works: [(String, @Sendable (Frame) throws -> Void)] = [
        ("sort", { _ = try $0.sorted(by: [("c", true)]) }),
        ("group_by", { _ = try FrameGroups($0, by: ["c"]) }),
        ("max", { _ = try Aggregate(kind: .max, column: $0.column("c")).value(ofAll: $0.count) }),
        ("filter", { _ = try $0.filtered(LuaTable(fields: [.init("c", ["min": 3])]), for: "filter") }),
        (
            "join",
            {
                _ = try Join(
                    kind: .inner, left: $0, right: $0.slice(0..<10), keys: [(0, 0)], suffixes: ("", "_right"),
                    function: "join"
                ).frame()
            }
        ),
    ]

    @Test("ends where its task was cancelled, whatever it does", arguments: [0, 1, 2], works.map(\.0))
    func cancelled(_ kind: Int, _ name: String) async throws {
        let column = Self.column(kind)
        let work = try #require(Self.works.first { $0.0 == name }?.1)
        // A number can't be compared with texts.
        if kind == 1, name == "filter" { return }
        let frame = Frame(columns: [column], count: column.count)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try work(frame)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        try work(frame)
    }

    @Test("goes on elsewhere meanwhile, and is cancelled with whoever waits for it")
    func elsewhere() async throws {
        let task = Task {
            try await LongWork.run(rows: 1_000_000) {
                while true { try Task.checkCancellation() }
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await LongWork.run(rows: 1) { [1] } == [1])
    }

    @Test("ends with arc.timeout, and other tasks go on meanwhile")
    func timeout() async throws {
        let test = try TestHost.alone()
        let column = Self.column(1)
        try await test.machine.setGlobal("f", .object(Frame(columns: [column], count: column.count)))
        try await test.run(
            """
            local turns = 0
            local ok, problem = pcall(arc.timeout, 0.05, function()
              arc.gather { function() while true do f:sort("-c") end end, function() while true do turns = turns + 1 arc.sleep(0) end end }
            end)
            assert(not ok and problem.code == "timeout" and turns > 1)
            """)
    }

    @Test("a join of few rows that makes very many ends with arc.timeout, and other tasks go on meanwhile")
    func multiplying() async throws {
        let test = try TestHost.alone()
        let column = Column(name: "k", Array(repeating: Value.int(1), count: 5000))
        try await test.machine.setGlobal("f", .object(Frame(columns: [column], count: column.count)))
        try await test.run(
            """
            local turns = 0
            local ok, problem = pcall(arc.timeout, 0.05, function()
              arc.gather { function() while true do f:join(f, "k") end end, function() while true do turns = turns + 1 arc.sleep(0) end end }
            end)
            assert(not ok and problem.code == "timeout" and turns > 1, turns)
            """)
    }

    /// `f` has 200,000 values of as many scenarios. Each takes minutes unless it is stopped.
    private static let computations = [
        "arc.stats.bootstrap(f, 'v', { by = 's', resamples = 100000 })",
        "arc.stats.bootstrap(f, 'v', { by = 's', resamples = 100000, method = 'studentised' })",
        "arc.stats.permutation(f.v, { resamples = 100000 })",
        "arc.stats.paired(f, g, 'v', { by = 's', resamples = 100000 })",
    ]

    private func hosting() async throws -> TestHost {
        let test = try TestHost.alone()
        for (name, factor) in [("f", 1.0), ("g", 0.9)] {
            let frame = Frame(
                columns: [
                    Column(name: "s", (0..<200_000).map { .text("s\($0)") }),
                    Column(name: "v", (0..<200_000).map { .double(sin(Double($0)) * factor) }),
                ], count: 200_000)
            try await test.machine.setGlobal(name, .object(frame))
        }
        return test
    }

    @Test("a computation ends with arc.timeout, however many run", arguments: computations)
    func computation(_ call: String) async throws {
        let test = try await hosting()
        try await test.run(
            """
            local works = {}
            for i = 1, 8 do works[i] = i end
            local ok, problem = pcall(arc.timeout, 0.05, function()
              arc.map(works, function() return \(call) end)
            end)
            assert(not ok and problem.code == "timeout", problem)
            """)
    }
}
