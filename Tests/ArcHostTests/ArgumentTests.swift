import ArcKit
import LuaBridge
import Testing

@testable import ArcHost

/// What a call says of its arguments, before any database is asked.
@Suite("Arguments are checked")
struct ArgumentTests {
    private func failure(_ source: String) async throws -> (message: String, advice: String?) {
        let error = try #require(await (try TestHost.alone()).failure(source))
        #expect((error.underlying as? HostError)?.code == .argument, "\(error)")
        return (error.message, error.advice)
    }

    private static let refusals: [(String, String)] = [
        ("arc.query()", "arc.query: sql must be a string, got nothing"),
        ("arc.query(42)", "arc.query: sql must be a string, got 42"),
        ("arc.query(nil, 1)", "arc.query: sql must be a string, got nothing"),
        ("arc.query(arc.null)", "arc.query: sql must be a string, got arc.null"),
        ("arc.execute({})", "arc.execute: sql must be a string, got a table"),
        ("arc.transaction('x')", "arc.transaction: fn must be a function, got \"x\""),
        ("arc.json.decode(true)", "arc.json.decode: text must be a string, got true"),
        (
            "arc.stats.mean(3, 'x')", "arc.stats.mean: frame must be a frame, got 3"
        ),
        (
            "arc.get_simulation_status(3)",
            "arc.get_simulation_status: simulation must be a simulation (its handle, name, id, a unique prefix of its id, or \"latest\"), got 3"
        ),
        (
            "arc.list_simulations{limit = 0}",
            "arc.list_simulations: limit must be a whole number, 1 or more, got 0"
        ),
        (
            "arc.list_simulations{limit = 1.5}",
            "arc.list_simulations: limit must be a whole number, 1 or more, got 1.5"
        ),
        (
            "arc.list_simulations('all')",
            "arc.list_simulations: options must be a table (ListOptions), got \"all\""
        ),
        (
            "arc.abandon_simulation('latest', 'done')",
            "arc.abandon_simulation: state must be \"failed\" or \"cancelled\", got \"done\""
        ),
        (
            "arc.get_scenario_outcomes('latest', {trajectory = 'yes'})",
            "arc.get_scenario_outcomes: trajectory must be a boolean, got \"yes\""
        ),
        (
            "arc.record_outcome{scenario_id = 's', status = 'success', reliability_score = 92}",
            "arc.record_outcome: reliability_score must be between 0 and 1, got 92"
        ),
        (
            "arc.record_outcome{scenario_id = 's', status = 'success', reliability_score = 0/0}",
            "arc.record_outcome: reliability_score must be between 0 and 1, got nan"
        ),
        (
            "arc.record_outcome{scenario_id = 's', status = 'success', tokens_used = -1}",
            "arc.record_outcome: tokens_used must be a whole number between 0 and 1000000000000, got -1"
        ),
        (
            "arc.recent_failures{limit = 1e15}",
            "arc.recent_failures: limit must be at most 2147483647, got 1000000000000000.0"
        ),
        (
            "arc.record_outcome{scenario_id = 's', status = 'success', cost_usd = 1/0}",
            "arc.record_outcome: cost_usd must be between 0 and 1000000000, got inf"
        ),
        (
            "arc.record_outcome{scenario_id = 's', status = 'sucess'}",
            "arc.record_outcome: status must be \"success\", \"error\", \"timeout\" or \"cancelled\", got \"sucess\""
        ),
        (
            "arc.record_outcome{scenario_id = 's'}",
            "arc.record_outcome: status must be \"success\", \"error\", \"timeout\" or \"cancelled\", got nothing"
        ),
    ]

    @Test(
        "a message names the function, the parameter, what was expected and what came",
        arguments: refusals)
    func message(_ source: String, _ message: String) async throws {
        #expect(try await failure(source).message == message)
    }

    @Test("a misspelt field suggests the nearest one; one like no other lists those there are")
    func misspelt() async throws {
        let near = try await failure(
            "arc.record_outcome{scenario_id = 's', status = 'success', reliability_scor = 1}")
        #expect(near.message == "arc.record_outcome: outcome has no field \"reliability_scor\"")
        #expect(near.advice == "Did you mean \"reliability_score\"?")
        let far = try await failure("arc.list_simulations{colour = 'red'}")
        #expect(far.message == "arc.list_simulations: options has no field \"colour\"")
        #expect(far.advice == "It may have: limit.")
        let index = try await failure("arc.list_simulations{5}")
        #expect(index.message == "arc.list_simulations: options must be a table (ListOptions), got a table")
    }

    @Test("too many arguments are told with the signature; nils at the end don't count")
    func tooMany() async throws {
        let one = try await failure("arc.health('now')")
        #expect(one.message == "arc.health takes 0 arguments, got 1")
        #expect(one.advice == "It is arc.health().")
        let two = try await failure("arc.json.decode('1', nil, 3)")
        #expect(two.message == "arc.json.decode takes 2 arguments, got 3")
        #expect(two.advice == "It is arc.json.decode(text, options?).")
        #expect(try await (try TestHost.alone()).run("return arc.json.decode('1', nil, nil, nil)") == [1])
    }

    private static let elements: [(String, String)] = [
        (
            "arc.start_simulation{config_version_id = 'c', scenarios = {'a', 3}}",
            "arc.start_simulation: scenarios[2] must be a string or a table (Scenario), got 3"
        ),
        (
            "arc.start_simulation{config_version_id = 'c', scenarios = {'a', {id = 'b', tags = {'x', 7}}}}",
            "arc.start_simulation: scenarios[2].tags[2] must be a string, got 7"
        ),
        (
            "arc.start_simulation{config_version_id = 'c', scenarios = {{id = 'a', tag = {}}}}",
            "arc.start_simulation: scenarios[1] has no field \"tag\""
        ),
        (
            "arc.record_outcomes_batch{{scenario_id = 's', status = 'error'}, {status = 'sucess'}}",
            "arc.record_outcomes_batch: outcomes[2].status must be \"success\", \"error\", \"timeout\" or \"cancelled\", got \"sucess\""
        ),
        (
            "arc.record_outcomes_batch{{scenario_id = 's', status = 'error', reliability_score = 2}}",
            "arc.record_outcomes_batch: outcomes[1].reliability_score must be between 0 and 1, got 2"
        ),
    ]

    @Test(
        "an element of a list is named by its index, down to its field",
        arguments: elements)
    func element(_ source: String, _ message: String) async throws {
        let error = try #require(await (try TestHost.alone()).failure(source))
        #expect(error.message == message)
    }

    @Test(
        "a duration is seconds or a text with units",
        arguments: [
            ("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604_800), ("2w", 1_209_600), ("1h30m", 5400),
            ("500ms", 0.5), ("1.5h", 5400), (" 2 m ", 120),
        ] as [(String, Double)])
    func duration(_ text: String, _ seconds: Double) throws {
        #expect(try DurationText.seconds(text, function: "f", parameter: "p") == seconds)
    }

    @Test(
        "a duration that is none says how to write one", arguments: ["", "h", "5", "5 lustra", "-1h", "1h x"])
    func wrongDuration(_ text: String) async throws {
        #expect {
            try DurationText.seconds(text, function: "arc.f", parameter: "time_range")
        } throws: { error in
            "\(error)" == """
                arc.f: time_range must be seconds or a text such as "24h", got "\(text)"
                Units are ms, s, m, h, d and w: "90s", "1h30m", "7d".
                """
        }
    }

    @Test("an error carries its code and advice to pcall, and its text is the message")
    func pcall() async throws {
        let test = try TestHost.alone()
        let values = try await test.run(
            """
            local ok, e = pcall(arc.list_simulations, { limt = 3 })
            return ok, e.code, e.message, e.advice, tostring(e)
            """)
        #expect(
            values.prefix(4) == [
                false, "argument", "arc.list_simulations: options has no field \"limt\"",
                "Did you mean \"limit\"?",
            ])
        #expect(values.last?.stringValue?.contains("options has no field \"limt\"") == true)
    }

    @Test(
        "the nearest name is found within a third of the word's length",
        arguments: [
            ("tokens_use", "tokens_used"), ("SCORE", "score"), ("scroe", "score"), ("scor", "score"),
            ("x", nil),
            ("", nil),
        ] as [(String, String?)])
    func nearest(_ word: String, _ name: String?) {
        #expect(NearestName.of(word, among: ["score", "tokens_used", "status"]) == name)
    }

    @Test("what somebody pasted for a name is near to none, which takes no time", .timeLimit(.minutes(1)))
    func pasted() {
        let names = (0..<10_000).map { "simulation \($0)" }
        #expect(NearestName.of(String(repeating: "pasted ", count: 50_000), among: names) == nil)
    }
}
