import ArcKit
import LuaBridge
import Postgres
import SeededRandom

@testable import ArcHost

/// Documents for the tests of formats.
enum ExampleDocument {
    /// A document with a block of every kind, in which every text is this one.
    static func everywhere(_ text: String) -> Document {
        var document = Document(report: text, title: text)
        document.simulations = [Document.Simulation(role: text, id: text, name: text)]
        document.version = text
        document.missing = [Document.Missing(source: text, reason: text)]
        document.add(.text(text))
        document.addHeading(text, level: 2)
        var metric = Document.Metric(name: text)
        (metric.label, metric.unit, metric.method, metric.note) = (text, text, text, text)
        (metric.value, metric.low, metric.high, metric.n) = (1 / 3, 0.25, 0.5, 7)
        document.add(.metric(metric))
        document.add(.table(table(text)))
        for chart in charts(text) { document.add(.chart(chart)) }
        for verdict in Document.Gate.Verdict.allCases {
            var gate = Document.Gate(name: text, verdict: verdict, reason: text)
            (gate.metric, gate.unit, gate.value, gate.p, gate.n) = (text, text, -0.1, 0.04, 12)
            document.add(.gate(gate))
        }
        let cases = Document.Case.Outcome.allCases.map { outcome in
            var found = Document.Case(name: text, outcome: outcome)
            (found.scenario, found.trial, found.message) = (text, 2, text)
            (found.details, found.seconds, found.file) = (text, 1.5, text)
            return found
        }
        document.add(.cases(cases))
        var inner = [Document.Section(heading: text, level: 1, blocks: [.text(text)])]
        inner.add(.table(table(text)))
        document.add(.details(Document.Details(summary: text, sections: inner)))
        document.makeNamesDistinct()
        return document
    }

    private static func table(_ text: String) -> Document.TableBlock {
        let data = Table(
            columns: [Table.Column(text), Table.Column("n", .right), Table.Column("address")],
            rows: [[.text(text), .real(0.1), .text(text)], [.json("[\"x\"]"), .integer(-1), .null]])
        var column = Document.TableBlock.Column(name: text, label: text, unit: text, alignment: .left)
        column.link = "address"
        column.namesCases = true
        let frame = Frame(data)
        column.name = frame.names[0]
        let columns = [column, .init(name: "n", alignment: .right)]
        guard var block = try? Document.TableBlock(name: text, title: text, frame: frame, columns: columns)
        else { return Document.TableBlock(name: text, title: text, data: data) }
        block.note = text
        return block
    }

    /// A chart of every kind.
    static func charts(_ text: String) -> [Chart] {
        let axis = Chart.Axis(kind: .category, positions: [1, 2], labels: [text, text])
        let series = Chart.Series(name: text, values: [0.5, nil], low: [0.4, nil], high: [0.6, nil])
        let mark = Chart.Mark(position: 2, place: text, label: text)
        let contents: [Chart.Content] = [
            .line(Chart.Line(axis: axis, series: [series, series], marks: [mark])),
            .bar([
                Chart.Bar(label: text, value: 1, low: 0.5, high: 1.5), Chart.Bar(label: text, value: nil),
            ]),
            .histogram(Chart.Histogram([1, 2, 2, 3])),
            .box([Chart.Box(text, [1, 2, 3, 100])].compactMap(\.self)),
            .heatmap(Chart.HeatMap(rows: [text], columns: [text, text], values: [[0.5, nil]])),
            .sparkline([1, nil, 2]),
        ]
        return contents.map { content in
            var chart = Chart(name: text, title: text, content: content)
            (chart.unit, chart.valueLabel, chart.axisLabel, chart.note) = (text, text, text, text)
            return chart
        }
    }

    /// Texts that some format could take for more than text.
    static let hostile: [String] = [
        "<script>alert(1)</script>", "]]>", "=cmd()|' /C calc'!A0", "a|b", "two\nlines\r\nand more",
        "שלום עולם", "a\u{202E}b\u{2066}c\u{200F}", "nul\0esc\u{1B}[2Jbell\u{7}\u{9B}31m", "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪",
        String(repeating: "x", count: 10_000), String(repeating: "<|\"'&", count: 2000), "\u{FFFE}\u{FFFF}",
        "::error::x", "--><!--", "\" onload=\"alert(1)", "' onx='", "&amp;&lt;",
        "`c` *b* [l](javascript:x) ![i](u)",
        "# h\n## h\n- x\n1. y\n> z\n---\n| a | b |", "\t=1", "@SUM(1)", "+1", "-1", "\u{2028}\u{2029}",
        "%0A::stop-commands::x", "", " ", "javascript:alert(1)", "</details></summary>",
        "</style></script><!--",
        "${{ secrets.X }}", "a\\|b\\", "＝1", "\r\n", "e\u{301}\u{301}\u{301}", "../../etc/passwd",
        "\u{FEFF}x",
    ]

    /// Mixtures of them, decided by a seed.
    static func mixture(_ seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed)
        let scalars: [String] = hostile.filter { $0.count < 100 }
        return (0..<3).map { _ in
            let text = scalars[generator.index(below: scalars.count)]
            return generator.unit() < 0.5
                ? text : String(text.unicodeScalars.map(Character.init).shuffled(using: &generator))
        }.joined()
    }
}
