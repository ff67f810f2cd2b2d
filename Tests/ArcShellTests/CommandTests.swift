import Foundation
import TestServer
import Testing

@Suite("The command lines of arc")
struct CommandTests {
    private func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    // MARK: - The database

    @Test("db status tells the server, the tier, the versions and the schema")
    func status() async throws {
        let world = try await World.reading()
        let result = try await world.arc("db", "status")
        #expect(result.status == 0 && result.notes == "")
        for word in [
            "healthy", "ARC_DATABASE_URL in the environment", "PostgreSQL ", "tier", "schema", "version",
        ] {
            #expect(result.output.contains(word), "\(word): \(result.output)")
        }
    }

    @Test("db deploy applies what is missing, once; before it, status and list say what to do")
    func deploy() async throws {
        let world = try await World.make("shell_deploy")
        let again = try await world.arc("db", "deploy")
        #expect(again.status == 0 && again.output.contains("nothing was to be done"))

        let empty = try await TestEmpty.make()
        let status = try await empty.arc("db", "status")
        #expect(status.status == 0 && status.output.contains("not deployed: run `arc db deploy`"))
        let list = try await empty.arc("list")
        #expect(list.status == 1 && list.output == "")
        #expect(
            list.notes.contains("this database has no arc schema") && list.notes.contains("arc db deploy"))
    }

    @Test("db retention is set, shown and turned off, and db maintain drops what is older")
    func retention() async throws {
        let world = try await World.make("shell_retention")
        let never = try await world.arc("db", "retention")
        #expect(never.status == 0 && never.output == "Outcomes are kept for ever.\n")
        let idle = try await world.arc("db", "maintain")
        #expect(idle.status == 0 && idle.output == "Nothing was to be dropped.\n")
        let made = try await world.arc(
            "-c", "select arc_ensure_partitions('{2020-01-01,2020-01-02,2020-01-03}')")
        #expect(made.status == 0)
        let set = try await world.arc("db", "retention", "set", "52w")
        #expect(
            set.output == """
                Outcomes are kept for 364 days.
                Those of 3 days, 2020-01-01 to 2020-01-03 are older: they go when a simulation completes, or now by \
                `arc db maintain`.

                """)
        let status = try await world.arc("db", "status")
        #expect(status.output.contains("kept for 364 days; 3 days are older: run `arc db maintain`"))
        let maintained = try await world.arc("db", "maintain")
        #expect(maintained.output == "Dropped the outcomes of 3 days, 2020-01-01 to 2020-01-03.\n")
        #expect(maintained.status == 0 && maintained.notes == "")
        #expect(try await world.arc("db", "retention", "off").output == "Outcomes are kept for ever.\n")
        let wrong = try await world.arc("db", "retention", "set", "1y")
        #expect(wrong.status == 1 && wrong.notes.contains("days or weeks such as 365d or 52w, got \"1y\""))
    }

    // MARK: - Import

    @Test("import says what it did, and adds nothing the second time")
    func importing() async throws {
        let world = try await World.make("shell_import")
        let file = Program.package + "/examples/results/baseline.jsonl"
        let first = try await world.arc("import", "modal", file, "--name", "mine", "--configuration", "agent")
        #expect(first.status == 0 && first.notes == "")
        #expect(
            first.output
                == "\(file): 120 outcomes, 40 scenarios × 3 trials → simulation mine of configuration agent\n"
        )
        let again = try await world.arc("import", file)
        #expect(again.status == 0)
        #expect(again.output == "\(file): nothing to add, simulation mine has these results already\n")
        let other = Program.package + "/examples/results/candidate.jsonl"
        let unnamed = try await world.arc("import", other)
        #expect(unnamed.output.hasSuffix("→ simulation candidate of configuration candidate\n"))
        #expect(unnamed.notes.contains("--configuration NAME tells what was evaluated"))
        _ = try await world.arc("-c", "delete from simulations where simulation_name = 'candidate'")
        let list = try await world.arc("list", "--format", "csv")
        #expect(list.output.split(separator: "\n").count == 2)
        // A name, an id, a unique prefix of an id and latest find it everywhere.
        let id = try await world.arc("-e", "arc.simulation('mine').id").output.split(separator: "\n").joined()
        #expect(id.count == 36)
        for reference in ["mine", id, String(id.prefix(13)), "latest"] {
            let shown = try await world.arc("show", reference, "--format", "json")
            #expect(
                (try json(shown.output) as? [String: Any])?["simulation_id"] as? String == id, "\(reference)")
            let status = try await world.arc("-e", "arc.get_simulation_status('\(reference)').simulation_id")
            #expect(status.output == id + "\n")
        }
    }

    private static let tauBench = Program.package + "/../shared/data/tau-bench/gpt-4o-airline.json"
    private static let hasTauBench = FileManager.default.fileExists(atPath: tauBench)

    @Test(
        "the τ-bench file, from import to report",
        .enabled(if: hasTauBench, "needs ../shared/data/tau-bench/gpt-4o-airline.json, which isn't there"))
    func tauBenchFile() async throws {
        let world = try await World.make("shell_tau")
        let imported = try await world.arc("import", "tau-bench", Self.tauBench)
        #expect(imported.status == 0)
        #expect(imported.output.contains("200 outcomes, 50 scenarios × 4 trials → simulation gpt-4o-airline"))
        let report = try await world.arc("report", "summary", "latest", "--format", "json")
        #expect(report.status == 0 && report.notes == "")
        let document = try #require(try json(report.output) as? [String: Any])
        for part in ["title", "sections", "tables", "gates"] { #expect(document[part] != nil, "\(part)") }
        let metrics = try #require(document["metrics"] as? [String: [String: Any]])
        let fields = ["value", "unit", "n", "errors", "se", "low", "high", "method"]
        for (name, metric) in metrics { #expect(Set(metric.keys) == Set(fields), "\(name)") }
        func number(_ name: String, _ field: String = "value") -> Double {
            metrics[name]?[field] as? Double ?? .nan
        }
        let expected: [(String, String, Double)] = [
            ("reliability", "value", 0.42), ("reliability", "se", 0.0522162),
            ("reliability", "low", 0.315068),
            ("reliability", "high", 0.524932), ("pass_hat_1", "value", 0.42),
            ("pass_hat_2", "value", 0.273333),
            ("pass_hat_3", "value", 0.22), ("pass_hat_4", "value", 0.2), ("pass_at_1", "value", 0.42),
            ("pass_at_2", "value", 0.566667), ("pass_at_3", "value", 0.66), ("pass_at_4", "value", 0.72),
        ]
        for (name, field, value) in expected {
            #expect(abs(number(name, field) - value) < 5e-7, "\(name) \(field)")
        }
        #expect(metrics["cost_usd"]?["value"] is NSNull && metrics["latency_ms"]?["value"] is NSNull)
    }

    @Test("a file that can't be imported is an error with its name and record, exit 1, and leaves nothing")
    func wrongFiles() async throws {
        let world = try await World.make("shell_wrong")
        func record(_ rest: String) -> String {
            #"{"scenario": {"id": "s"}, "trajectory": {"status": "success"}\#(rest)}"#
        }
        let files = [
            ("cut.json", "[" + record("") + ",", "the file ends in the middle"),
            ("empty.json", "", "the file is empty"),
            (
                "lacks.jsonl", record("") + "\n" + #"{"trajectory": {"status": "success"}}"#,
                "record 2 (line 2): scenario must be an object, got nothing"
            ),
            (
                "score.jsonl", record(#", "reliability_score": 92"#),
                "record 1 (line 1): reliability_score must be between 0 and 1, got 92"
            ),
        ]
        for (name, contents, message) in files {
            let file = try world.write(name, contents)
            let result = try await world.arc("import", "modal", file)
            #expect(result.status == 1 && result.output == "", "\(name)")
            #expect(
                result.notes.hasPrefix("arc: \(file): ") && result.notes.contains(message), "\(result.notes)")
        }
        let rows = try await world.arc(
            "-c",
            "select (select count(*) from simulations) + (select count(*) from outcomes) "
                + "+ (select count(*) from scenarios) + (select count(*) from configurations) as n",
            "--format", "csv")
        #expect(rows.output == "n\n0\n")
    }

    // MARK: - Looking

    @Test("list shows names, states, runs, rates, costs and ages, newest first")
    func list() async throws {
        let result = try await World.reading().arc("list")
        #expect(result.status == 0 && result.notes == "")
        let lines = result.output.split(separator: "\n")
        #expect(lines.first?.contains("pass rate (95 %)") == true)
        #expect(lines.dropFirst(2).first?.contains("candidate") == true)
        #expect(result.output.contains("baseline") && result.output.contains("87.5 % ± 6.2"))
        #expect(
            result.output.contains("completed") && result.output.contains("$1.06")
                && result.output.contains("ago") || result.output.contains("just now"))
        let one = try await World.reading().arc("list", "--limit", "1", "--format", "jsonl")
        #expect(one.output.split(separator: "\n").count == 1)
    }

    @Test("list and show of nothing say what to do")
    func nothing() async throws {
        let world = try await World.make("shell_nothing")
        let list = try await world.arc("list")
        #expect(list.status == 0 && list.output == "" && list.notes.contains("arc import FILE"))
        #expect(try await world.arc("list", "--format", "json").output == "[]\n")
        let show = try await world.arc("show", "latest")
        #expect(show.status == 1 && show.output == "" && show.notes.hasPrefix("arc: "))
    }

    @Test("a figure without an interval is shown with the reason, in every format")
    func whyNoInterval() async throws {
        let world = try await World.make("shell_why")
        #expect(try await world.arc("db", "deploy").status == 0)
        let made = try await world.arc(
            "-e",
            """
            arc.create_configuration("alike", "model: small")
            local sim = arc.start_simulation { config_version_id = "alike", scenarios = { "a", "b" }, trials = 2 }
            for _, scenario in ipairs { "a", "b" } do
              for trial, score in ipairs { 1, 0 } do
                arc.record_outcome {
                  simulation_id = sim, scenario_id = scenario, trial = trial, status = "success", reliability_score = score,
                }
              end
            end
            """)
        #expect(made.status == 0, "\(made)")
        let reason = "the scenarios' means are all equal: no standard error"
        for format in ["table", "expanded", "markdown", "json", "csv", "jsonl"] {
            let shown = try await world.arc("show", "latest", "--format", format)
            #expect(shown.status == 0 && shown.output.contains(reason), "\(format): \(shown)")
        }
    }

    @Test("a reference that finds nothing suggests how to look")
    func unknownSimulation() async throws {
        let result = try await World.reading().arc("show", "nonsense")
        #expect(result.status == 1 && result.output == "")
        #expect(result.notes.contains("nonsense") && result.notes.contains("arc list"))
    }

    @Test("plugin list shows the bundled plugins; a broken one is named, and is exit 1")
    func plugins() async throws {
        let world = try await World.make("shell_plugins")
        let result = try await world.arc("plugin", "list")
        #expect(result.status == 0 && result.notes == "")
        for name in ["modal", "standard", "summary", "tau-bench"] { #expect(result.output.contains(name)) }
        let file = try world.write("data/arc/plugins/broken/plugin.json", #"{"name": "broken"}"#)
        let broken = try await world.arc("plugin", "list")
        #expect(broken.status == 1 && broken.output.contains("standard"))
        #expect(broken.notes.contains("\(file):1: version must be a string, got nothing"))
    }

    // MARK: - Reports

    @Test("a report goes to standard output in one format, and to a folder in any")
    func report() async throws {
        let world = try await World.reading()
        let terminal = try await world.arc("report", "summary", "baseline")
        #expect(terminal.status == 0 && terminal.output.hasPrefix("Summary of baseline\n"))
        let markdown = try await world.arc("report", "summary", "baseline", "--format", "markdown")
        #expect(markdown.output.hasPrefix("# Summary of baseline\n"))
        let folder = world.home.path + "/out/deep"
        let written = try await world.arc("report", "summary", "baseline", "--output", folder)
        #expect(written.status == 0 && written.output == "")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "summary-failures.csv", "summary-metrics.csv", "summary-weakest_scenarios.csv",
                "summary.html",
                "summary.json", "summary.md", "summary.txt", "summary.xml",
            ])
        for (file, expected) in [("summary.txt", terminal), ("summary.md", markdown)] {
            #expect(written.notes.contains("wrote \(folder)/\(file)"))
            #expect(try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) == expected.output)
        }
        let only = world.home.path + "/only"
        _ = try await world.arc("report", "summary", "baseline", "--format", "json", "--output", only)
        #expect(try FileManager.default.contentsOfDirectory(atPath: only) == ["summary.json"])
    }

    @Test("a report that isn't there names those that are; a folder that can't be written to is named")
    func reportMistakes() async throws {
        let world = try await World.reading()
        let unknown = try await world.arc("report", "sumary", "latest")
        #expect(unknown.status == 1 && unknown.notes.contains("Did you mean \"summary\"?"))
        let folder = try await world.arc("report", "summary", "latest", "--output", "/proc/nothing")
        #expect(folder.status == 1 && folder.notes.contains("/proc/nothing cannot be made"))
    }

    @Test(
        "a gate that fails is exit 3, one with too little evidence 4, and the report is printed all the same")
    func gates() async throws {
        let world = try await World.reading()
        let home = try TemporaryDirectory()
        for (name, gate) in [
            ("fails", "pass = false"), ("unsure", "too_little_evidence = true"), ("passes", "pass = true"),
        ] {
            let folder = home.path + "/\(name)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let manifest = #"{"name": "\#(name)", "version": "1", "provides": {"reports": ["\#(name)"]}}"#
            try manifest.write(toFile: folder + "/plugin.json", atomically: true, encoding: .utf8)
            let code =
                "return { reports = {{ name = '\(name)', render = function(_, doc) doc:gate { name = 'g', \(gate) } end }} }"
            try code.write(toFile: folder + "/init.lua", atomically: true, encoding: .utf8)
        }
        for (name, status) in [("fails", 3), ("unsure", 4), ("passes", 0)] as [(String, Int32)] {
            let result = try await world.arc(
                "report", name, "latest", environment: ["ARC_PLUGIN_PATH": home.path])
            #expect(result.status == status && result.output.contains("g: "), "\(name): \(result)")
        }
    }
}

/// A world whose database has no schema.
enum TestEmpty {
    static func make() async throws -> World {
        World(home: try TemporaryDirectory(), database: try await TestDatabase.create("shell_empty"))
    }
}
