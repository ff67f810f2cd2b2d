import Foundation
import Postgres
import TestServer
import Testing

@testable import ArcKit

@Suite("How tools were used")
struct ToolUsageTests {
    @Test("calls, errors and times are counted by tool, and expected tools against used ones")
    func counted() async throws {
        try await SmallEvaluation.with { small in
            let usage = try await small.store.ask {
                try await $0.toolUsage(OutcomeScope(simulation: small.first))
            }
            #expect(usage.runs == 3 && usage.withoutTrajectory == 3)
            // find: twice in a's runs, once without a failure noted in each, and two calls in b without an answer.
            #expect(
                lines(
                    usage.tools, "tool", "calls", "runs", "scenarios", "answered", "errors", "error_rate",
                    "timed",
                    "time_ms", "expected_in", "missed_runs") == [
                        "find|4|3|2|2|0|0|1|10.5|1|0", "pay|2|1|1|2|1|0.5|1|30|1|1",
                        "refund|1|1|1|1|1|1|0||1|0",
                        "think|1|1|1|1|0|0|0||0|0",
                    ])
            #expect(
                lines(usage.expectations, "scenario_id", "tool", "expected", "runs", "used", "usage_rate")
                    == [
                        "a|find|t|2|2|1", "a|pay|t|2|1|0.5", "a|think|f|2|1|0.5", "b|find|f|1|1|1",
                        "b|refund|t|1|1|1",
                    ])
            #expect(usage.expectations[1].usage == Proportion.clopperPearson(1, of: 2))
        }
    }

    @Test("taking trajectories apart isn't compiled, which would take a second at any number of outcomes")
    func notCompiled() async throws {
        try await withStore { store in
            let (within, after) = try await store.ask { session in
                let within = try await session.consistently { try await Self.jit($0) }
                return (within, try await Self.jit(session))
            }
            #expect(within == "off" && after == "on")
        }
    }

    private static func jit(_ session: Session) async throws -> String {
        try await session.connection.query("select current_setting('jit') as jit").single().get("jit")
    }

    @Test(
        "every known shape of a trajectory tells its calls, and others tell none",
        arguments: [
            (#"[{"step": 1, "tool": "get", "input": {}}, {"step": 2, "response": "x"}]"#, "get 1 1 0"),
            (#"{"steps": [{"tool": "a", "status": "failed"}]}"#, "a 1 1 1"),
            (#"[{"tool": "a", "error": null}, {"tool": "a", "error": ""}]"#, "a 2 2 0"),
            (
                #"{"messages": [{"tool_calls": [{"id": "1", "function": "bash"}]}, {"role": "tool", "tool_call_id": "1", "error": {"type": "timeout"}}]}"#,
                "bash 1 1 1"
            ),
            (
                #"[{"content": [{"type": "tool_use", "id": "t", "name": "calc"}]}, {"content": [{"type": "tool_result", "tool_use_id": "t", "is_error": true}]}]"#,
                "calc 1 1 1"
            ),
            (
                #"[{"function_call": {"name": "old"}}, {"role": "function", "name": "old", "content": " error: x"}, {"function_call": {"name": "old"}}]"#,
                "old 2 1 1"
            ),
            (
                #"[{"tool_calls": [{"id": "1", "function": {"name": "a"}}]}, {"role": "tool", "tool_call_id": "1", "content": "fine"}, {"tool_calls": [{"id": "1", "function": {"name": "a"}}]}, {"role": "tool", "tool_call_id": "1", "content": "Error"}]"#,
                "a 2 2 1"
            ),
            (#""text""#, ""), ("5", ""), ("null", ""), (#"[1, "a", null, [{"tool": "x"}]]"#, ""), ("{}", ""),
            (#"[{"tool": 7}, {"tool_calls": 5}, {"tool_calls": [5, "s"]}, {"content": [5]}]"#, ""),
        ])
    func shapes(_ trajectory: String, _ expected: String) async throws {
        try await withStore { store in
            let simulation = try await store.simulation("agent")
            try await store.record([.success("a").with(trajectory: trajectory)], in: simulation)
            let usage = try await store.ask { try await $0.toolUsage() }
            let told = usage.tools.map { "\($0.tool) \($0.calls) \($0.answered) \($0.errors)" }
            #expect(told.joined(separator: ", ") == expected)
            #expect(usage.runs + usage.withoutTrajectory == 1)
        }
    }

    static let tauBench =
        String(#filePath.dropLast("/Tests/ArcKitTests/Questions/ToolUsageTests.swift".count))
        + "/../shared/data/tau-bench/gpt-4o-airline.json"

    @Test(
        "of τ-bench's trajectories it counts what Python does",
        .enabled("it needs ../shared/data") { FileManager.default.fileExists(atPath: tauBench) })
    func historical() async throws {
        let records = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: Self.tauBench)))
                as? [[String: Any]])
        let outcomes = try records.map { record in
            let id = "\(try #require(record["task_id"] as? Int))"
            var outcome = Outcome.success(id, trial: try #require(record["trial"] as? Int) + 1)
            outcome.trajectory = String(
                decoding: try JSONSerialization.data(withJSONObject: try #require(record["traj"])),
                as: UTF8.self)
            return outcome
        }
        try await withStore { store in
            try await store.record(outcomes, in: try await store.simulation("gpt-4o"))
            let usage = try await store.ask { try await $0.toolUsage() }
            #expect(usage.runs == 200)
            #expect(usage.tools.reduce(0) { $0 + $1.calls } == 1164)
            #expect(
                lines(Array(usage.tools.prefix(8)), "tool", "calls", "answered", "errors") == [
                    "get_reservation_details|377|377|0", "search_direct_flight|141|141|0",
                    "get_user_details|120|120|0",
                    "update_reservation_flights|104|104|42", "calculate|96|96|0", "think|92|92|0",
                    "cancel_reservation|69|69|0", "book_reservation|53|53|30",
                ])
        }
    }
}
