import Foundation
import TestServer
import Testing

@Suite("The formats of arc report")
struct ReportFormatTests {
    /// A folder of plugins with a report that has a block of every kind, and texts that are markup somewhere.
    private static func showcase() throws -> TemporaryDirectory {
        let home = try TemporaryDirectory()
        let folder = home.path + "/showcase"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try
            #"{"name": "showcase", "version": "1", "provides": {"reports": ["showcase"]}, "capabilities": ["db.read"]}"#
            .write(toFile: folder + "/plugin.json", atomically: true, encoding: .utf8)
        try """
        local function chart(doc, fields) fields.title = fields.title or "<b>" .. fields.kind doc:chart(fields) end
        return { reports = {{ name = "showcase", render = function(ctx, doc)
          local outcomes = arc.get_scenario_outcomes(ctx.simulation)
          doc:title("<script>alert(1)</script>")
          doc:heading("]]> Figures")
          for _, metric in ipairs(arc.metrics(ctx.simulation)) do doc:metric(metric) end
          doc:gate { name = "=cmd()", pass = false, reason = "a|b\\nc", value = 1 / 3 }
          chart(doc, { kind = "line", x = { 1, 2, 4 }, y = { 0.5, arc.null, 1 }, low = { 0, arc.null, 0.5 },
            high = { 1, arc.null, 2 }, marks = { { x = 2, label = "change" } } })
          chart(doc, { kind = "bar", labels = { "a", "b" }, values = { 1, -2 }, low = { 0, -3 }, high = { 2, -1 } })
          chart(doc, { kind = "histogram", unit = "ms", values = outcomes.execution_time_ms })
          chart(doc, { kind = "box", boxes = { { label = "all", values = outcomes.reliability_score } } })
          chart(doc, { kind = "heatmap", rows = { "r" }, columns = { "x", "y" }, grid = { { 1, arc.null } } })
          chart(doc, { kind = "sparkline", values = { 1, 2, 3 } })
          for row in outcomes:rows() do
            doc:case { scenario = row.scenario_id, trial = row.trial, outcome = row.passed and "passed" or "failed" }
          end
          doc:details("All", function(inner) inner:table(outcomes:select("scenario_id", "reliability_score"), {
            title = "All runs", columns = { { name = "scenario_id", cases = true }, "reliability_score" } }) end)
        end }} }
        """.write(toFile: folder + "/init.lua", atomically: true, encoding: .utf8)
        return home
    }

    private func run(_ arguments: String..., environment: [String: String] = [:]) async throws
        -> Program.Result
    {
        let world = try await World.reading()
        let plugins = try Self.showcase()
        let variables = world.environment.merging(environment) { $1 }
            .merging(["ARC_PLUGIN_PATH": plugins.path]) { $1 }
        return try await Program.run(
            ["report", "showcase", "candidate", "--grant", "showcase"] + arguments, environment: variables,
            folder: plugins.path)
    }

    @Test(
        "several formats are written into a folder, one goes to standard output, and the gate decides the exit code"
    )
    func formats() async throws {
        let folder = try TemporaryDirectory()
        let written = try await run(
            "--format", "markdown", "--format", "html", "--format", "json", "--format", "junit", "--output",
            folder.path)
        #expect(written.status == 3 && written.output == "")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == ["showcase.html", "showcase.json", "showcase.md", "showcase.xml"])
        for (format, file) in [("markdown", "md"), ("html", "html"), ("json", "json"), ("junit", "xml")] {
            let printed = try await run("--format", format)
            let text = try String(contentsOfFile: "\(folder.path)/showcase.\(file)", encoding: .utf8)
            // When it was made differs.
            let lines = [printed.output, text].map {
                $0.split(separator: "\n").filter { !$0.contains("made") && !$0.contains("timestamp") }
            }
            #expect(printed.status == 3 && lines[0] == lines[1], "\(format)")
        }
        let several = try await run("--format", "html", "--format", "json")
        #expect(several.status == 64 && several.notes.contains("--output FOLDER"))
    }

    @Test("CSV is a file for each table, or one of them")
    func csv() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await run("--format", "csv", "--output", folder.path).status == 3)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "showcase-all_runs.csv", "showcase-cases.csv", "showcase-gates.csv", "showcase-metrics.csv",
            ])
        let gates = try await run("--format", "csv", "--table", "gates")
        #expect(gates.output.contains("\n'=cmd(),fail,\"a|b\nc\",,,0.3333333333333333,"))
        let unnamed = try await run("--format", "csv")
        #expect(unnamed.status == 1 && unnamed.notes.contains("metrics, gates, cases, all_runs"))
        let unknown = try await run("--format", "csv", "--table", "x")
        #expect(unknown.status == 1 && unknown.notes.contains("has no table \"x\""))
    }

    @Test(
        "on GitHub the summary goes where the step wants it, behind what is there, and annotations to the log"
    )
    func github() async throws {
        let folder = try TemporaryDirectory()
        let summary = folder.path + "/summary.md"
        try "before\n".write(toFile: summary, atomically: true, encoding: .utf8)
        let result = try await run("--format", "github", environment: ["GITHUB_STEP_SUMMARY": summary])
        let lines = result.output.split(separator: "\n")
        #expect(result.status == 3 && lines.count == 10 && lines.allSatisfy { $0.hasPrefix("::error ") })
        let text = try String(contentsOfFile: summary, encoding: .utf8)
        #expect(text.hasPrefix("before\n# &lt;script>alert(1)&lt;/script>\n") && text.contains("=cmd()"))
        let full = String(repeating: "x", count: 1_048_000)
        try full.write(toFile: summary, atomically: true, encoding: .utf8)
        #expect(
            try await run("--format", "github", environment: ["GITHUB_STEP_SUMMARY": summary]).status == 3)
        #expect(try String(contentsOfFile: summary, encoding: .utf8).utf8.count < 1_048_576)
        let elsewhere = try await run("--format", "github", "--output", folder.path + "/out")
        #expect(elsewhere.status == 3 && elsewhere.output.hasPrefix("::error "))
        #expect(FileManager.default.fileExists(atPath: folder.path + "/out/showcase.github.md"))
    }

    @Test("arc docs document-schema prints the schema of the JSON")
    func schema() async throws {
        let printed = try await World.reading().arc("docs", "document-schema")
        let file = Program.package + "/docs/schemas/document.json"
        #expect(try printed.output == String(contentsOfFile: file, encoding: .utf8))
    }

    private static func exists(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: program)
    }

    @Test(
        "the JSON is valid to python-jsonschema",
        .enabled(if: exists("/usr/bin/python3"), "needs python3, which isn't there"))
    func pythonSchema() async throws {
        let folder = try TemporaryDirectory()
        _ = try await run("--format", "json", "--output", folder.path)
        let script = """
            import json, sys
            try: import jsonschema
            except ImportError: print("skipped: no jsonschema"); sys.exit()
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            faults = list(jsonschema.Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[2]))))
            print(faults or "valid")
            """
        let result = try await Program(
            program: "/usr/bin/python3",
            ["-c", script, Program.package + "/docs/schemas/document.json", folder.path + "/showcase.json"],
            environment: ["PATH": "/usr/bin:/bin"], folder: folder.path
        ).end()
        #expect(["valid\n", "skipped: no jsonschema\n"].contains(result.output), "\(result)")
    }

    private static let chromium = "/usr/bin/chromium"

    @Test(
        "a browser shows the page without a complaint and asks nobody for anything; its tables sort",
        .enabled(if: exists(chromium), "needs chromium, which isn't installed"))
    func browser() async throws {
        let folder = try TemporaryDirectory()
        _ = try await run("--format", "html", "--output", folder.path)
        let page = "file://\(folder.path)/showcase.html"
        let result = try await Program(
            program: Self.chromium,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--user-data-dir=\(folder.path)/profile", "--log-net-log=\(folder.path)/net.json",
                "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", page,
            ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8"],
            folder: folder.path
        ).end()
        #expect(result.status == 0)
        // The script ran, so the policy lets it; a heading that sorts is a button.
        #expect(result.output.contains("<button type=\"button\">scenario_id</button>"))
        #expect(result.output.components(separatedBy: "<svg").count == 7)
        #expect(!result.notes.contains("CONSOLE"), "\(result.notes)")
        let log = try String(contentsOfFile: folder.path + "/net.json", encoding: .utf8)
        // What the browser itself asks for comes from no page.
        let asked = log.split(separator: "\n").filter {
            $0.contains("\"initiator\":\"file://") && $0.contains("\"url\":\"http")
        }
        #expect(asked.isEmpty)
    }
}
