import ArcKit
import Postgres
import Testing

@Suite("Modal results as outcomes")
struct ModalResultTests {
    static func outcome(_ json: String, scale: ScoreScale? = nil) throws -> Outcome {
        try ModalResult(try JSONValue(parsing: json), place: "record 3", scale: scale).outcome
    }

    /// A result with these parts put in; what isn't given is as in a plain success.
    static func record(
        scenario: String = #"{"id": "s1"}"#, trajectory: String = #"{"status": "success"}"#,
        score: String = "null", more: String = ""
    ) -> String {
        #"{"scenario": \#(scenario), "trajectory": \#(trajectory), "reliability_score": \#(score)\#(more)}"#
    }

    @Test("every field of the guide's mapping arrives where it belongs")
    func everything() throws {
        let outcome = try Self.outcome(
            """
            {"scenario": {"id": "s1", "name": "One", "task_prompt": "Do it", "difficulty_level": "hard",
               "tags": ["x", "y"], "expected_tools": [{"name": "search"}]},
             "trajectory": {"status": "success", "start_time": "2024-01-15T14:30:00Z",
               "execution_time_seconds": 12.3456, "token_usage": {"total_tokens": 1500, "total_cost": 0.025},
               "full_trajectory": [{"step": 1}, {"step": 2}]},
             "reliability_score": {"overall_score": 0.85,
               "dimension_scores": {"accuracy": 0.9, "speed": 1, "none": null}},
             "modal_call_id": "fc-1", "sandbox_id": "sb-1", "trial": 2}
            """)
        #expect(
            outcome.scenario
                == Scenario(
                    id: "s1", name: "One", taskPrompt: "Do it", difficulty: "hard", tags: ["x", "y"],
                    expectedTools: [["name": "search"]]))
        #expect(outcome.status == .success && outcome.trial == 2)
        #expect(outcome.executionTime == Timestamp("2024-01-15 14:30:00+00"))
        #expect(outcome.executionTimeMs == 12346)
        #expect(outcome.tokensUsed == 1500 && outcome.costUSD == 0.025)
        #expect(outcome.reliabilityScore == 0.85)
        #expect(outcome.metrics?["accuracy"]?.double == 0.9 && outcome.metrics?["speed"]?.double == 1)
        #expect(outcome.metrics?["none"] == .null)
        #expect(outcome.trajectory == #"[{"step":1},{"step":2}]"#)
        #expect(outcome.modalCallID == "fc-1" && outcome.sandboxID == "sb-1")
        #expect(outcome.errorMessage == nil && outcome.errorCode == nil && outcome.errorCategory == nil)
    }

    @Test("the least that there can be leaves everything else unknown")
    func least() throws {
        let outcome = try Self.outcome(#"{"scenario": {"id": "s1"}, "trajectory": {"status": "cancelled"}}"#)
        #expect(outcome.status == .cancelled && outcome.trial == 1)
        #expect(
            outcome.reliabilityScore == nil && outcome.executionTimeMs == nil && outcome.tokensUsed == nil)
        #expect(outcome.costUSD == nil && outcome.trajectory == nil && outcome.metrics == nil)
        #expect(outcome.executionTime == nil)
    }

    static let scores: [(json: String, scale: ScoreScale?, score: Double?)] = [
        ("0.85", nil, 0.85), ("1.0", nil, 1), ("1", nil, 1), ("0", nil, 0), ("null", nil, nil),
        (#"{"overall_score": 0.85}"#, nil, 0.85), (#"{"overall_score": null}"#, nil, nil), ("{}", nil, nil),
        ("0.85", .unit, 0.85), ("92", .percent, 0.92), (#"{"overall_score": 92.5}"#, .percent, 0.925),
        // Said to be of 100, a 1 is one of a hundred.
        ("1.0", .percent, 0.01), ("0.5", .percent, 0.005), ("100", .percent, 1), ("0", .percent, 0),
    ]

    @Test("a score is a number or an object, on the scale that is said", arguments: scores)
    func score(json: String, scale: ScoreScale?, score: Double?) throws {
        #expect(try Self.outcome(Self.record(score: json), scale: scale).reliabilityScore == score)
    }

    @Test("dimension scores are on the same scale")
    func dimensions() throws {
        let json = #"{"overall_score": 80, "dimension_scores": {"accuracy": 90, "speed": 50.5}}"#
        let outcome = try Self.outcome(Self.record(score: json), scale: .percent)
        #expect(outcome.metrics?["accuracy"]?.double == 0.9)
        #expect(outcome.metrics?["speed"]?.double == 0.505)
    }

    @Test("a score of 92 without a scale is refused, and the advice names --scale")
    func unscaled() async {
        for json in ["92", "1.5", #"{"overall_score": 92}"#] {
            let text = await refusal(.invalid) { _ = try Self.outcome(Self.record(score: json)) }
            #expect(text.hasPrefix("record 3: reliability_score"))
            #expect(text.contains("between 0 and 1, got"))
            #expect(text.contains("--scale 0..100"))
        }
    }

    static let badScores: [(json: String, scale: ScoreScale?, says: String)] = [
        ("92", .unit, "between 0 and 1, got 92"), ("101", .percent, "between 0 and 100, got 101"),
        ("101", nil, "between 0 and 1, got 101"), ("-0.5", nil, "between 0 and 1, got -0.5"),
        ("\"0.9\"", nil, "must be a number, got \"0.9\""), ("true", nil, "must be a number, got true"),
        ("[0.9]", nil, "must be a number, got an array"),
        (#"{"overall_score": {}}"#, nil, "overall_score must be a number, got an object"),
        (#"{"dimension_scores": {"speed": 7}}"#, nil, "dimension_scores.speed must be between 0 and 1"),
        (#"{"dimension_scores": {"speed": "x"}}"#, nil, "dimension_scores.speed must be a number"),
    ]

    @Test("a score out of range or of another type is refused", arguments: badScores)
    func badScore(json: String, scale: ScoreScale?, says: String) async {
        let text = await refusal(.invalid) { _ = try Self.outcome(Self.record(score: json), scale: scale) }
        #expect(text.hasPrefix("record 3: ") && text.contains(says), "\(text)")
        if scale != nil { #expect(!text.contains("--scale")) }
    }

    @Test("a failed run's time of 0 is unknown, a success's stays 0")
    func zeroTime() throws {
        for status in OutcomeStatus.allCases {
            let zero = #"{"status": "\#(status.rawValue)", "execution_time_seconds": 0}"#
            let time = try Self.outcome(Self.record(trajectory: zero)).executionTimeMs
            #expect(time == (status == .success ? 0 : nil))
            let some = #"{"status": "\#(status.rawValue)", "execution_time_seconds": 0.5}"#
            #expect(try Self.outcome(Self.record(trajectory: some)).executionTimeMs == 500)
        }
    }

    static let bad: [(json: String, says: String)] = [
        ("[]", "the result must be an object, got an array"),
        ("{}", "trajectory must be an object, got nothing"),
        (record(trajectory: "null"), "trajectory must be an object, got null"),
        (
            record(trajectory: "{}"),
            "trajectory.status must be success, error, timeout or cancelled, got nothing"
        ),
        (record(trajectory: #"{"status": "ok"}"#), #"or cancelled, got "ok""#),
        (record(trajectory: #"{"status": "Success"}"#), #"or cancelled, got "Success""#),
        (record(trajectory: #"{"status": 0}"#), "or cancelled, got 0"),
        (#"{"trajectory": {"status": "success"}}"#, "scenario must be an object, got nothing"),
        (record(scenario: "null"), "scenario must be an object, got null"),
        (record(scenario: "\"s1\""), #"scenario must be an object, got "s1""#),
        (record(scenario: "{}"), "scenario.id must be a non-empty text, got nothing"),
        (record(scenario: #"{"id": ""}"#), #"scenario.id must be a non-empty text, got """#),
        (record(scenario: #"{"id": 1.5}"#), "scenario.id must be a non-empty text, got 1.5"),
        (record(scenario: #"{"id": "a", "tags": [1]}"#), "scenario.tags must be a list of texts, got 1"),
        (record(scenario: #"{"id": "a", "tags": "x"}"#), #"scenario.tags must be a list of texts, got "x""#),
        (record(more: #", "trial": 0"#), "trial must be a whole number from 1, got 0"),
        (record(more: #", "trial": 1.5"#), "trial must be a whole number from 1, got 1.5"),
        (record(more: #", "trial": "2""#), #"trial must be a whole number from 1, got "2""#),
        (record(more: #", "trial": 3000000000"#), "trial must be"),
        (
            record(trajectory: #"{"status": "success", "start_time": "yesterday"}"#),
            #"trajectory.start_time must be a time such as 2024-01-15T14:30:00Z, got "yesterday""#
        ),
        (
            record(trajectory: #"{"status": "success", "start_time": 1705329000}"#),
            "trajectory.start_time must be"
        ),
        (
            record(trajectory: #"{"status": "success", "execution_time_seconds": -1}"#),
            "trajectory.execution_time_seconds must be a number from 0, got -1"
        ),
        (
            record(trajectory: #"{"status": "success", "execution_time_seconds": "3"}"#),
            #"trajectory.execution_time_seconds must be a number from 0, got "3""#
        ),
        (
            record(trajectory: #"{"status": "success", "token_usage": {"total_tokens": -1}}"#),
            "trajectory.token_usage.total_tokens must be a number from 0, got -1"
        ),
        (
            record(trajectory: #"{"status": "success", "token_usage": {"total_cost": "free"}}"#),
            #"trajectory.token_usage.total_cost must be a number from 0, got "free""#
        ),
        (
            record(trajectory: #"{"status": "error", "error_category": "Rate Limit"}"#),
            "error_category must be lower-case letters"
        ),
    ]

    @Test("whatever is wrong is refused with record, field and what was expected", arguments: bad)
    func refused(json: String, says: String) async {
        let text = await refusal(.invalid) { _ = try Self.outcome(json) }
        #expect(text.hasPrefix("record 3: ") && text.contains(says), "\(text)")
    }

    @Test("a scenario's id may be a number")
    func numericID() throws {
        #expect(try Self.outcome(Self.record(scenario: #"{"id": 17}"#)).scenario.id == "17")
    }

    @Test("the trial is 1 unless said, in the field that is said")
    func trial() throws {
        let json = try JSONValue(parsing: Self.record(more: #", "epoch": 4, "trial": 2"#))
        #expect(try ModalResult(json, place: "", trialField: "epoch").outcome.trial == 4)
        #expect(try ModalResult(json, place: "").outcome.trial == 2)
        #expect(try ModalResult(json, place: "", trialField: "round").outcome.trial == 1)
        #expect(try Self.outcome(Self.record(more: #", "trial": null"#)).trial == 1)
        #expect(try Self.outcome(Self.record(more: #", "trial": 3.0"#)).trial == 3)
    }

    static let times: [(text: String, time: String)] = [
        ("2024-01-15T14:30:00Z", "2024-01-15 14:30:00+00"),
        ("2024-01-15T14:30:00.123456+02:00", "2024-01-15 12:30:00.123456+00"),
        ("2024-01-15T14:30:00", "2024-01-15 14:30:00+00"),
        ("2024-01-15 14:30:00", "2024-01-15 14:30:00+00"),
    ]

    @Test("a start time is in UTC unless it says otherwise", arguments: times)
    func startTime(text: String, time: String) throws {
        let trajectory = #"{"status": "success", "start_time": "\#(text)"}"#
        let outcome = try Self.outcome(Self.record(trajectory: trajectory))
        #expect(outcome.executionTime?.microseconds == Timestamp(time)?.microseconds)
    }

    static let errors: [(fields: String, message: String?, code: String?, category: String?)] = [
        (#""error": "boom""#, "boom", nil, nil),
        (
            #""error": {"message": "boom", "code": 429, "category": "rate_limit"}"#, "boom", "429",
            "rate_limit"
        ),
        (#""error": {"message": "boom", "type": "ValueError"}"#, "boom", "ValueError", nil),
        (#""error": "boom", "error_code": "E1", "error_category": "tool_error""#, "boom", "E1", "tool_error"),
        (#""error": null"#, nil, nil, nil),
        (#""other": 1"#, nil, nil, nil),
    ]

    @Test("an error is a text or an object", arguments: errors)
    func error(fields: String, message: String?, code: String?, category: String?) throws {
        for status in ["error", "timeout", "cancelled"] {
            let trajectory = #"{"status": "\#(status)", \#(fields)}"#
            let outcome = try Self.outcome(Self.record(trajectory: trajectory))
            #expect(outcome.errorMessage == message && outcome.errorCode == code)
            #expect(outcome.errorCategory == category)
        }
    }

    @Test("an error beside the trajectory counts where the trajectory has none")
    func errorBeside() throws {
        for own in ["", #", "error": null"#] {
            let trajectory = #"{"status": "error"\#(own)}"#
            let outcome = try Self.outcome(Self.record(trajectory: trajectory, more: #", "error": "boom""#))
            #expect(outcome.errorMessage == "boom")
        }
    }

    @Test("a success has no error")
    func successWithError() throws {
        let outcome = try Self.outcome(Self.record(trajectory: #"{"status": "success", "error": ""}"#))
        #expect(outcome.errorMessage == nil)
    }
}
