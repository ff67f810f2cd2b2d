import ArcKit
import FoundationEssentials
import LuaBridge
import SeededRandom
import Testing

@testable import ArcHost

@Suite("Importing results")
struct ImportTests {
    /// A record in the Modal form.
    private static func record(
        _ scenario: Int, trial: Int = 1, score: String = "0.9", status: String = "success"
    ) -> String {
        #"{"scenario": {"id": "s\#(scenario)"}, "trial": \#(trial), "#
            + #""trajectory": {"status": "\#(status)", "start_time": "2026-03-02T10:00:00Z"}, "#
            + #""reliability_score": \#(score)}"#
    }

    private static func lines(_ count: Int) -> String {
        (1...count).map { record($0) + "\n" }.joined()
    }

    /// Imports, and gives the error's text; expects that not one row in any table is another than before.
    private func refusal(
        _ test: TestHost, _ path: String, format: String? = "modal", options: [String: String] = [:]
    ) async throws -> String {
        let before = try await test.rowCounts()
        var request = ImportRequest(path: path)
        request.format = format
        request.options = options
        var text = "no error"
        do {
            let report = try await test.host.importFile(request)
            text = "no error, but \(report.outcomes) outcomes"
        } catch let error as HostError {
            text = error.description
        }
        #expect(try await test.rowCounts() == before, "\(path): \(text)")
        return text
    }

    // MARK: - What is imported

    @Test("the example results are told by their beginning, and arrive whole")
    func examples() async throws {
        try await TestHost.with("import_examples") { test in
            let report = try await test.host.importFile(ImportRequest(path: TestHost.baseline))
            #expect(report.format == "modal" && !report.wasThere && report.simulation.name == "baseline")
            #expect(report.outcomes == 120 && report.scenarios == 40 && report.trials == 3)
            try await test.run(
                """
                local status = arc.get_simulation_status("baseline")
                assert(status.status == "completed" and status.total_runs == 120 and status.completed_runs == 120)
                assert(status.statuses.success == 113 and status.statuses.error == 6 and status.statuses.timeout == 1)
                assert(math.abs(status.average_score - 0.853267) < 1e-6)
                assert(math.abs(status.total_cost_usd - 1.057517) < 1e-6)
                local m = {}
                for _, metric in ipairs(arc.metrics("baseline")) do m[metric.name] = metric end
                assert(math.abs(m.reliability.value - 0.853267) < 1e-6 and math.abs(m.reliability.se - 0.023499) < 1e-6)
                assert(math.abs(m.reliability.low - 0.805735) < 1e-6 and math.abs(m.reliability.high - 0.900798) < 1e-6)
                assert(m.pass_rate.value == 0.875 and math.abs(m.pass_rate.low - 0.812570) < 1e-6)
                assert(m.cost_usd.n == 119 and m.reliability.errors == 7)
                -- A failed run's time of 0 is unknown.
                assert(#arc.query("select 1 from outcomes where execution_time_ms = 0") == 0)
                assert(#arc.query("select 1 from outcomes where status <> 'success' and error_category is null") == 0)
                """)
        }
    }

    @Test("the name, the configuration, the threshold and the field of the trials can be given")
    func options() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "runs.jsonl",
            Self.record(1).replacing("\"trial\": 1", with: "\"attempt\": 2") + "\n" + Self.record(1))
        try await TestHost.with("import_options") { test in
            var request = ImportRequest(path: file)
            request.format = "modal"
            (request.name, request.configuration, request.passThreshold) = ("mine", "agent", 0.95)
            request.options = ["trials_field": "attempt"]
            let report = try await test.host.importFile(request)
            #expect(report.simulation.name == "mine" && report.trials == 2 && report.scenarios == 1)
            try await test.run(
                """
                local status = arc.get_simulation_status("mine")
                assert(status.configuration == "agent" and status.pass_threshold == 0.95 and status.trials == 2)
                local outcomes = arc.get_scenario_outcomes("mine")
                assert(#outcomes == 2 and outcomes:sum("passed") == 0)
                """)
        }
    }

    @Test("scores of 0 to 100 are read where the scale is said")
    func scale() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "runs.jsonl", Self.record(1, score: "92") + "\n" + Self.record(2, score: "1"))
        try await TestHost.with("import_scale") { test in
            var request = ImportRequest(path: file)
            request.options = ["scale": "0..100"]
            _ = try await test.host.importFile(request)
            let scores = try await test.run(
                "return arc.get_scenario_outcomes('latest').reliability_score:to_list()"
            )
            .first
            #expect(scores == [0.92, 0.01])
        }
    }

    @Test("importing twice adds nothing, and names the simulation; so does the same file under another name")
    func twice() async throws {
        let folder = try Folder()
        try await TestHost.with("import_twice") { test in
            var request = ImportRequest(path: TestHost.baseline)
            request.name = "first"
            let first = try await test.host.importFile(request)
            let before = try await test.rowCounts()
            let again = try await test.host.importFile(request)
            #expect(again.wasThere && again.simulation.name == "first" && again.outcomes == 0)
            let bytes = try Data(contentsOf: URL(filePath: TestHost.baseline))
            request = ImportRequest(path: try folder.write("copy.jsonl", [UInt8](bytes)))
            request.name = "second"
            let copy = try await test.host.importFile(request)
            #expect(copy.wasThere && copy.simulation.id == first.simulation.id)
            #expect(try await test.rowCounts() == before)
        }
    }

    @Test("the same file imported ten times at once is there once")
    func atOnce() async throws {
        try await TestHost.with("import_at_once") { test in
            let reports = try await withThrowingTaskGroup(of: ImportReport.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await test.host.importFile(ImportRequest(path: TestHost.baseline)) }
                }
                return try await group.reduce(into: [ImportReport]()) { $0.append($1) }
            }
            #expect(reports.count { !$0.wasThere } == 1)
            #expect(Set(reports.map(\.simulation.id)).count == 1)
            #expect(try await test.rowCounts()["outcomes"] == 120)
        }
    }

    // MARK: - τ-bench

    private static let tauBench = TestHost.package + "/../shared/data/tau-bench/gpt-4o-airline.json"
    private static let hasTauBench = FileManager.default.fileExists(atPath: tauBench)

    @Test(
        "the τ-bench file gives 200 outcomes, 50 scenarios × 4 trials, and the reference metrics",
        .enabled(if: hasTauBench, "needs ../shared/data/tau-bench/gpt-4o-airline.json, which isn't there"))
    func tauBenchFile() async throws {
        try await TestHost.with("tau_bench") { test in
            let report = try await test.host.importFile(ImportRequest(path: Self.tauBench))
            #expect(report.format == "tau-bench" && report.simulation.name == "gpt-4o-airline")
            #expect(report.outcomes == 200 && report.scenarios == 50 && report.trials == 4)
            let document = try await test.host.report("summary", on: report.simulation)
            let metrics = try #require(try JSONValue(parsing: document.jsonText)["metrics"])
            for (name, value) in [
                ("reliability", 0.42), ("pass_hat_1", 0.42), ("pass_hat_2", 0.273333), ("pass_hat_3", 0.22),
                ("pass_hat_4", 0.20), ("pass_at_1", 0.42), ("pass_at_2", 0.566667), ("pass_at_3", 0.66),
                ("pass_at_4", 0.72),
            ] {
                let found = try #require(metrics.value(at: name, "value")?.double)
                #expect(abs(found - value) < 5e-7, "\(name) is \(found)")
            }
            let reliability = try #require(metrics["reliability"])
            #expect(abs((reliability["se"]?.double ?? 0) - 0.0522162) < 5e-8)
            #expect(abs((reliability["low"]?.double ?? 0) - 0.315068) < 5e-7)
            #expect(abs((reliability["high"]?.double ?? 0) - 0.524932) < 5e-7)
            #expect(reliability["n"]?.int == 200 && reliability["errors"]?.int == 0)
            #expect(reliability["method"]?.string?.contains("clustered") == true)
            // The file has neither cost nor time: unknown is null, and stays null.
            for name in ["cost_usd", "latency_ms", "tokens", "total_cost_usd"] {
                #expect(metrics.value(at: name, "value")?.isNull == true, "\(name)")
                #expect(metrics.value(at: name, "low")?.isNull == true, "\(name)")
            }
            let again = try await test.host.importFile(ImportRequest(path: Self.tauBench))
            #expect(again.wasThere && again.simulation.name == "gpt-4o-airline")
        }
    }

    @Test("a small τ-bench file: the domain comes from its name, and trials are counted from 1")
    func tauBenchForm() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "agent-retail.json",
            #"[{"task_id": 3, "trial": 0, "reward": 0.0, "info": {}, "traj": []},"#
                + #"{"task_id": 3, "trial": 1, "reward": 1.0, "info": {"task": {"instruction": "Return it.", "#
                + #""actions": [{"name": "find"}, {"name": "refund"}, {"name": "find"}]}}, "traj": [{"role": "user"}]}]"#
        )
        try await TestHost.with("tau_form") { test in
            _ = try await test.host.importFile(ImportRequest(path: file))
            try await test.run(
                """
                local outcomes = arc.get_scenario_outcomes("latest", { trajectory = true })
                assert(outcomes[1].scenario_id == "retail/3" and outcomes[1].trial == 1 and outcomes[2].trial == 2)
                assert(outcomes[2].trajectory[1].role == "user" and outcomes[1].execution_time_ms == nil)
                local s = arc.query("select task_prompt, tags, expected_tools from scenarios")[1]
                assert(s.task_prompt == "Return it." and s.tags[2] == "retail" and #s.expected_tools == 2)
                """)
        }
    }

    // MARK: - What is refused, whole

    @Test("an array that is cut off at any place is refused, and writes nothing")
    func truncated() async throws {
        let folder = try Folder()
        // More than one batch is recorded before the later cuts show.
        let array = Array(("[" + (1...700).map { Self.record($0) }.joined(separator: ",\n") + "]").utf8)
        var dice = SeededGenerator(seed: 20260302)
        var cuts = (0..<190).map { _ in Int.random(in: 0..<9000, using: &dice) }
        cuts += (0..<10).map { _ in Int.random(in: 9000..<array.count, using: &dice) }
        try await TestHost.with("import_truncated", results: [TestHost.baseline]) { test in
            for cut in cuts {
                let file = try folder.write("cut.json", Array(array[..<cut]))
                let text = try await refusal(test, file)
                #expect(text.hasPrefix(file + ": "), "\(text)")
                #expect(text.contains("record ") || text.contains("the file is empty"), "\(cut): \(text)")
            }
            // What was refused leaves nothing behind that keeps the whole file out.
            let file = try folder.write("whole.json", array)
            let report = try await test.host.importFile(ImportRequest(path: file))
            #expect(report.outcomes == 700)
        }
    }

    @Test("JSON Lines cut off within a line are refused with the record and its line")
    func truncatedLines() async throws {
        let folder = try Folder()
        let lines = Array(Self.lines(20).utf8)
        let ends = lines.indices.filter { lines[$0] == UInt8(ascii: "\n") }
        var dice = SeededGenerator(seed: 3)
        try await TestHost.with("import_lines") { test in
            for _ in 0..<60 {
                let cut = Int.random(in: 1..<lines.count, using: &dice)
                guard !ends.contains(cut), !ends.contains(cut - 1) else { continue }
                let file = try folder.write("cut.jsonl", Array(lines[..<cut]))
                let number = ends.count { $0 < cut } + 1
                let text = try await refusal(test, file)
                #expect(
                    text.hasPrefix("\(file): record \(number) (line \(number)): the file ends in the middle"),
                    "\(text)")
            }
        }
    }

    private static let wrongs: [(String, String)] = [
        ("", "the file is empty"), ("[]", "the file holds no record"),
        (
            record(1) + "\n" + record(2, score: "92"),
            "record 2 (line 2): reliability_score must be between 0 and 1, got 92"
        ),
        (record(1, score: "-0.1"), "record 1 (line 1): reliability_score must be between 0 and 1, got -0.1"),
        (record(1, score: "\"good\""), "record 1 (line 1): reliability_score must be a number, got"),
        (
            record(1) + "\n" + record(2).replacing("\"scenario\"", with: "\"scenari\""),
            "record 2 (line 2): scenario must be an object, got nothing"
        ),
        (
            record(1).replacing("\"s1\"", with: "\"\""),
            "record 1 (line 1): scenario.id must be a non-empty text"
        ),
        (
            record(1, status: "finished"),
            "record 1 (line 1): trajectory.status must be"
        ),
        (record(1, trial: 0), "record 1 (line 1): trial must be a whole number from 1, got 0"),
        (
            record(1) + "\n" + record(2) + "\n" + record(1),
            "record 3 (line 3): scenario \"s1\" trial 1 was given before, by record 1 (line 1)"
        ),
        (record(1) + "\n[]", "record 2 (line 2): the result must be an object, got"),
        (
            record(1).replacing("2026-03-02T10:00:00Z", with: "yesterday"),
            "record 1 (line 1): trajectory.start_time must be a time"
        ),
        (record(1) + "\n{\"a\": }", "record 2 (line 2) is not valid JSON"),
    ]

    @Test(
        "a wrong record is named, with what was expected, and writes nothing",
        arguments: wrongs)
    func wrongRecord(_ contents: String, _ message: String) async throws {
        let folder = try Folder()
        let file = try folder.write("wrong.jsonl", contents)
        try await TestHost.with("import_wrong") { test in
            let text = try await refusal(test, file)
            #expect(text.hasPrefix("\(file): \(message)"), "\(text)")
        }
    }

    @Test("a score of 92 asks for the scale; the same run twice asks for the field that numbers them")
    func advice() async throws {
        let folder = try Folder()
        try await TestHost.with("import_advice") { test in
            let score = try await refusal(test, folder.write("a.jsonl", Self.record(1, score: "92")))
            #expect(score.contains("--scale 0..100"))
            let run = try await refusal(test, folder.write("b.jsonl", Self.record(1) + Self.record(1)))
            #expect(run.contains("--trials-field"))
        }
    }

    @Test("a zero character, which no text of the database can hold, is an error that names the file")
    func zero() async throws {
        let folder = try Folder()
        let file = try folder.write(
            "zero.jsonl", Self.record(1).replacing("\"s1\"", with: #""s1", "name": "a\u0000b""#))
        try await TestHost.with("import_zero") { test in
            let text = try await refusal(test, file)
            #expect(text.hasPrefix(file), "\(text)")
        }
    }

    @Test(
        "an importer that loops, eats memory or fails with something else than words is named, and adds nothing",
        arguments: [
            ("while true do end", "plugin own, importer own: ended, since it took longer than 0.3 s"),
            (
                "local t = {} while true do t[#t + 1] = {} end",
                "plugin own, importer own: it used up its memory"
            ),
            ("error({})", "plugin own, importer own: an error that is a table"),
            ("error('line 1: no such thing', 0)", "a.txt: line 1: no such thing"),
        ])
    func faults(_ code: String, _ message: String) async throws {
        let folder = try Folder()
        try folder.write(
            "plugins/own/plugin.json",
            #"{"name": "own", "version": "1", "provides": {"importers": ["own"]}, "limits": {"seconds": 0.3, "memory_mb": 8}}"#
        )
        try folder.write(
            "plugins/own/init.lua",
            """
            return { importers = {{ name = "own", read = function(source)
              coroutine.yield { scenario = { id = "s" }, status = "success" }
              \(code)
            end }} }
            """)
        let file = try folder.write("a.txt", "something")
        try await TestHost.with(
            "import_faults", plugins: [PluginFolder(folder.path + "/plugins", .user)]
        ) { test in
            let text = try await refusal(test, file, format: "own")
            #expect(text.contains(message), "\(text)")
        }
    }

    @Test("an unknown format, importer, option or file says what there is")
    func unknown() async throws {
        let folder = try Folder()
        try await TestHost.with("import_unknown") { test in
            let text = try folder.write("text.txt", "hello")
            #expect(
                try await refusal(test, text, format: nil).contains(
                    "no importer knows this format\nName one: arc import FORMAT FILE, with FORMAT one of modal, tau-bench."
                ))
            let file = try folder.write("a.jsonl", Self.record(1))
            #expect(
                try await refusal(test, file, format: "modl").contains(
                    "no plugin has an importer \"modl\"\nDid you mean \"modal\"?"))
            #expect(
                try await refusal(test, file, options: ["colour": "red"]).contains(
                    "importer modal has no option \"colour\""))
            #expect(
                try await refusal(test, folder.path + "/nothing.json").contains("nothing.json doesn't exist")
            )
            #expect(
                try await refusal(test, file, options: ["scale": "0..10"]).contains(
                    "scale must be \"0..1\" or \"0..100\", got \"0..10\""))
            let tau = try folder.write("t.json", #"[{"task_id": 1, "trial": 0, "reward": 7, "traj": []}]"#)
            #expect(
                try await refusal(test, tau, format: nil).hasPrefix(
                    "\(tau): record 1 (line 1): reliability_score must be between 0 and 1, got 7"))
            let nameless = try folder.write(
                "u.json", #"[{"task_id": 1, "trial": 0, "reward": 1}, {"trial": 0, "reward": 1}]"#)
            #expect(
                try await refusal(test, nameless, format: nil).hasPrefix(
                    "\(nameless): record 2 (line 1): task_id must name the scenario, got nothing"))
        }
    }
}
