import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("Searching trajectories")
struct SearchTests {
    private static func outcome(_ scenario: String, trial: Int = 1, _ trajectory: JSONValue?, minute: Int)
        -> Outcome
    {
        var outcome = Outcome.success(scenario, trial: trial, score: 1).at(
            "2024-05-01 10:\(minute < 10 ? "0" : "")\(minute):00+00")
        outcome.trajectory = trajectory?.text
        return outcome
    }

    private static func messages(_ texts: String...) -> JSONValue {
        .array(texts.map { .members(("role", "agent"), ("content", .string($0))) })
    }

    private static func filled(_ store: Store) async throws -> SimulationReference {
        let simulation = try await store.newSimulation(name: "night")
        try await store.record(
            [
                outcome("a", messages("I want a Refund", "for my\nticket"), minute: 1),
                outcome("b", messages("Cancel the booking", "no refund is possible"), minute: 2),
                outcome(
                    "c", .members(("steps", [.members(("tool", "book_flight"), ("ms", 120))])), minute: 3),
                outcome("d", nil, minute: 4), outcome("e", .null, minute: 5),
                outcome("f", "İSTANBUL", minute: 6),
            ], in: simulation)
        return simulation
    }

    private static func found(
        _ store: Store, _ text: String?, path: String? = nil, in simulation: SimulationReference,
        limit: Int = 100
    ) async throws -> [String] {
        var question = SearchQuestion(text: text, path: path)
        question.simulation = simulation
        question.limit = limit
        let wanted = question
        return try await store.session { try await $0.search(wanted) }.hits.map(\.scenario)
    }

    @Test(
        "words are found in any text, phrases within one, and what must not be there isn't",
        arguments: try await ServerUnderTest.tiers())
    func words(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await Self.filled(store)
            for (text, scenarios) in [
                ("refund", ["b", "a"]), ("REFUND ticket", ["a"]), ("refund -booking", ["a"]),
                ("\"no refund\"", ["b"]), ("\"refund for\"", []), ("ticket or cancel", ["b", "a"]),
                ("ref", []), ("refund nothing", []), ("-refund", ["f", "e", "c"]), ("\"my ticket\"", ["a"]),
                ("agent refund", ["b", "a"]), ("content", []), ("book_flight", ["c"]), ("istanbul", ["f"]),
                ("n", []), ("refund -(", ["b", "a"]),
            ] {
                let found = try await Self.found(store, text, in: simulation)
                // Of letters of its own, a locale decides.
                if text == "istanbul" {
                    #expect(found == ["f"] || found == [])
                } else {
                    #expect(found == scenarios, "\(text)")
                }
            }
        }
    }

    @Test("a hit says which run it is, and shows the words where they stand")
    func hits() async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            var question = SearchQuestion(text: "\"my ticket\"")
            question.simulation = simulation
            let wanted = question
            let hit = try #require(try await store.session { try await $0.search(wanted) }.hits.first)
            #expect(hit.simulation == "night" && hit.simulationID.description == simulation.id)
            #expect(hit.scenario == "a" && hit.trial == 1 && hit.status == "success")
            #expect(hit.executionTime.description == "2024-05-01 10:01:00+00")
            #expect(hit.snippet == "for «my» «ticket»")
            let all = try await store.pool.query(
                "select 1 from outcomes where outcome_id = $1", [.uuid(hit.outcomeID)])
            #expect(all.count == 1)
        }
    }

    @Test("the latest come first, and more than the limit is told")
    func limit() async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            var question = SearchQuestion(text: "refund")
            question.simulation = simulation
            question.limit = 1
            var wanted = question
            var result = try await store.session { [wanted] in try await $0.search(wanted) }
            #expect(result.hits.map(\.scenario) == ["b"] && result.hasMore)
            wanted.limit = 2
            result = try await store.session { [wanted] in try await $0.search(wanted) }
            #expect(result.hits.map(\.scenario) == ["b", "a"] && !result.hasMore)
        }
    }

    @Test(
        "a path leads somewhere or is true, and shows what it leads to",
        arguments: [
            ("$.steps[*].tool", ["c"]), ("$.steps[*] ? (@.ms > 100)", ["c"]), ("$.steps[*].ms > 100", ["c"]),
            ("$.steps[*].ms > 1000", []), ("$[*].role == \"agent\"", ["b", "a"]), ("exists($.steps)", ["c"]),
            ("$[*] ? (@.content like_regex \"^no\")", ["b"]), ("strict $.steps.size() == 1", ["c"]),
            ("$", ["f", "e", "c", "b", "a"]), ("$ ? (@ == null)", ["e"]),
        ])
    func paths(_ path: String, _ scenarios: [String]) async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            #expect(try await Self.found(store, nil, path: path, in: simulation) == scenarios)
        }
    }

    @Test("text and path both have to be there")
    func both() async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            let path = "$[*] ? (@.content like_regex \"ticket\")"
            #expect(try await Self.found(store, "refund", path: path, in: simulation) == ["a"])
            #expect(try await Self.found(store, "booking", path: path, in: simulation) == [])
        }
    }

    @Test(
        "a path that is none is refused, and says where",
        arguments: [
            "$.", "", "$[", "not a path", "$.a == $missing", "$ ? (@ like_regex \"(\")",
            "'; drop table outcomes; --",
        ])
    func wrongPath(_ path: String) async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            let text = await refusal(.invalid) {
                _ = try await Self.found(store, nil, path: path, in: simulation)
            }
            #expect(text.contains("can't be followed"), "\(text)")
        }
    }

    @Test("a search that says neither what nor where is refused, and texts of signs alone too")
    func refused() async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            func text(_ question: SearchQuestion) async -> String {
                await refusal(.invalid) { _ = try await store.session { try await $0.search(question) } }
            }
            #expect(await text(SearchQuestion(text: "refund")).contains("needs to know where"))
            var question = SearchQuestion()
            question.simulation = simulation
            #expect(await text(question).contains("needs a text or a path"))
            for (signs, what) in [
                ("", "no word"), ("?!", "no word"), ("\"", "no word"), ("a\0b", "NUL character"),
                (String(repeating: "x", count: 1001), "at most 1000 characters"),
            ] {
                question.text = signs
                #expect(await text(question).contains(what), "\(signs)")
            }
            var nowhere = SearchQuestion(text: "refund")
            nowhere.configuration = "x' or true --"
            let wanted = nowhere
            let missing = await refusal(.notFound) {
                _ = try await store.session { try await $0.search(wanted) }
            }
            #expect(missing.contains("no configuration named"))
        }
    }

    @Test("configuration, scenario, status and time narrow a search")
    func narrowed() async throws {
        try await withStore { store in
            let simulation = try await Self.filled(store)
            func found(_ change: (inout SearchQuestion) -> Void) async throws -> [String] {
                var question = SearchQuestion(text: "refund")
                change(&question)
                let wanted = question
                return try await store.session { try await $0.search(wanted) }.hits.map(\.scenario)
            }
            #expect(try await found { $0.configuration = "agent" } == ["b", "a"])
            #expect(
                try await found {
                    $0.configuration = "agent"
                    $0.scenario = "a"
                } == ["a"])
            #expect(
                try await found {
                    $0.simulation = simulation
                    $0.status = .error
                } == [])
            #expect(try await found { $0.withinSeconds = 60 } == [])
            #expect(try await found { $0.withinSeconds = 100 * 365 * 86_400 } == ["b", "a"])
        }
    }

    @Test(
        "a trajectory of megabytes is searched to its end, and a hit's snippet stays short",
        arguments: try await ServerUnderTest.tiers())
    func large(tier: StorageTier) async throws {
        try await withStore(on: tier) { store in
            let simulation = try await store.newSimulation()
            // More than a tsvector holds: each word is another.
            let many = (0..<200_000).map { "w\($0)" }.joined(separator: " ")
            let blob = String(repeating: "A", count: 1_000_000)
            try await store.record(
                [
                    Self.outcome("many", Self.messages(many + " needle in hay"), minute: 1),
                    Self.outcome("blob", Self.messages(blob, "a needle"), minute: 2),
                    Self.outcome(
                        "hostile", Self.messages("';<b>\"needle\"\\ & | ! :* $1 %s \u{1F600}"), minute: 3),
                    // Its end is cut within a word wherever the pieces end.
                    Self.outcome(
                        "cut", Self.messages(String(repeating: "superneedle ", count: 9000)), minute: 4),
                ], in: simulation)
            #expect(try await Self.found(store, "needle", in: simulation) == ["hostile", "blob", "many"])
            #expect(try await Self.found(store, "\"needle in hay\"", in: simulation) == ["many"])
            #expect(try await Self.found(store, "w199999 w0", in: simulation) == ["many"])
            #expect(try await Self.found(store, "superneedle", in: simulation) == ["cut"])
            var question = SearchQuestion(text: "needle")
            question.simulation = simulation
            let wanted = question
            let hits = try await store.session { try await $0.search(wanted) }.hits
            for hit in hits {
                let snippet = try #require(hit.snippet)
                #expect(snippet.contains("«needle»") && snippet.count < 1000, "\(hit.scenario)")
            }
        }
    }
}
