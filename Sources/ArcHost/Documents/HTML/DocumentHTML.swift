import ArcKit
import FoundationEssentials
import Postgres

extension Document {
    /// Writes the document as one HTML file that needs nothing else: no script is needed to read it, none runs but its own,
    /// and it asks no server for anything.
    public func writeHTML(to output: inout some TextOutputStream) {
        var page = HTMLPage(self)
        output.write(page.head)
        for section in sections { page.write(section, to: &output) }
        page.writeEnd(to: &output)
    }
}

/// A page as it is written.
struct HTMLPage {
    private let document: Document
    /// The places of cases by their names, to which tables lead.
    private let casePlaces: [String: Int]
    private var caseCount = 0
    private var chartCount = 0

    init(_ document: Document) {
        self.document = document
        let needsPlaces = document.tables.contains { $0.columns.contains(where: \.namesCases) }
        let names =
            needsPlaces
            ? document.cases.enumerated().flatMap { index, found in
                [(found.title, index), (found.name, index)] + (found.scenario.map { [($0, index)] } ?? [])
            } : []
        casePlaces = Dictionary(names) { first, _ in first }
    }

    private static let style = String(decoding: PackageResources.report_css, as: UTF8.self)
    private static let script = String(decoding: PackageResources.report_js, as: UTF8.self)

    /// Nothing may be loaded, sent or framed; of styles and scripts, those of the page alone.
    private static let policy =
        "default-src 'none'; style-src '\(hash(style))'; script-src '\(hash(script))'; base-uri 'none'; form-action 'none'"

    /// The digest of an inline element, by Content Security Policy Level 3, section 2.3.1.
    private static func hash(_ text: String) -> String {
        let digits = Array(Digest.sha256(text).utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return "sha256-" + Data(bytes).base64EncodedString()
    }

    /// Everything before the first section.
    var head: String {
        let title = HTMLText.escaped(VisibleText.line(document.title))
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <header>
            <h1>\(title)</h1>
            <p class="about">\(about)</p>
            \(verdict)</header>
            \(missing)
            """
    }

    private var about: String {
        let simulations = document.simulations.map { simulation in
            let name = HTMLText.escaped(VisibleText.line(simulation.name ?? simulation.id))
            return
                "<span>\(HTMLText.escaped(simulation.role)) <b title=\"\(HTMLText.escaped(simulation.id))\">\(name)</b></span>"
        }
        let made = document.madeAt.map { "<span>made \(HTMLText.escaped($0.minute))</span>" }
        let version = document.version.map { "<span>arc \(HTMLText.escaped($0))</span>" }
        return (simulations + [made, version].compactMap(\.self)).joined(separator: " ")
    }

    private var verdict: String {
        guard let verdict = document.verdict, let sentence = document.verdictSentence else { return "" }
        let parts = sentence.split(separator: ": ", maxSplits: 1)
        return
            "<p class=\"verdict \(Self.name(verdict))\"><b>\(parts[0])</b> <span>\(parts[1])</span></p>\n"
    }

    private var missing: String {
        guard !document.missing.isEmpty else { return "" }
        let items = document.missing.map {
            "<li><b>\(HTMLText.escaped($0.source))</b> \(HTMLText.escaped($0.reason))</li>\n"
        }
        return
            "<section class=\"missing\">\n<h2>What is missing</h2>\n<ul>\n\(items.joined())</ul>\n</section>\n"
    }

    private typealias Gate = Document.Gate

    private static func name(_ verdict: Gate.Verdict) -> String {
        switch verdict {
        case .pass: "pass"
        case .fail: "fail"
        case .tooLittleEvidence: "unsure"
        }
    }

    /// Everything behind the last section.
    func writeEnd(to output: inout some TextOutputStream) {
        output.write("</main>\n<script>\(Self.script)</script>\n</body>\n</html>\n")
    }

    // MARK: - Sections

    mutating func write(_ section: Document.Section, to output: inout some TextOutputStream) {
        output.write("<section>\n")
        if let heading = section.heading {
            let level = min(6, section.level + 1)
            output.write("<h\(level)>\(HTMLText.escaped(VisibleText.line(heading)))</h\(level)>\n")
        }
        for run in section.runs { write(run, to: &output) }
        output.write("</section>\n")
    }

    private mutating func write(_ run: Document.Section.Run, to output: inout some TextOutputStream) {
        switch run {
        case .metrics(let metrics): write(metrics, to: &output)
        case .text(let text): output.write("<p>\(HTMLText.escaped(text))</p>\n")
        case .table(let table): HTMLTable(table, casePlaces: casePlaces).write(to: &output)
        case .chart(let chart): write(chart, to: &output)
        case .gates(let gates):
            output.write("<ul class=\"gates\">\n")
            for gate in gates { output.write(Self.item(gate)) }
            output.write("</ul>\n")
        case .cases(let cases):
            HTMLCases(cases, first: caseCount).write(to: &output)
            caseCount += cases.count
        case .details(let details):
            output.write(
                "<details class=\"part\">\n<summary>\(HTMLText.escaped(VisibleText.line(details.summary)))</summary>\n"
            )
            for section in details.sections { write(section, to: &output) }
            output.write("</details>\n")
        }
    }

    private static func item(_ gate: Gate) -> String {
        let reason = gate.reason.map { " <span>\(HTMLText.escaped($0))</span>" } ?? ""
        let figures = gate.figures.map { " <small>\(HTMLText.escaped($0))</small>" } ?? ""
        return
            "<li class=\"\(name(gate.verdict))\"><b>\(HTMLText.escaped(VisibleText.line(gate.name)))</b> <em>\(gate.verdict.word)</em>\(reason)\(figures)</li>\n"
    }

    private mutating func write(_ chart: Chart, to output: inout some TextOutputStream) {
        chartCount += 1
        output.write(
            "<figure>\n<figcaption>\(HTMLText.escaped(VisibleText.line(chart.title)))</figcaption>\n")
        output.write(Self.legend(chart))
        output.write(ChartSVG.element(chart, id: "chart-\(chartCount)") + "\n")
        if let note = chart.note { output.write("<p class=\"note\">\(HTMLText.escaped(note))</p>\n") }
        output.write("<details><summary>Data</summary>\n")
        HTMLTable(chart).write(to: &output)
        output.write("</details>\n</figure>\n")
    }

    /// The names of several lines, each in its colour.
    private static func legend(_ chart: Chart) -> String {
        guard case .line(let line) = chart.content, line.series.count > 1 else { return "" }
        let items = line.series.enumerated().map { index, series in
            "<li class=\"s\(index % 6 + 1)\">\(HTMLText.escaped(VisibleText.line(series.name ?? "")))</li>"
        }
        return "<ul class=\"legend\">\(items.joined())</ul>\n"
    }

    private func write(_ metrics: [Document.Metric], to output: inout some TextOutputStream) {
        let columns = MetricTable.columns(metrics)
        output.write(
            "<div class=\"wide\"><table class=\"metrics\">\n<thead><tr><th scope=\"col\">metric</th>")
        for column in columns { output.write("<th scope=\"col\" class=\"r\">\(column.rawValue)</th>") }
        output.write("</tr></thead>\n<tbody>\n")
        for metric in metrics {
            let cells = columns.map { "<td class=\"r\">\(Self.cell(metric, $0))</td>" }.joined()
            output.write(
                "<tr><th scope=\"row\">\(HTMLText.breakable(VisibleText.line(metric.label ?? metric.name)))</th>\(cells)</tr>\n"
            )
        }
        output.write("</tbody>\n</table></div>\n")
        for method in MetricTable.methods(metrics) {
            output.write("<p class=\"note\">\(HTMLText.escaped(VisibleText.line(method)))</p>\n")
        }
    }
    private static func cell(_ metric: Document.Metric, _ column: MetricTable.Column) -> String {
        guard let text = column.text(metric) else {
            return column == .value ? "<b>\(HTMLTable.unknown)</b>" : ""
        }
        switch (column, metric.value) {
        case (.value, .some(let value)): return "<b>\(HTMLTable.number(value, text))</b>"
        case (.interval, _):
            let digits = [metric.low, metric.high].map { $0?.description ?? "" }.joined(separator: " … ")
            return "<span title=\"\(digits)\">\(HTMLText.escaped(text))</span>"
        default: return text
        }
    }
}
