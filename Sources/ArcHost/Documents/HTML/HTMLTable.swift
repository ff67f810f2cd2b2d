/// A table of a page. Its rows are there without a script; with one, a click on a heading sorts them.
struct HTMLTable {
    private let title: String?
    private let note: String?
    private let columns: [Document.TableBlock.Column]
    private let count: Int
    private let cell: (Int, Int) -> (exact: Cell, shown: Cell)
    private let address: (Int, Int) -> String?

    /// - Parameter casePlaces: which case of the page has a name.
    init(_ table: Document.TableBlock, casePlaces: [String: Int]) {
        title = table.title
        note = table.note
        columns = table.columns
        count = table.count
        cell = { (table.cell($0, $1), table.shown($0, $1)) }
        address = { row, column in
            if table.columns[column].namesCases, let place = casePlaces[table.cell(row, column).exact] {
                return "#case-\(place + 1)"
            }
            return table.columns[column].link == nil ? nil : table.address(row, column)
        }
    }

    /// The data of a chart.
    init(_ chart: Chart) {
        let (table, shown) = (chart.table, chart.shownTable)
        (title, note) = (nil, nil)
        columns = table.columns.map { .init(name: $0.name, alignment: $0.alignment) }
        count = table.rows.count
        cell = { (table.rows[$0][$1], shown.rows[$0][$1]) }
        address = { _, _ in nil }
    }

    func write(to output: inout some TextOutputStream) {
        output.write("<div class=\"wide\(count > 200 ? " long" : "")\"><table class=\"sorts\">\n")
        if let title { output.write("<caption>\(HTMLText.escaped(VisibleText.line(title)))</caption>\n") }
        output.write("<thead><tr>")
        for column in columns {
            let side = column.alignment == .right ? " class=\"r\"" : ""
            output.write(
                "<th scope=\"col\"\(side)>\(HTMLText.breakable(VisibleText.line(column.heading)))</th>")
        }
        output.write("</tr></thead>\n<tbody>\n")
        for row in 0..<count {
            var line = "<tr>"
            for column in columns.indices {
                line += columns[column].alignment == .right ? "<td class=\"r\">" : "<td>"
                line += content(row, column)
                line += "</td>"
            }
            line += "</tr>\n"
            output.write(line)
        }
        output.write("</tbody>\n</table></div>\n")
        if let note { output.write("<p class=\"note\">\(HTMLText.escaped(note))</p>\n") }
    }

    private func content(_ row: Int, _ column: Int) -> String {
        let (exact, shown) = cell(row, column)
        let text: String
        switch exact {
        case .null: text = Self.unknown
        case .integer(let number):
            let digits = String(number)
            let display = shown == exact ? digits : shown.display
            text = digits == display ? digits : Self.data(digits, display)
        case .real(let number): text = Self.number(number, shown.display)
        case .decimal(let digits): text = digits == shown.display ? digits : Self.data(digits, shown.display)
        default: text = HTMLText.breakable(shown.display)
        }
        guard let address = address(row, column) else { return text }
        return "<a href=\"\(HTMLText.escaped(address))\" rel=\"noreferrer\">\(text)</a>"
    }

    /// What isn't known: nothing is shown, and nothing sorts before it.
    static let unknown = "<i>∅</i>"

    /// A number as people read it, with all of its digits for those who want them.
    static func number(_ number: Double, _ display: String) -> String {
        let digits = Cell.real(number).exact
        return digits == display ? digits : data(digits, display)
    }

    private static func data(_ digits: String, _ display: String) -> String {
        "<data value=\"\(digits)\">\(HTMLText.escaped(display))</data>"
    }
}

/// The cases of a page, those that went wrong first; those that passed are folded away where there are many.
struct HTMLCases {
    private let cases: [(place: Int, found: Document.Case)]

    /// - Parameter first: how many cases the page has before these.
    init(_ cases: [Document.Case], first: Int) {
        self.cases = cases.enumerated().map { (first + $0, $1) }
    }

    func write(to output: inout some TextOutputStream) {
        output.write("<p class=\"counts\">\(CaseList.counts(cases.map(\.found)))</p>\n")
        let order: [Document.Case.Outcome] = [.error, .failed, .skipped]
        let wrong = order.flatMap { outcome in cases.filter { $0.found.outcome == outcome } }
        let passed = cases.filter { $0.found.outcome == .passed }
        if !wrong.isEmpty { write(wrong, to: &output) }
        guard !passed.isEmpty else { return }
        output.write("<details><summary>\(Figure.count(passed.count)) passed</summary>\n")
        write(passed, to: &output)
        output.write("</details>\n")
    }

    private func write(_ cases: [(place: Int, found: Document.Case)], to output: inout some TextOutputStream)
    {
        output.write("<ul class=\"cases\(cases.count > 200 ? " long" : "")\">\n")
        for (place, found) in cases {
            let time =
                found.seconds.map {
                    " <small>\(HTMLTable.number($0, Figure.duration(milliseconds: $0 * 1000)))</small>"
                } ?? ""
            let message = found.message.map { " <span>\(HTMLText.escaped($0))</span>" } ?? ""
            let details = found.details.map { "<pre>\(HTMLText.escaped($0))</pre>" } ?? ""
            output.write(
                "<li id=\"case-\(place + 1)\" class=\"\(found.outcome.rawValue)\"><b>\(HTMLText.escaped(VisibleText.line(found.title)))</b> <em>\(found.outcome.rawValue)</em>\(time)\(message)\(details)</li>\n"
            )
        }
        output.write("</ul>\n")
    }
}
