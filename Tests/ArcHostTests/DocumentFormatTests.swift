import ArcKit
import Foundation
import LuaBridge
import Postgres
import Testing

@testable import ArcHost

@Suite("A document in every format")
struct DocumentFormatTests {
    private static let texts = ExampleDocument.hostile + (0..<60).map { ExampleDocument.mixture(UInt64($0)) }

    // MARK: - Agreement

    @Test("all formats have the same figures, those that programs read with every digit")
    func agreement() throws {
        var document = Document(report: "r", title: "Figures")
        let values: [Double] = [
            0.1 + 0.2, 1 / 3, Double.leastNonzeroMagnitude, 1.7976931348623157e308, -0.5, 0, 123_456_789.123,
        ]
        for (index, value) in values.enumerated() {
            var metric = Document.Metric(name: "m\(index)")
            (metric.value, metric.low, metric.high) = (value, value, value)
            document.add(.metric(metric))
            var gate = Document.Gate(name: "g\(index)", verdict: .pass)
            gate.value = value
            document.add(.gate(gate))
            var found = Document.Case(name: "c\(index)", outcome: .passed)
            found.seconds = abs(value)
            document.add(.cases([found]))
        }
        document.add(
            .table(
                Document.TableBlock(
                    name: "t",
                    data: Table(columns: [Table.Column("v", .right)], rows: values.map { [.real($0)] }))))
        let json = try JSON.parse(document.jsonText)
        let csv = Dictionary(
            document.csvParts.map { part in
                var text = ""
                part.write(to: &text)
                return (
                    part.name,
                    text.split(separator: "\n").map {
                        $0.split(separator: ",", omittingEmptySubsequences: false)
                    }
                )
            }
        ) { first, _ in first }
        let junit = try #require(XMLTree.parse(document.text(.junit)))
        let html = document.text(.html)
        for (index, value) in values.enumerated() {
            #expect(json.table?["metrics"].table?["m\(index)"].table?["value"].numberValue == value)
            #expect(json.table?["gates"].table?[index + 1].table?["value"].numberValue == value)
            #expect(
                json.table?["tables"].table?[1].table?["rows"].table?[index + 1].table?[1].numberValue
                    == value)
            #expect(csv["metrics"].flatMap { Double($0[index + 1][1]) } == value)
            #expect(csv["gates"].flatMap { Double($0[index + 1][5]) } == value)
            #expect(csv["t"].flatMap { Double($0[index + 1][0]) } == value)
            let property = junit.all("property").first { $0.attributes["name"] == "metric.m\(index)" }
            #expect(property?.attributes["value"].flatMap(Double.init) == value)
            let test = junit.all("testcase").first { $0.attributes["name"] == "c\(index)" }
            #expect(test?.attributes["time"].flatMap(Double.init) == abs(value))
            let digits = Cell.real(value).exact
            #expect(html.contains("\"\(digits)\"") || html.contains(">\(digits)<"), "\(digits)")
        }
    }

    @Test(
        "a number without an exponent reads back as the same",
        arguments: [
            1e-7, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 1.5e16, 123e18, 0.001, 42, -2.5e-10,
            1e21, 0,
        ])
    func plainDigits(_ value: Double) throws {
        let digits = try #require(value.plainDigits)
        #expect(Double(digits) == value && !digits.lowercased().contains("e"))
        #expect(Double.nan.plainDigits == nil && Double.infinity.plainDigits == nil)
    }

    // MARK: - Hostile texts

    /// A text without the marks that join the character before them: parsers go by scalars, Swift's Characters don't.
    private static func parted(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { !$0.properties.isGraphemeExtend && $0 != "\u{200D}" }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Whether a text has nothing that isn't seen, beside its line ends.
    private func hidden(_ text: String, but allowed: Set<Unicode.Scalar> = ["\n"]) -> [String] {
        text.unicodeScalars.filter { VisibleText.isHidden($0) && !allowed.contains($0) }
            .prefix(3).map { String($0.value, radix: 16) }
    }

    @Test("nothing that a terminal acts on, or that reorders text, is in any format", arguments: texts)
    func visible(_ text: String) {
        let document = ExampleDocument.everywhere(text)
        for format in DocumentFormat.allCases {
            let written = document.text(format)
            #expect(hidden(written, but: format == .junit ? ["\n", "\t"] : ["\n"]) == [], "\(format)")
        }
        for width in [1, 20, 80, 200] {
            var options = TableOptions()
            (options.width, options.terminal) = (width, true)
            #expect(hidden(document.text(.terminal, options)) == [])
        }
        #expect(hidden(document.githubAnnotations) == [])
    }

    @Test("HTML holds no element and no attribute but its own, and each is closed", arguments: texts)
    func html(_ text: String) throws {
        let page = Self.parted(ExampleDocument.everywhere(text).text(.html))
        #expect(page.components(separatedBy: "<script").count == 2)
        #expect(page.components(separatedBy: "<style").count == 2)
        var rest = page[...]
        var open: [String] = []
        var faults: [String] = []
        let attributes: Set<String> = [
            "lang", "charset", "scope", "http-equiv", "content", "name", "class", "id", "title", "value",
            "href",
            "rel",
            "viewBox", "role", "aria-labelledby", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d",
            "width",
            "height", "text-anchor", "fill-opacity",
        ]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...]
            if rest.hasPrefix("<!DOCTYPE html>") {
                rest = rest.dropFirst(15)
                continue
            }
            guard let tag = rest.prefixMatch(of: /<(\/?)([a-z0-9]+)((?: [A-Za-z0-9-]+="[^"<>]*")*)(\/?)>/)
            else {
                faults.append(String(rest.prefix(60)))
                break
            }
            let name = String(tag.2)
            for attribute in tag.3.matches(of: /\ ([A-Za-z0-9-]+)="([^"]*)"/) {
                if !attributes.contains(String(attribute.1)) { faults.append(String(attribute.0)) }
                if attribute.1 == "href", !attribute.2.hasPrefix("#"), attribute.2.contains("script") {
                    faults.append(String(attribute.0))
                }
            }
            rest = rest[tag.range.upperBound...]
            if ["meta", "wbr"].contains(name) || !tag.4.isEmpty { continue }
            if tag.1.isEmpty {
                open.append(name)
            } else if open.popLast() != name {
                faults.append("</\(name)>")
            }
            // What stands in these is no markup.
            if tag.1.isEmpty, name == "script" || name == "style", let end = rest.range(of: "</\(name)>") {
                rest = rest[end.lowerBound...]
            }
        }
        #expect(faults == [] && open == [])
    }

    @Test(
        "Markdown holds no markup but its own, and each row of a table as many cells as its head",
        arguments: texts)
    func markdown(_ text: String) {
        for format in [DocumentFormat.markdown, .github] {
            let lines = Self.parted(ExampleDocument.everywhere(text).text(format)).split(separator: "\n")
            var bars = 0
            for (index, line) in lines.enumerated() {
                let plain = line.replacing("<details><summary>", with: "").replacing("</summary>", with: "")
                    .replacing("</details>", with: "").replacing("<br>", with: "")
                #expect(!plain.contains("<"), "\(line.prefix(80))")
                guard line.hasPrefix("| ") else { continue }
                let count = line.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" }
                let isHead = index + 1 < lines.count && lines[index + 1].hasPrefix("| ---")
                if isHead || index == 0 { bars = count }
                #expect(count == bars, "\(line.prefix(80))")
            }
        }
    }

    @Test("CSV reads back, with as many fields in each row and none that begins a formula", arguments: texts)
    func csv(_ text: String) {
        for part in ExampleDocument.everywhere(text).csvParts {
            var written = ""
            part.write(to: &written)
            let rows = Self.rows(Self.parted(written))
            #expect(Set(rows.map(\.count)).count == 1, "\(part.name.prefix(20))")
            for field in rows.joined() where Double(field) == nil {
                #expect(!"=+-@\t\r\n＝＋－＠".contains(field.first ?? " "), "\(field.prefix(20))")
            }
        }
    }

    /// The fields of RFC 4180.
    private static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = [[]]
        var field = ""
        var isQuoted = false
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            switch (scalar, isQuoted) {
            case ("\"", true) where next == "\"":
                field.unicodeScalars.append("\"")
                next = scalars.next()
            case ("\"", _): isQuoted.toggle()
            case (",", false):
                rows[rows.count - 1].append(field)
                field = ""
            case ("\n", false):
                rows[rows.count - 1].append(field)
                field = ""
                rows.append([])
            default: field.unicodeScalars.append(scalar)
            }
        }
        return Array(rows.dropLast())
    }

    @Test("JSON is by the published schema, and gives every text back as it was", arguments: texts)
    func json(_ text: String) throws {
        let document = ExampleDocument.everywhere(text)
        let written = document.jsonText
        #expect(try JSONSchema("document.json").faults(of: written) == [])
        let object = try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String: Any]
        #expect((object?["title"] as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
        #expect((object?["cases"] as? [Any])?.count == 4 && (object?["charts"] as? [Any])?.count == 6)
        #expect((object?["tables"] as? [Any])?.count == 2 && (object?["gates"] as? [Any])?.count == 3)
    }

    @Test(
        "JUnit is by Jenkins' rules: well-formed, counted, never failed and in error at once",
        arguments: texts)
    func junit(_ text: String) throws {
        let written = ExampleDocument.everywhere(text).text(.junit)
        #expect(JUnitRules.faults(of: written) == [])
        let cases = try #require(XMLTree.parse(written)).all("testcase")
        #expect(cases.count == 4 + 3 + 1)
        #expect(cases.prefix(4).allSatisfy { $0.attributes["name"]?.hasSuffix(", trial 2") == true })
        #expect(
            cases.prefix(7).suffix(3).map { $0.children.first?.name } == ["system-out", "failure", "error"])
    }

    @Test("JUnit of a document without cases or gates is a suite without tests")
    func emptyJUnit() {
        let written = Document(report: "r", title: "t").text(.junit)
        #expect(JUnitRules.faults(of: written) == [] && written.contains("<testsuite name=\"r\" tests=\"0\""))
    }

    // MARK: - GitHub

    @Test(
        "annotations are commands, ten at most: the verdict, what is missing, errors, failures",
        arguments: texts)
    func annotations(_ text: String) {
        var document = ExampleDocument.everywhere(text)
        for index in 0..<30 {
            document.add(.cases([.init(name: "\(text) \(index)", outcome: index < 20 ? .failed : .error)]))
        }
        let lines = Self.parted(document.githubAnnotations).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .dropLast()
        #expect(lines.count == 10)
        for line in lines {
            #expect(
                line.wholeMatch(of: /::(error|warning|notice) (file=[^:,\n]*,)?title=[^:,\n]*::[^\n]*/)
                    != nil,
                "\(line.prefix(100))")
            #expect(
                !line.contains("%") || line.matches(of: /%(25|0A|3A|2C)/).count == line.count { $0 == "%" })
        }
    }

    @Test("no line of Markdown is a workflow command, which GitHub would find in a job's log")
    func commands() {
        let document = ExampleDocument.everywhere("::error::x\n ::stop-commands::y\r\n\t::debug::z")
        for line in document.text(.markdown).split(separator: "\n") {
            #expect(!line.drop(while: \.isWhitespace).hasPrefix("::"), "\(line.prefix(100))")
        }
    }

    @Test("the verdict comes first, and a document without gates or failures has no annotation")
    func annotationOrder() {
        var document = Document(report: "r", title: "Nightly")
        #expect(document.githubAnnotations == "")
        document.add(.gate(.init(name: "cost", verdict: .fail, reason: "too dear")))
        var found = Document.Case(name: "a", outcome: .failed)
        (found.file, found.line, found.message) = ("tests/a,b.lua", 3, "50 %\nof it")
        document.add(.cases([found, .init(name: "b", outcome: .error), .init(name: "c", outcome: .passed)]))
        #expect(
            document.githubAnnotations == """
                ::error title=Nightly::Failed: 1 gate, 1 failed%0A✗ cost: failed: too dear
                ::error title=b::error
                ::error file=tests/a%2Cb.lua,line=3,title=a::50 %25%0Aof it

                """)
    }

    @Test("a step's summary is below GitHub's limit, whatever is in it, and says what was left out")
    func summary() {
        var document = Document(report: "r", title: "Long")
        document.addHeading("Gates")
        document.add(.gate(.init(name: "g", verdict: .fail)))
        document.addHeading("All")
        let rows = (0..<30_000).map {
            [Cell.text("scenario \($0)"), .text(String(repeating: "x", count: 40))]
        }
        let data = Table(columns: [Table.Column("a"), Table.Column("b")], rows: rows)
        document.add(.table(Document.TableBlock(name: "all", title: "All runs", data: data)))
        document.addHeading("Last")
        document.add(.text("The end."))
        let summary = document.githubSummary()
        #expect(summary.utf8.count < Document.summaryLimit)
        #expect(summary.contains("Left out: the table “All runs” (30,000 rows)."))
        #expect(summary.contains("**g**") && summary.contains("The end.") && !summary.contains("## All"))
        let everywhere = ExampleDocument.everywhere(String(repeating: "<", count: 5000))
        for limit in [0, 5000, 10_000, 50_000, 200_000, 1_000_000] {
            #expect(everywhere.githubSummary(limit: limit).utf8.count <= max(limit, 4096), "\(limit)")
        }
    }

    // MARK: - Charts

    private static let extremes: [Double] = [
        0, 1, -1, 0.1, 1e-300, Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude, 1e300,
        .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        1e15 + 0.5,
        1.0.nextUp, 3,
    ]

    /// Values between which no double lies, and half of which is nothing.
    private static let least: [Double] = [0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 0]

    @Test("every chart is drawn in every format and at every width, whatever its values", arguments: 0..<48)
    func charts(_ seed: Int) throws {
        var document = Document(report: "r", title: "t")
        let count = [0, 1, 2, 3, 7, 70][seed % 6]
        let pool = seed < 40 ? Self.extremes : Self.least
        func value(_ index: Int) -> Double { pool[(seed * 7 + index * (seed % 5 + 1)) % pool.count] }
        let known = (0..<count).map(value)
        let values = (0..<count).map { ($0 + seed) % 4 == 3 ? nil : value($0) }
        let positions = Set(known).sorted()
        let axes = [
            Chart.Axis(kind: .number, positions: positions, labels: positions.map(\.description)),
            Chart.Axis(
                kind: .time, positions: positions.indices.map { Double($0) * 86_400 * Double(seed) + 1e9 },
                labels: positions.map { _ in "2001" }),
        ]
        var contents: [Chart.Content] = axes.map { axis in
            let some = Array(values.prefix(positions.count))
            let series = Chart.Series(name: nil, values: some, low: some, high: some.reversed())
            let marks =
                positions.isEmpty ? [] : [Chart.Mark(position: axis.positions[0], place: "p", label: nil)]
            return .line(Chart.Line(axis: axis, series: [series], marks: marks))
        }
        contents += [
            .bar(
                values.indices.map {
                    .init(label: "b\($0)", value: values[$0], low: known[$0], high: value($0 + 1))
                }),
            .histogram(Chart.Histogram(known)), .histogram(Chart.Histogram(known, bins: seed + 1)),
            .box([Chart.Box("a", known), Chart.Box("b", known.reversed() + [7])].compactMap(\.self)),
            .heatmap(.init(rows: ["a", "b"], columns: known.map(\.description), values: [values, values])),
            .sparkline(values),
        ]
        for content in contents {
            for unit in [nil, "ratio", "usd", "ms", "tokens", "score", "furlongs"] {
                var chart = Chart(name: "c", title: "t", content: content)
                chart.unit = unit
                document.add(.chart(chart))
            }
        }
        for format in DocumentFormat.allCases { #expect(!document.text(format).isEmpty || format == .csv) }
        #expect(try JSONSchema("document.json").faults(of: document.jsonText) == [])
        let page = document.text(.html)
        for match in page.matches(of: /\ (?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)="([^"]*)"/) {
            #expect(Double(match.1) != nil && !match.1.contains("e"), "\(match.0)")
        }
        for match in page.matches(of: /\ d="([^"]*)"/) {
            #expect(match.1.allSatisfy { "MLZ-. 0123456789".contains($0) }, "\(match.1.prefix(50))")
        }
        for width in [1, 17, 80, 300] {
            var options = TableOptions()
            options.width = width
            for line in document.text(.terminal, options).split(separator: "\n") where width >= 80 {
                #expect(DisplayWidth.of(line) <= max(width, 100), "\(line)")
            }
        }
    }

    @Test("the ticks of a scale hold all values between them, and are few")
    func scale() {
        for low in Self.extremes {
            for high in Self.extremes where low <= high {
                let scale = ChartScale([low, high])
                #expect(scale.low <= low && scale.high >= high || low == high, "\(low) \(high)")
                #expect((2...24).contains(scale.ticks.count), "\(low) \(high): \(scale.ticks)")
                #expect(scale.share(low) >= 0 && scale.share(high) <= 1)
                for tick in scale.ticks { #expect(!scale.text(tick, Quantity(unit: "ms")).isEmpty) }
            }
        }
        #expect(
            ChartScale([0, 1]).ticks.map { ChartScale([0, 1]).text($0, Quantity(unit: "ratio")) } == [
                "0 %", "20 %", "40 %", "60 %", "80 %", "100 %",
            ])
    }

    @Test("a terminal shows each kind of chart with characters")
    func drawings() throws {
        func drawing(_ content: Chart.Content, _ unit: String? = nil) -> String {
            var chart = Chart(name: "c", title: "t", content: content)
            chart.unit = unit
            return ChartTerminal(chart, width: 60).lines.joined(separator: "\n")
        }
        let axis = Chart.Axis(kind: .category, positions: [1, 2, 3], labels: ["Mon", "Tue", "Wed"])
        let line = drawing(
            .line(
                .init(
                    axis: axis,
                    series: [
                        .init(
                            name: nil, values: [0.9, 0.8, 0.2], low: [0.8, 0.7, 0.1], high: [1, 0.9, 0.3])
                    ],
                    marks: [.init(position: 3, place: "Wed", label: "change point")])), "ratio")
        #expect(
            line.contains("100 % ┤") && line.contains("░") && line.contains("Mon")
                && line.contains("Wed: change point"))
        #expect(line.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
        let bars = drawing(
            .bar([.init(label: "a", value: 0.5, low: 0.25, high: 0.75), .init(label: "b", value: nil)]))
        #expect(
            bars.contains("█") && bars.contains("├") && bars.contains("┤")
                && bars.contains(" 0.5 (0.25 … 0.75)")
                && bars.contains("not known"))
        #expect(drawing(.histogram(Chart.Histogram([1, 2, 2, 3], bins: 2))).contains("1 … 2 │"))
        #expect(drawing(.box([try #require(Chart.Box("a", [1, 2, 3, 50]))])).contains("┃"))
        #expect(drawing(.heatmap(.init(rows: ["r"], columns: ["x", "y"], values: [[0, 1]]))).contains("█"))
        #expect(drawing(.sparkline([1, 2, nil, 8])) == "▁▂ █  1 … 8, last 8")
    }

    @Test("docs/schemas/document.json is what arc prints")
    func schema() throws {
        let path = TestHost.package + "/docs/schemas/document.json"
        #expect(try String(contentsOfFile: path, encoding: .utf8) == Document.schema)
    }

    @Test("what is missing is told in every format that has words for it")
    func missing() {
        var document = Document(report: "r", title: "t")
        document.missing = [.init(source: "plugin x, metric y", reason: "it returned nan")]
        for format in DocumentFormat.allCases where format != .csv {
            let text = document.text(format).replacing("\\_", with: "_")
            #expect(text.contains("plugin x, metric y") && text.contains("it returned nan"), "\(format)")
        }
        #expect(
            document.githubAnnotations.hasPrefix(
                "::error title=t%3A incomplete::plugin x, metric y: it returned nan"))
    }

    @Test("a page leads from a table to the case that a value names")
    func caseLinks() throws {
        var document = Document(report: "r", title: "t")
        let data = Table(columns: [Table.Column("scenario")], rows: [[.text("b")], [.text("z")]])
        let column = { () -> Document.TableBlock.Column in
            var column = Document.TableBlock.Column(name: "scenario", alignment: .left)
            column.namesCases = true
            return column
        }()
        document.add(.table(try .init(name: "t", frame: Frame(data), columns: [column])))
        document.add(.cases([.init(name: "a", outcome: .passed), .init(name: "b", outcome: .failed)]))
        let page = document.text(.html)
        #expect(
            page.contains("<a href=\"#case-2\" rel=\"noreferrer\">b</a>")
                && page.contains("<li id=\"case-2\""))
        #expect(page.contains("<td>z</td>"))
    }
}
