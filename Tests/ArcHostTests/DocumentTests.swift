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
            let json = document.json
            #expect(json["title"]?.string == "Summary of candidate" && json["report"]?.string == "summary")
            for list in ["sections", "tables", "gates"] { #expect(json[list]?.array != nil, "\(list)") }
            guard case .object(let metrics) = json["metrics"] else {
                Issue.record("metrics isn't an object")
                return
            }
            #expect(
                metrics.map(\.name).starts(with: ["reliability", "pass_rate", "error_rate", "pass_hat_1"]))
            for metric in metrics {
                guard case .object(let fields) = metric.value else {
                    Issue.record("\(metric.name) isn't an object")
                    continue
                }
                #expect(
                    fields.map(\.name) == ["value", "unit", "n", "errors", "se", "low", "high", "method"])
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
                #expect(document.json.value(at: "metrics", metric.name, "value")?.double == metric.value)
            }
            for table in document.tables {
                let json = document.json["tables"]?.array?.first { $0["name"]?.string == table.name }
                #expect(json?["rows"]?.array?.count == table.data.rows.count)
                for row in table.data.rows {
                    let cells = row.map(\.display)
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
            ("doc:table({}, { name = 't' })", "Document:table: frame must be a frame, got a table"),
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
