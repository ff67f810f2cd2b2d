import ArcKit
import FoundationEssentials
import LuaBridge
import Testing

@testable import ArcHost

@Suite("A report in three formats")
struct DocumentTests {
    private func summary(_ file: String, _ body: (Document) throws -> Void) async throws {
        let test = try await TestHost.reading()
        let simulation = try await test.store.session { try await $0.findSimulation(file) }
        try body(try await test.host.report("summary", on: simulation))
    }

    @Test("the JSON form has title, metrics, sections, tables and gates; each metric has its eight fields")
    func json() async throws {
        try await summary("candidate") { document in
            let json = try JSONValue(parsing: document.jsonText)
            #expect(json["title"]?.string == "Summary of candidate" && json["report"]?.string == "summary")
            for list in ["sections", "tables", "gates", "charts", "cases", "missing"] {
                #expect(json[list]?.array != nil, "\(list)")
            }
            #expect(json["arc_version"]?.string == Version.current && json["made_at"]?.string != nil)
            #expect(json["simulations"]?.array?.first?["name"]?.string == "candidate")
            #expect(
                document.metrics.map(\.name).starts(with: [
                    "reliability", "pass_rate", "error_rate", "pass_hat_1",
                ]))
            for metric in document.metrics {
                guard case .object(let fields) = json.value(at: "metrics", metric.name) else {
                    Issue.record("\(metric.name) isn't an object")
                    continue
                }
                #expect(
                    Set(fields.map(\.name)) == [
                        "value", "unit", "n", "errors", "se", "low", "high", "method",
                    ])
            }
            #expect(json.value(at: "metrics", "pass_rate", "n")?.int == 120)
            #expect(json.value(at: "metrics", "pass_rate", "errors")?.int == 11)
            let parsed = try JSON.parse(document.jsonText)
            #expect(parsed.table?["title"] == "Summary of candidate")
        }
    }

    @Test("terminal, Markdown and JSON agree on every number", arguments: ["baseline", "candidate"])
    func agreement(_ simulation: String) async throws {
        try await summary(simulation) { document in
            let (terminal, markdown) = (document.terminal(), document.markdown)
            let json = try JSONValue(parsing: document.jsonText)
            #expect(document.metrics.count == 16)
            for metric in document.metrics {
                let name = metric.label ?? metric.name
                let value = metric.value.map(metric.display) ?? ""
                let parts =
                    [name, value] + (metric.interval.map { [$0] } ?? []) + (metric.n.map { ["\($0)"] } ?? [])
                for (form, text) in [("terminal", terminal), ("Markdown", markdown)] {
                    let line = text.split(separator: "\n").first { line in
                        parts.allSatisfy {
                            line.contains($0) || line.contains($0.replacing("^", with: "\\^"))
                        }
                    }
                    #expect(line != nil, "\(form) has no line with \(parts)")
                }
                #expect(json.value(at: "metrics", metric.name, "value")?.double == metric.value)
            }
            for table in document.tables {
                let rows = json["tables"]?.array?.first { $0["name"]?.string == table.name }
                #expect(rows?["rows"]?.array?.count == table.count)
                for row in 0..<table.count {
                    let cells = table.columns.indices.map { table.shown(row, $0).display }
                    for text in [terminal, markdown] {
                        #expect(
                            text.split(separator: "\n").contains { line in
                                cells.allSatisfy {
                                    line.contains($0) || line.contains($0.replacing("_", with: "\\_"))
                                }
                            }, "no line with \(cells)")
                    }
                }
            }
        }
    }

    @Test("names with markup, newlines and control characters come out harmless in every format")
    func harmless() throws {
        let name =
            "a|b <script>alert(1)</script>\n# heading\r\u{1B}[2J\u{9B}31m\u{202E}`x` [l](javascript:x) *b* ![i](u)"
        var document = Document(report: "r", title: name)
        document.addHeading(name)
        document.add(.text(name))
        var metric = Document.Metric(name: "m")
        (metric.label, metric.value, metric.method, metric.unit) = (name, 1, name, name)
        (metric.low, metric.high, metric.n, metric.errors) = (0, 2, 3, 0)
        document.add(.metric(metric))
        document.add(
            .table(
                Document.TableBlock(
                    name: "t", title: name,
                    data: Table(
                        columns: [Table.Column(name), Table.Column("n")], rows: [[.text(name), .integer(1)]]))
            ))
        document.add(.gate(Document.Gate(name: name, verdict: .fail, reason: name)))

        for (form, text) in [("terminal", document.terminal()), ("Markdown", document.markdown)] {
            let controls = text.unicodeScalars.filter {
                $0 != "\n" && ($0.value < 32 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E)
            }
            #expect(controls.isEmpty, "\(form): \(controls.map { String($0.value, radix: 16) })")
        }
        let markdown = document.markdown
        #expect(!markdown.contains("<script"))
        let headings = markdown.split(separator: "\n").filter { $0.hasPrefix("#") }
        #expect(headings.count == 2, "\(headings)")
        // Each line of a table has as many bars that count as its ruler.
        let rows = markdown.split(separator: "\n").filter { $0.hasPrefix("|") }
        let bars = rows.map { row in row.replacing("\\|", with: "").count { $0 == "|" } }
        #expect(Set(bars) == [3, 6], "\(rows)")
        // JSON keeps the name as it is.
        let json = try JSON.parse(document.jsonText)
        #expect(json.table?["title"] == .string(name))
        #expect(document.gates.first?.name == name)
    }

    @Test(
        "doc: refuses what it can't show, and says how to write it",
        arguments: [
            ("doc:title(3)", "Document:title: text must be a string, got 3"),
            ("doc:heading({})", "Document:heading: text must be a string"),
            ("doc:text()", "Document:text: text must be a string, got nothing"),
            ("doc:metric { value = 1 }", "name must be a string, got nothing"),
            ("doc:metric { name = 'm', value = 0/0 }", "value must be a finite number, got nan"),
            ("doc:metric { name = 'm', vaule = 1 }", "has no field \"vaule\""),
            ("doc:table(3, { name = 't' })", "Document:table: rows must be a frame or a table, got 3"),
            ("doc:table { { a = 0/0 } }", "column \"a\", row 1 must be a finite number, got nan"),
            ("doc:table({}, { colums = {} })", "has no field \"colums\""),
            (
                "doc:table(arc.frame { { score = 1 } }, { columns = { 'scor' } })",
                "Document:table: this frame has no column \"scor\""
            ),
            ("doc:chart { kind = 'pie', title = 't' }", "kind must be \"line\", \"bar\""),
            ("doc:chart { kind = 'line', title = 't' }", "Document:chart: a line chart needs x"),
            ("doc:chart { kind = 'line', title = 't', x = { 1, 2 } }", "a line chart needs y"),
            (
                "doc:chart { kind = 'line', title = 't', x = { 1, 2 }, y = { 1, 0/0 } }",
                "Document:chart: y[2] must be a finite number, got nan"
            ),
            (
                "doc:chart { kind = 'line', title = 't', x = { 1, 2 }, y = { 1 } }",
                "y has 1 value, and x has 2"
            ),
            (
                "doc:chart { kind = 'line', title = 't', x = { 2, 1 }, y = { 1, 1 } }",
                "x[2] (1) must be greater than the one before it (2)"
            ),
            (
                "doc:chart { kind = 'line', title = 't', x = { 1 }, y = { 1 }, marks = { { x = 'a' } } }",
                "marks[1].x must be a finite number, got \"a\""
            ),
            (
                "doc:chart { kind = 'line', title = 't', x = { 1 }, series = { { name = 'a', y = { 1/0 } } } }",
                "series[1].y[1] must be a finite number, got inf"
            ),
            ("doc:chart { kind = 'bar', title = 't', labels = { 'a' } }", "a bar chart needs values"),
            (
                "doc:chart { kind = 'bar', title = 't', labels = { {} }, values = { 1 } }",
                "labels[1] must be a string, a finite number or a time, got a table"
            ),
            (
                "doc:chart { kind = 'histogram', title = 't', values = { 1 }, x = { 1 } }",
                "a histogram chart has no x"
            ),
            (
                "doc:chart { kind = 'box', title = 't', boxes = { { label = 'a', low = 1 } } }",
                "boxes[1] needs values, or else q1, median, q3, high"
            ),
            (
                "doc:chart { kind = 'heatmap', title = 't', rows = { 'a' }, columns = { 'b' }, grid = { { 1, 2 } } }",
                "grid[1] has 2 values, and columns has 1"
            ),
            ("doc:case { outcome = 'failed' }", "Document:case: it needs a name or a scenario"),
            ("doc:case { name = 'a', outcome = 'fail' }", "outcome must be \"passed\", \"failed\""),
            (
                "doc:case { name = 'a', outcome = 'failed', seconds = 0/0 }",
                "seconds must be 0 or more, got nan"
            ),
            ("doc:details('a')", "Document:details: fill must be a function, got nothing"),
            ("doc:details('a', function(d) d:text(3) end)", "Document:text: text must be a string, got 3"),
            ("doc:gate { name = 'g', verdict = 'maybe' }", "verdict must be \"pass\""),
            ("doc:gate { name = 'g', pass = true, p = 2 }", "p must be between 0 and 1, got 2"),
            ("doc:gate { pass = true }", "name must be a string, got nothing"),
            (
                "doc:gate { name = 'g' }",
                "Document:gate: it needs pass (true or false) or too_little_evidence = true"
            ),
            ("doc:gate { name = 'g', pass = 'yes' }", "pass must be a boolean, got \"yes\""),
        ])
    func mistakes(_ call: String, _ message: String) async throws {
        let test = try TestHost.alone()
        try await test.machine.setGlobal("doc", .object(DocumentBuilder(Document(report: "r", title: "t"))))
        let error = try #require(await test.failure(call))
        #expect(error.message.contains(message), "\(error)")
    }
}
