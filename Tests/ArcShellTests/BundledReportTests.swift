import Foundation
import FoundationXML
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
        #expect(better.output.contains("40 passed."))
        // What the gates put up with fails no build that reads the file either.
        let junit = try await world.arc(
            "report", "regression", "baseline", "--baseline", "candidate", "--format", "junit")
        #expect(junit.status == 0 && !junit.output.contains("<failure"), "\(junit)")
        let alone = try await world.arc("report", "regression", "candidate")
        #expect(
            alone.status == 1
                && alone.notes.contains("it compares with a baseline: arc report regression --baseline NAME"))
    }

    @Test("regression: four formats say the same of each gate, to the last digit")
    func agreement() async throws {
        let world = try await World.reading()
        let folder = try TemporaryDirectory()
        let result = try await world.arc(
            "report", "regression", "--baseline", "baseline", "--candidate", "candidate", "--format", "junit",
            "--format", "markdown", "--format", "html", "--format", "json", "--output", folder.path)
        #expect(result.status == 3, "\(result)")
        func text(_ ending: String) throws -> String {
            try String(contentsOfFile: "\(folder.path)/regression.\(ending)", encoding: .utf8)
        }
        let exact = try text("json")
        let json = try JSONSerialization.jsonObject(with: Data(exact.utf8)) as? [String: Any]
        let gates = try #require(json?["gates"] as? [[String: Any]])
        #expect(gates.map { $0["name"] as? String } == ["scenarios", "pass_rate"])
        let document = try XMLDocument(xmlString: text("xml"))
        let (markdown, html) = (try text("md"), try text("html"))
        for gate in gates {
            let name = try #require(gate["name"] as? String)
            let reason = try #require(gate["reason"] as? String)
            let test = try #require(
                try document.nodes(forXPath: "//testcase[@name='\(name)']").first as? XMLElement)
            let failure = test.elements(forName: "failure").first
            #expect((failure != nil) == (gate["verdict"] as? String == "fail"))
            let body = try #require(test.stringValue)
            let figures = body.split(separator: "\n").compactMap { line in
                let parts = line.split(separator: " = ")
                return parts.count == 2 && Double(parts[1]) != nil ? (parts[0], parts[1]) : nil
            }
            #expect(figures.count == (name == "scenarios" ? 1 : 9))
            for (figure, digits) in figures {
                #expect(exact.contains("\"\(figure)\": \(digits)\(figure == "n" ? "" : ",")"), "\(figure)")
            }
            let plain = markdown.replacing("\\_", with: "_")
            #expect(plain.contains("**\(name)**: ") && plain.contains(reason), "\(plain)")
            #expect(html.contains("<b>\(name)</b>") && html.contains(reason), "\(name)")
        }
        let figures =
            "pass_rate -15.8 pp (-26.1 pp … -5.6 pp), bound -7.3 pp, tolerance 5.0 pp, baseline 87.5 %, candidate 71.7 %, p 0.0055, n 40"
        for text in [markdown.replacing("\\_", with: "_"), html] {
            #expect(text.contains(figures), "\(figures)")
        }
    }

    @Test("regression: of a chat's steps one reads who said what, and which tools were called")
    func steps() async throws {
        let world = try await World.make("shell_report_steps")
        let steps =
            #"[{"role":"user","content":"Cancel it."},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"get_order","arguments":"{\"id\":7}"}}]},{"role":"tool","name":"get_order","content":"\#(String(repeating: "ä", count: 400))"}]"#
        for (file, reward) in [("before-shop.json", 1), ("after-shop.json", 0)] {
            let records = (0..<40).map {
                #"{"task_id": \#($0), "trial": 0, "reward": \#(reward), "info": {}, "traj": \#(steps)}"#
            }
            let path = try world.write(file, "[\(records.joined(separator: ","))]")
            #expect(try await world.arc("import", "tau-bench", path).status == 0)
        }
        let result = try await world.arc(
            "report", "regression", "--baseline", "before-shop", "--candidate", "after-shop", "--format",
            "json")
        #expect(result.status == 3, "\(result)")
        #expect(
            result.output.contains(#"[2, "assistant", "calls get_order {\"id\":7}"]"#), "\(result.output)")
        #expect(result.output.contains("\"get_order\", \"\(String(repeating: "ä", count: 300))…\""))
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
                    "Cost of candidate", "Cost of a pass", "The dearest scenarios",
                    "How many runs took how long",
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
