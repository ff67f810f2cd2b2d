import ArcKit
import FoundationEssentials
import Testing

@testable import ArcHost

@Suite("A page of a document as people look at it")
struct DocumentPageTests {
    @Test("differences are percentage points in tables and charts of every format that people read")
    func differences() async throws {
        let document = try await DocumentModelTests.document(
            """
            doc:table({ { tag = "a", change = -0.2, p = 1e-9, u = "ratio" }, { tag = "b", change = 3, p = 0.5 } }, {
              columns = { "tag", { name = "change", units = "u", difference = true }, { name = "p", unit = "p", decimals = 4 } } })
            doc:chart { kind = "bar", title = "Change", unit = "ratio", difference = true,
              labels = { "a", "b" }, values = { -0.2, 0.1 }, low = { -0.3, 0.05 }, high = { -0.1, 0.15 } }
            """)
        #expect(
            document.tables[0].shown().rows == [
                [.text("a"), .text("-20.0 pp"), .text("<0.0001")],
                [.text("b"), .text("+3"), .text("0.5000")],
            ])
        for text in [document.terminal(), document.markdown, document.text(.html)] {
            #expect(text.contains("-20.0 pp") && text.contains("+10.0 pp"), "\(text)")
            #expect(!text.contains("20.0 %"), "\(text)")
        }
        let page = document.text(.html)
        #expect(page.contains(">-10 pp</text>") && page.contains(">+10 pp</text>"))
        #expect(page.contains("<data value=\"-0.2\">-20.0 pp</data>"))
    }

    @Test("key figures have a column for what is known of one of them at least")
    func columns() async throws {
        let document = try await DocumentModelTests.document(
            """
            doc:metric { name = "cost", unit = "usd", value = 2, n = 3 }
            doc:metric { name = "time" }
            doc:heading("Others")
            doc:metric { name = "rate", unit = "ratio", value = 0.5, n = 3, errors = 1, low = 0.25, high = 0.75 }
            """)
        let metrics = document.metrics
        #expect(MetricTable.people(Array(metrics.prefix(2))).columns.map(\.name) == ["metric", "value", "n"])
        #expect(
            MetricTable.people(metrics).columns.map(\.name) == [
                "metric", "value", "95 % interval", "n", "errors",
            ])
        let page = document.text(.html)
        #expect(
            page.contains(
                "<tr><th scope=\"row\">cost</th><td class=\"r\"><b><data value=\"2.0\">$2.00</data></b></td><td class=\"r\">3</td></tr>"
            ), "\(page)")
        #expect(page.components(separatedBy: ">95 % interval</th>").count == 2)
    }

    @Test("the data of a chart stands below it in its unit, with every digit for those who want them")
    func data() async throws {
        let document = try await DocumentModelTests.document(
            """
            doc:chart { kind = "line", title = "Rate", unit = "ratio", x = { 1, 2 }, y = { 1 / 3, arc.null } }
            doc:chart { kind = "heatmap", title = "Heat", unit = "ratio", rows = { "r" }, columns = { "count" },
              grid = { { 0.25 } } }
            """)
        let page = document.text(.html)
        #expect(page.contains("<data value=\"0.3333333333333333\">33.3 %</data>"))
        // Where a point is has another unit, or none.
        #expect(page.contains("<data value=\"1.0\">1</data>") && !page.contains("100.0 %"))
        #expect(page.contains("<data value=\"0.25\">25.0 %</data>"))
        #expect(document.markdown.contains("| 1 | 33.3 % |") && document.markdown.contains("| r | 25.0 % |"))
    }

    @Test("in a table a word stays whole, unless it is a long one, which ends between its parts")
    func words() {
        #expect(HTMLText.breakable("flight_rebook_missed & co") == "flight_rebook_missed &amp; co")
        #expect(
            HTMLText.breakable("a tool_that_has_a_very_long_name_indeed ok")
                == "a tool_that_<wbr>has_a_very_<wbr>long_name_<wbr>indeed ok")
        let long = String(repeating: "x", count: 100)
        #expect(
            HTMLText.breakable(long).components(separatedBy: "<wbr>").map(\.count) == [24, 24, 24, 24, 4])
        for text in ExampleDocument.hostile {
            #expect(HTMLText.breakable(text).replacing("<wbr>", with: "") == HTMLText.escaped(text))
        }
    }

    @Test("the interval of a point that stands alone is drawn, as there is no band there")
    func alone() {
        func drawing(_ values: [Double?], _ low: [Double?], _ high: [Double?]) -> String {
            let places = values.indices.map { Double($0 + 1) }
            let axis = Chart.Axis(kind: .category, positions: places, labels: places.map { "day \(Int($0))" })
            let series = Chart.Series(name: nil, values: values, low: low, high: high)
            let chart = Chart(
                name: "c", title: "c", content: .line(.init(axis: axis, series: [series], marks: [])))
            return ChartSVG.element(chart, id: "c")
        }
        let one = drawing([0.5], [0.25], [0.75])
        #expect(one.contains("<path class=\"interval\""))
        // Its name stands below it.
        #expect(one.contains("text-anchor=\"middle\">day 1</text>"))
        let moment = AxisTicks(Chart.Axis(kind: .time, positions: [1_772_841_600], labels: ["2026-03-07"]))
        #expect(moment.ticks.map(\.text) == ["2026-03-07"])
        #expect(!drawing([0.5, 0.6], [0.25, 0.5], [0.75, 0.8]).contains("class=\"interval\""))
        let gap = drawing([0.5, nil, 0.6, 0.6], [0.25, nil, 0.5, 0.5], [0.75, nil, 0.7, 0.7])
        #expect(gap.components(separatedBy: "class=\"interval\"").count == 2)
    }
}
