import Foundation
import Testing

/// What becomes of a report where plugins misbehave.
@Suite("Reports that lack something")
struct ReportFailureTests {
    private static let files = [
        "summary.html", "summary.json", "summary.md", "summary.txt", "summary.xml",
    ]

    @Test(
        "plugins that loop, eat memory, give NaN, lack a grant or have a broken manifest are named in each format"
    )
    func everyFormat() async throws {
        let world = try await World.make("shell_report_failures", results: true)
        let metrics = [
            "loops": "while true do pcall(string.rep, 'x', 10) end",
            "eats": "local t = {} while true do t[#t + 1] = ('x'):rep(999) .. #t end",
            "nan": "return 0/0", "asks": "return #arc.query('select 1')",
            "escapes": "error('\\27]0;title\\7 was set')",
            // The error of a task that was ended, raised again by the plugin itself.
            "cancels":
                "local kept pcall(arc.timeout, 0.01, function() local _, e = pcall(arc.sleep, 9) kept = e end) error(kept)",
        ]
        for (name, code) in metrics {
            try world.plugin(
                name,
                #""provides": {"metrics": ["\#(name)"]}, "limits": {"seconds": 0.5, "memory_mb": 16}"#
                    + (name == "asks" ? #", "capabilities": ["db.read"]"# : ""),
                "return { metrics = {{ name = '\(name)', compute = function() \(code) end }} }")
        }
        _ = try world.write("plugins/broken/plugin.json", #"{"name": "broken"}"#)
        // What isn't the server's error, but would have been one of asking it.
        try world.plugin(
            "misasks",
            #""provides": {"metrics": ["misasks"]}, "capabilities": ["db.read"]"#,
            "return { metrics = {{ name = 'misasks', compute = function() return #arc.query('select $1::int') end }} }"
        )
        let result = try await world.arc(
            "report", "summary", "baseline", "--output", "out", "--grant", "misasks")
        #expect(result.status == 1)
        #expect(!result.notes.contains("\u{1B}") && result.notes.contains("␛]0;title␇ was set"))
        let out = world.home.path + "/out"
        let reasons = [
            "loops": "took longer than 0.5 s", "eats": "used up its memory",
            "nan": "must return a finite number",
            "cancels": "task was cancelled", "misasks": "1 parameter, but 0 values were given",
            "escapes": "0;title", "asks": "without a grant for it", "broken": "version must be a string",
        ]
        #expect(Set(Self.files).isSubset(of: try FileManager.default.contentsOfDirectory(atPath: out)))
        for file in Self.files {
            let text = try String(contentsOfFile: "\(out)/\(file)", encoding: .utf8)
                .replacing("\\_", with: "_").replacing(/\s+/, with: " ")
            for (name, reason) in reasons {
                #expect(text.contains("plugin \(name)") && text.contains(reason), "\(file): \(name)")
            }
            // The rest is there: key figures, and tables.
            #expect(text.contains("0.6"), "\(file)")
            #expect(file == "summary.xml" || text.contains("The weakest scenarios"), "\(file)")
        }
    }

    @Test("a report that fails halfway gives what it had written, and no verdict")
    func halfway() async throws {
        let world = try await World.make("shell_report_halfway", results: true)
        try world.plugin(
            "stops", #""provides": {"reports": ["stops", "never"]}"#,
            """
            return { reports = {
              { name = "stops", render = function(ctx, doc)
                doc:title("Half of it")
                doc:heading("First")
                doc:gate { name = "first", pass = true }
                error("out of ideas")
              end },
              { name = "never", render = function(ctx, doc) error("out of ideas") end },
            } }
            """)
        let result = try await world.arc(
            "report", "stops", "baseline", "--format", "json", "--format", "markdown", "--format", "junit",
            "--output", "out")
        #expect(result.status == 1)
        let json = try String(contentsOfFile: world.home.path + "/out/stops.json", encoding: .utf8)
        #expect(json.contains("\"verdict\": null") && json.contains("\"First\""), "\(json)")
        let markdown = try String(contentsOfFile: world.home.path + "/out/stops.md", encoding: .utf8)
        #expect(
            markdown.contains("## What is missing") && markdown.contains("the rest of report stops")
                && markdown.contains("out of ideas"), "\(markdown)")
        let junit = try String(contentsOfFile: world.home.path + "/out/stops.xml", encoding: .utf8)
        #expect(junit.contains("<error"), "\(junit)")
        // Nothing was written, so the failure is the whole answer.
        let never = try await world.arc("report", "never", "baseline", "--output", "out2")
        #expect(never.status == 1 && never.notes.contains("plugin stops, report never: "), "\(never)")
        #expect(never.notes.contains("out of ideas"))
        #expect(!FileManager.default.fileExists(atPath: world.home.path + "/out2"))
    }
}
