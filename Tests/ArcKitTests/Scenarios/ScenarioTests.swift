import ArcKit
import Postgres
import TestServer
import Testing

@Suite("Scenarios")
struct ScenarioTests {
    static let columns = "scenario_id, name, task_prompt, difficulty_level, tags, expected_tools"

    static func rows(_ store: Store) async throws -> [String] {
        try await store.pool.query("select \(columns) from scenarios order by 1").lines
    }

    static let full = Scenario(
        id: "book", name: "Book a flight", taskPrompt: "Book it", difficulty: "hard", tags: ["air", "pay"],
        expectedTools: ["search"])

    @Test("a scenario is created with what is known, and its name is its id until there is one")
    func create() async throws {
        try await withStore { store in
            try await store.session { try await $0.upsert([Scenario(id: "z"), Self.full]) }
            #expect(
                try await Self.rows(store) == [
                    #"book|Book a flight|Book it|hard|{air,pay}|["search"]"#, "z|z|||{}|",
                ])
        }
    }

    @Test("what is newly known is filled in, a new value replaces an old one, and nothing is erased")
    func upsert() async throws {
        try await withStore { store in
            try await store.session { session in
                try await session.upsert([Scenario(id: "book", tags: ["air"])])
                try await session.upsert([Scenario(id: "book", name: "Book a flight", difficulty: "easy")])
                try await session.upsert([Self.full])
                try await session.upsert([Scenario(id: "book")])
                try await session.upsert([Scenario(id: "book", expectedTools: .null)])
                try await session.upsert([Scenario(id: "book", difficulty: "medium")])
            }
            #expect(
                try await Self.rows(store) == [#"book|Book a flight|Book it|medium|{air,pay}|["search"]"#])
        }
    }

    @Test("a scenario that comes several times at once keeps what each says, the later one first")
    func severalAtOnce() async throws {
        try await withStore { store in
            try await store.session { session in
                try await session.upsert([
                    Scenario(id: "book", name: "Old", taskPrompt: "Book it"),
                    Scenario(id: "book", name: "Book a flight", difficulty: "hard", tags: ["air"]),
                    Scenario(id: "book"),
                ])
            }
            #expect(try await Self.rows(store) == ["book|Book a flight|Book it|hard|{air}|"])
        }
    }

    @Test("expected tools may be any JSON but null")
    func expectedTools() async throws {
        let tools: [JSONValue] = [["a", ["name": "b"]], ["any": true], "search", 3, false, []]
        try await withStore { store in
            for (number, value) in tools.enumerated() {
                try await store.session {
                    try await $0.upsert([Scenario(id: "s\(number)", expectedTools: value)])
                }
            }
            let stored = try await store.pool.query(
                "select expected_tools::text as tools from scenarios order by 1 nulls first, scenario_id")
            let values = try stored.map { try JSONValue(parsing: try $0.get("tools", as: String.self)) }
            #expect(Set(values) == Set(tools))
        }
    }

    @Test("a scenario without an id is refused, and so is a NUL character, before anything is written")
    func refused() async throws {
        try await withStore { store async throws in
            await refusal(.invalid) {
                try await store.session { try await $0.upsert([Scenario(id: "a"), Scenario(id: "")]) }
            }
            let text = await refusal(.invalid) {
                try await store.session {
                    try await $0.upsert([Scenario(id: "a"), Scenario(id: "b", taskPrompt: "x\0y")])
                }
            }
            #expect(text.contains("\"b\""))
            #expect(text.contains("NUL"))
            #expect(try await Self.rows(store) == [])
        }
    }

    @Test("writers of the same scenarios in opposite orders wait for each other and never deadlock")
    func oppositeOrders() async throws {
        try await withStore { store in
            let ids = (0..<40).map { "s\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for round in 0..<15 {
                            let order = (writer + round).isMultiple(of: 2) ? ids : ids.reversed()
                            try await store.session {
                                try await $0.upsert(
                                    order.map { Scenario(id: $0, difficulty: "\(writer).\(round)") })
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            // The last writer wrote all of them.
            let left = try await store.count("select count(distinct difficulty_level) from scenarios")
            #expect(left == 1)
        }
    }

    @Test("recorders of the same new scenarios in opposite orders don't deadlock either")
    func oppositeRecorders() async throws {
        try await withStore { store in
            let ids = (0..<20).map { "s\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for recorder in 0..<8 {
                    group.addTask {
                        let simulation = try await store.newSimulation()
                        for trial in 1...5 {
                            let order = (recorder + trial).isMultiple(of: 2) ? ids : ids.reversed()
                            try await store.record(order.map { .success($0, trial: trial) }, in: simulation)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.count("select count(*) from outcomes") == 8 * 20 * 5)
        }
    }
}
