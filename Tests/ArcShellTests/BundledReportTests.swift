import Foundation
import TestServer
import Testing

@Suite("Bundled reports")
struct BundledReportTests {
    @Test("regression: a known one is 3, the other way round 0, and three scenarios are 4")
    func regression() async throws {
        let world = try await World.reading()
        let worse = try await world.arc(
            "report", "regression", "--baseline", "baseline", "--candidate", "candidate")
        #expect(worse.status == 3 && worse.notes == "", "\(worse)")
        for part in [
            "candidate against baseline", "Regressed: pass rate is 15.8 pp lower", "✗ pass_rate: failed",
            "✓ scenarios: passed", "By metric", "By tag", "17 of 40 scenarios got worse, 4 better.",
            "double_charge", "3/3 → 1/3", "429 Too Many Requests", "31 passed, 9 failed.",
        ] { #expect(worse.output.contains(part), "\(part) in\n\(worse.output)") }
        let better = try await world.arc("report", "regression", "baseline", "--baseline", "candidate")
        #expect(better.status == 0, "\(better)")
        let alone = try await world.arc("report", "regression", "candidate")
        #expect(
            alone.status == 1
                && alone.notes.contains("it compares with a baseline: arc report regression --baseline NAME"))
    }

    @Test("regression: three scenarios in files are too little evidence, and the policy may say what follows")
    func few() async throws {
        let world = try await World.make("shell_report_few")
        let files = try ["baseline", "candidate"].map { try GateCommandTests.three($0, in: world) }
        let result = try await world.arc(
            "report", "regression", "--baseline", files[0], "--candidate", files[1])
        #expect(result.status == 4 && result.output.contains("? pass_rate: too little evidence"), "\(result)")
        let policy = try world.write("policy.yaml", "too_little_evidence: fail")
        let strict = try await world.arc(
            "report", "regression", "--baseline", files[0], "--candidate", files[1], "--policy", policy)
        #expect(strict.status == 3, "\(strict)")
    }

    @Test(
        "the others say what they are about",
        arguments: [
            (
                "reliability",
                [
                    "Reliability of candidate", "Pass rate by day",
                    "Latency by day",
                ]
            ),
            (
                "failures",
                [
                    "11 of 120 runs ended in an error or a timeout", "tool_error", "out of memory (<n> MiB)",
                    "Examples",
                ]
            ),
            (
                "cost",
                [
                    "Cost of candidate", "Cost of a pass", "The dearest scenarios", "Latency of runs",
                    "Versions of the configuration",
                ]
            ),
            (
                "flaky",
                ["22 of 40 scenarios with several trials", "double_charge", "Disagreement of two trials"]
            ),
        ])
    func others(_ report: String, _ parts: [String]) async throws {
        let world = try await World.reading()
        let result = try await world.arc("report", report, "candidate")
        #expect(result.status == 0 && result.notes == "", "\(result)")
        for part in parts { #expect(result.output.contains(part), "\(part) in\n\(result.output)") }
    }

    @Test(
        "a simulation without runs has reports, too", arguments: ["reliability", "failures", "cost", "flaky"])
    func empty(_ report: String) async throws {
        let world = try await World.make("shell_report_empty_\(report)")
        let script = try world.write(
            "empty.lua",
            """
            arc.create_configuration("agent", "model: x")
            arc.start_simulation { config_version_id = "agent", simulation_name = "empty", scenarios = { "a", "b" } }
            """)
        let made = try await world.arc("run", script)
        #expect(made.status == 0, "\(made)")
        let result = try await world.arc("report", report, "empty")
        #expect(result.status == 0 && !result.output.contains("nan"), "\(result)")
    }
}
