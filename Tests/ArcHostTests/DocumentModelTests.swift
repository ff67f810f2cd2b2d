import ArcKit
import LuaBridge
import Testing

@testable import ArcHost

@Suite("What a script writes into a document")
struct DocumentModelTests {
    /// The document that a script wrote.
    static func document(_ script: String, limit: Int = 256 << 20) async throws -> Document {
        let test = try TestHost.alone()
        let builder = DocumentBuilder(Document(report: "r", title: "t"), limit: limit)
        try await test.machine.setGlobal("doc", .object(builder))
        try await test.run(script)
        return builder.document
    }

    @Test("blocks stand in the order in which they were written, cases that follow one another together")
    func order() async throws {
        let document = try await Self.document(
            """
            doc:text("a") doc:heading("H", 2)
            doc:case { name = "one", outcome = "passed" } doc:case { scenario = "two", trial = 3, outcome = "failed" }
            doc:metric { name = "m", value = 1 } doc:case { name = "three", outcome = "skipped" }
            """)
        #expect(document.sections.map(\.heading) == [nil, "H"] && document.sections[1].level == 2)
        #expect(document.cases.map(\.title) == ["one", "two, trial 3", "three"])
        #expect(document.sections[1].blocks.count == 3)
    }

    @Test("what is folded away is part of the document, and may be written into later and deeper")
    func details() async throws {
        let document = try await Self.document(
            """
            local kept
            doc:details("more", function(inner)
              kept = inner
              inner:heading("Inner") inner:gate { name = "g", pass = false }
              inner:details("deeper", function(deeper) deeper:metric { name = "m" } deeper:title("New") end)
            end)
            kept:text("late") doc:text("after")
            """)
        #expect(document.title == "New" && document.verdict == .fail && document.metrics.count == 1)
        guard case .details(let details) = document.sections[0].blocks[0] else {
            Issue.record("no details")
            return
        }
        #expect(details.summary == "more" && details.sections[0].blocks.count == 3)
        #expect(document.sections[0].blocks.count == 2)
    }

    @Test("an error within what is folded away is the script's own, and what was written before it stays")
    func detailsThatFail() async throws {
        let document = try await Self.document(
            """
            local ok, message = pcall(doc.details, doc, "more", function(inner) inner:text("a") error("mine", 0) end)
            assert(not ok and message == "mine")
            """)
        #expect(document.blocks.count == 2)
    }

    @Test(
        "a document holds so many bytes, whatever it is filled with, and keeps what it has",
        arguments: [
            "doc:text(('x'):rep(100))", "doc:heading('h')", "doc:metric { name = 'm', value = 1 }",
            "doc:gate { name = 'g', pass = true }", "doc:case { name = 'c', outcome = 'passed' }",
            "doc:table({ { a = 1, b = 'x' } })",
            "doc:chart { kind = 'sparkline', title = 's', values = { 1 } }",
            "doc:details('d', function(inner) inner:text('x') end)",
        ])
    func room(_ statement: String) async throws {
        let document = try await Self.document(
            """
            local ok, message
            for count = 1, 1e6 do
              ok, message = pcall(function() \(statement) end)
              if not ok then break end
            end
            assert(not ok and tostring(message):find("hold more than 100.0 KiB", 1, true), message)
            """, limit: 100 << 10)
        let count = document.sections.count + document.blocks.count + document.cases.count
        #expect((50...2000).contains(count))
    }

    @Test("details stand within details so deep that every format can follow, and no deeper")
    func depth() async throws {
        let document = try await Self.document(
            """
            local inner, depth, message = doc, 0
            repeat
              local ok
              ok, message = pcall(function() inner:details("d", function(it) inner = it end) end)
              if ok then depth = depth + 1 end
            until not ok or depth > 100
            assert(depth == 16 and tostring(message):find("at most 16 deep", 1, true), message)
            inner:text("the innermost")
            """)
        for format in [DocumentFormat.terminal, .markdown, .html, .json] {
            #expect(document.text(format).contains("the innermost"))
        }
    }

    @Test("gates and figures that follow one another stand together, however many there are")
    func runs() throws {
        let gate = Document.Block.gate(Document.Gate(name: "g", verdict: .pass))
        let metric = Document.Block.metric(Document.Metric(name: "m"))
        let many = Array(repeating: metric, count: 100_000) + Array(repeating: gate, count: 100_000)
        let section = Document.Section(heading: nil, level: 1, blocks: many + [.text("t"), gate])
        let lengths = section.runs.map { run in
            switch run {
            case .metrics(let metrics): metrics.count
            case .gates(let gates): gates.count
            default: 0
            }
        }
        #expect(lengths == [100_000, 100_000, 0, 1])
    }

    @Test(
        "a gate whose verdict and pass say different things is refused",
        arguments: [
            "verdict = 'pass', pass = false", "verdict = 'fail', pass = true",
            "verdict = 'pass', too_little_evidence = true", "verdict = 'too_little_evidence', pass = true",
        ])
    func contradictions(_ fields: String) async throws {
        let document = try await Self.document(
            """
            local ok, message = pcall(function() doc:gate { name = "floor", \(fields) } end)
            assert(not ok and tostring(message):find('gate "floor" says', 1, true), message)
            doc:gate { name = "a", verdict = "fail", pass = false }
            doc:gate { name = "b", pass = true, too_little_evidence = true }
            """)
        #expect(document.gates.map(\.verdict) == [.fail, .tooLittleEvidence])
    }

    @Test("names are made of titles, and one that occurs again gets a number")
    func names() async throws {
        let document = try await Self.document(
            """
            local rows = { { a = 1 } }
            doc:table(rows, { title = "The worst: 3 of 7" }) doc:table(rows) doc:table(rows)
            doc:details("x", function(inner) inner:table(rows, { name = "table" }) end)
            doc:chart { kind = "sparkline", title = "日本", values = {} }
            doc:chart { kind = "sparkline", title = "A b", values = {} }
            doc:chart { kind = "sparkline", title = "A b", values = {} }
            doc:metric { name = "m" } doc:metric { name = "m" }
            """)
        #expect(document.tables.map(\.name) == ["the_worst_3_of_7", "table", "table_2", "table_3"])
        #expect(document.charts.map(\.name) == ["sparkline", "a_b", "a_b_2"])
        #expect(document.metrics.map(\.name) == ["m", "m_2"])
    }

    @Test("a table shows the columns that were asked for, in their order, labels and units")
    func columns() async throws {
        let document = try await Self.document(
            """
            local frame = arc.frame { { s = "a", cost = 0.123456, url = "https://x/1" }, { s = "b", url = "javascript:x" } }
            doc:table(frame, { note = "n", columns = {
              { name = "cost", label = "Cost", unit = "usd", decimals = 2 }, { name = "s", link = "url", align = "right" } } })
            doc:table({ { b = 1 } }, { columns = { "b", "a" } })
            """)
        let table = try #require(document.tables.first)
        #expect(table.columns.map(\.heading) == ["Cost", "s"] && table.columns[1].alignment == .right)
        #expect(table.shown().rows == [[.text("$0.12"), .text("a")], [.null, .text("b")]])
        #expect(table.row(0) == [.real(0.123456), .text("a")])
        #expect(table.address(0, 1) == "https://x/1" && table.address(1, 1) == nil)
        #expect(document.tables[1].row(0) == [.integer(1), .null])
        let mixed = try await Self.document(
            """
            doc:table({ { v = 0.5, u = "ratio" }, { v = 2, u = "usd" }, { v = 7 } }, {
              columns = { { name = "v", units = "u" } } })
            """)
        #expect(mixed.tables[0].shown().rows == [[.text("50.0 %")], [.text("$2.00")], [.text("7")]])
    }

    @Test(
        "only addresses that lead to the web or beside the report are links",
        arguments: [
            ("http://a/b?c#d", true), ("HTTPS://a", true), ("runs/1.html", true), ("#case-1", true),
            ("javascript:alert(1)", false), ("JAVASCRIPT:x", false), ("data:text/html,x", false),
            ("//evil", false), (" https://a", false), ("java\\tscript:x", false), ("", false),
            ("a\\\\b", false),
            ("https://a\\u{202E}b", false), ("mailto:a@b", false), ("/\\\\evil", false),
        ])
    func links(_ address: String, _ isLink: Bool) throws {
        let table = Table(
            columns: [Table.Column("a"), Table.Column("u")], rows: [[.text("a"), .text(address)]])
        var column = Document.TableBlock.Column(name: "a", alignment: .left)
        column.link = "u"
        let block = try Document.TableBlock(name: "t", frame: Frame(table), columns: [column])
        #expect((block.address(0, 0) == address) == isLink)
    }

    @Test("charts take lists, columns of frames, times and decimals; what isn't known is nil")
    func charts() async throws {
        let document = try await Self.document(
            """
            local days = arc.frame { { day = arc.time.parse("2026-01-01T00:00:00Z"), y = 1 },
              { day = arc.time.parse("2026-01-02T00:00:00Z") } }
            doc:chart { kind = "line", title = "a", x = days.day, y = days.y, low = { 0, arc.null }, high = { 2, arc.null },
              marks = { { x = days.day[2], label = "change" } } }
            doc:chart { kind = "bar", title = "b", labels = { "x", 2 }, values = { arc.decimal("0.5"), arc.null } }
            """)
        guard case .line(let line) = document.charts[0].content,
            case .bar(let bars) = document.charts[1].content
        else {
            Issue.record("not a line and bars")
            return
        }
        #expect(line.axis.kind == .time && line.axis.positions[1] - line.axis.positions[0] == 86_400)
        #expect(line.series[0].values == [1, nil] && line.series[0].high == [2, nil])
        #expect(line.marks.first?.position == line.axis.positions[1])
        #expect(bars.map(\.value) == [0.5, nil] && bars.map(\.label) == ["x", "2"])
    }

    @Test("a histogram counts every value once, whatever they are")
    func histogram() throws {
        let lists: [[Double]] = [
            [], [1], [1, 1, 1], [0, 1], [1, 2, 3, 4, 100], Array(repeating: 3, count: 50) + [4],
            [-Double.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude], [1, 1.0.nextUp], [-0.0, 0.0],
            (0..<1000).map { Double($0 * $0 % 997) },
        ]
        for values in lists {
            for bins in [nil, 1, 7] {
                let histogram = Chart.Histogram(values, bins: bins)
                #expect(histogram.n == values.count && histogram.counts.count <= 50, "\(values.prefix(5))")
                #expect(histogram.edges == histogram.edges.sorted())
                #expect(histogram.edges.allSatisfy { $0.isFinite })
                #expect(histogram.edges.first == values.min() && histogram.edges.last == values.max())
            }
        }
        #expect(Chart.Histogram([0, 1, 2, 3, 4], bins: 2).counts == [2, 3])
    }

    @Test("a box has Tukey's whiskers, and says how many values lie beyond them")
    func box() throws {
        let box = try #require(Chart.Box("a", [1, 2, 3, 4, 5, 6, 7, 8, 9, 100]))
        #expect(box.median == 5.5 && box.lowerQuartile == 3.25 && box.upperQuartile == 7.75)
        #expect(box.low == 1 && box.high == 9 && box.greatest == 100 && box.least == nil && box.beyond == 1)
        let one = try #require(Chart.Box("b", [2]))
        #expect(one.low == 2 && one.high == 2 && one.beyond == 0)
        #expect(Chart.Box("c", []) == nil)
    }
}

@Suite("Gates of arc.gates in a document")
struct DocumentGateTests {
    @Test("what arc.gates answers can be given to doc:gate as it is, with all its figures")
    func gates() async throws {
        let test = try await TestHost.reading()
        let builder = DocumentBuilder(Document(report: "r", title: "t"))
        try await test.machine.setGlobal("doc", .object(builder))
        try await test.run(
            """
            local policy = { gates = { { metric = "score", tolerance = 0.01 }, { metric = "pass_rate", at_least = 0.2 } } }
            for _, gate in ipairs(arc.gates("candidate", "baseline", policy)) do doc:gate(gate) end
            """)
        let document = builder.document
        let score = try #require(document.gates.first { $0.metric == "score" })
        #expect(score.value != nil && score.low != nil && score.tolerance == 0.01 && score.baseline != nil)
        #expect(document.gates.contains { $0.bound == 0.2 })
        #expect(try JSONSchema("document.json").faults(of: document.jsonText) == [])
    }
}
