import ArcHost
import Testing

private let sample = Table(
    columns: [
        Table.Column("scenario"), Table.Column("score", .right), Table.Column("time", .right, unit: "ms"),
    ],
    rows: [
        [.text("airline-1"), .real(0.42), .integer(1500)],
        [.text("日本"), .null, .decimal("12.50")],
    ])

@Suite("Tables")
struct TablesTests {
    @Test("a table has a ruled heading, numbers on the right, and a count of its rows")
    func aligned() {
        #expect(
            sample.text(.table) == """
                 scenario  │ score │ time (ms)\u{20}
                ───────────┼───────┼───────────
                 airline-1 │  0.42 │      1500\u{20}
                 日本      │     ∅ │     12.50\u{20}
                2 rows

                """)
    }

    @Test("a width shortens the widest text, never a number, and the note says so and how to see the rest")
    func shortened() {
        var options = TableOptions()
        options.width = 26
        options.rowLimit = 1
        options.rest = "See \\x."
        let table = Table(columns: sample.columns, rows: sample.rows, total: 12_345)
        #expect(
            table.text(.table, options) == """
                 sce… │ score │ time (ms)\u{20}
                ──────┼───────┼───────────
                 air… │  0.42 │      1500\u{20}
                1 of 12,345 rows, 2 cells shortened. See \\x.

                """)
    }

    @Test("rows that can't be made narrow enough are expanded")
    func tooNarrow() {
        var options = TableOptions()
        options.width = 20
        #expect(sample.text(.table, options) == sample.text(.expanded, options))
    }

    @Test("expanded rows show every value whole, over several lines where it is long")
    func expanded() {
        var options = TableOptions()
        options.width = 20
        let table = Table(
            columns: [Table.Column("a"), Table.Column("bcd")],
            rows: [[.text("x\ny"), .text("0123456789012345")], [.null, .text("")]])
        #expect(
            table.text(.expanded, options) == """
                ── row 1 ───────────
                 a   │ x
                     │ y
                 bcd │ 0123456789012
                     │ 345
                ── row 2 ───────────
                 a   │ ∅
                 bcd │
                2 rows

                """)
    }

    @Test("JSON keeps numbers exact, names apart, and is nothing but JSON")
    func json() {
        let table = Table(
            columns: ["a", "a", "b", "c", "d"].map { Table.Column($0) },
            rows: [
                [
                    .integer(9_007_199_254_740_993), .decimal("0.10"), .real(.nan), .json("{\"k\":\n[1]}"),
                    .boolean(true),
                ],
                [.null, .decimal("NaN"), .real(1e300), .text("\u{1B}\"\n"), .real(0.1)],
            ])
        #expect(
            table.text(.json) == """
                [
                  {"a": 9007199254740993, "a_2": 0.10, "b": "NaN", "c": {"k": [1]}, "d": true},
                  {"a": null, "a_2": "NaN", "b": 1e+300, "c": "\\u001b\\"\\n", "d": 0.1}
                ]

                """)
        #expect(table.text(.jsonl).split(separator: "\n").count == 2)
    }

    @Test("CSV tells NULL from an empty text, and quotes what needs it")
    func csv() {
        let table = Table(
            columns: [Table.Column("a,b"), Table.Column("n", .right, unit: "ms")],
            rows: [
                [.null, .real(0.1 + 0.2)], [.text(""), .integer(-1)], [.text("x \"y\"\nz"), .null],
                [.text(" s"), .boolean(false)],
            ])
        #expect(
            table.text(.csv) == """
                "a,b",n
                ,0.30000000000000004
                "",-1
                "x ""y""
                z",
                " s",false

                """)
        #expect(Table(columns: [Table.Column("a")], rows: [[.null]]).text(.csv) == "a\n\"\"\n")
    }

    @Test(
        "texts that a spreadsheet would take for formulas get an apostrophe if asked; numbers never",
        arguments: ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
    func formulas(_ text: String) {
        let table = Table(
            columns: [Table.Column("a"), Table.Column("b")], rows: [[.text(text), .integer(-1)]])
        var options = TableOptions()
        #expect(!table.text(.csv, options).contains("'"))
        options.guardsFormulas = true
        #expect(table.text(.csv, options).contains("'" + text))
        #expect(table.text(.csv, options).hasSuffix(",-1\n"))
    }

    @Test("Markdown escapes its markup and has no newline in a cell")
    func markdown() {
        let table = Table(
            columns: [Table.Column("a|b"), Table.Column("n", .right)],
            rows: [[.text("<b>&\n`x` *y* [z] a_b \\"), .real(0.5)], [.null, .null]])
        #expect(
            table.text(.markdown) == """
                | a\\|b | n |
                | --- | ---: |
                | &lt;b>&amp;<br>\\`x\\` \\*y\\* \\[z\\] a\\_b \\\\ | 0.5 |
                |  |  |

                """)
    }

    @Test("no rows and no columns are told in every format")
    func empty() {
        let noRows = Table(columns: [Table.Column("a")], rows: [])
        #expect(noRows.text(.table) == " a \n───\n0 rows\n")
        #expect(noRows.text(.expanded) == "0 rows\n")
        #expect(noRows.text(.json) == "[]\n")
        #expect(noRows.text(.jsonl) == "")
        #expect(noRows.text(.csv) == "a\n")
        #expect(noRows.text(.markdown) == "| a |\n| --- |\n")
        let noColumns = Table(columns: [], rows: [[], []])
        #expect(noColumns.text(.table) == "2 rows\n")
        #expect(noColumns.text(.expanded) == "2 rows\n")
        #expect(noColumns.text(.json) == "[\n  {},\n  {}\n]\n")
        #expect(noColumns.text(.jsonl) == "{}\n{}\n")
        #expect(noColumns.text(.csv) == "")
        #expect(noColumns.text(.markdown) == "")
    }

    @Test("a row with too few or too many cells loses none")
    func ragged() {
        let table = Table(columns: [Table.Column("a")], rows: [[], [.integer(1), .integer(2)]])
        #expect(table.text(.csv) == "a,\n,\n1,2\n")
    }

    @Test("colours go around the texts, and change no width")
    func paint() {
        var options = TableOptions()
        options.paint = { part, text in "<\(part)>\(text)</>" }
        let text = sample.text(.table, options)
        #expect(text.contains("<heading>scenario</>"))
        #expect(text.contains("<null>∅</>"))
        #expect(text.contains("<note>2 rows</>"))
        let plain = ["heading", "rule", "null", "note"].reduce(text) { $0.replacing("<\($1)>", with: "") }
        #expect(plain.replacing("</>", with: "") == sample.text(.table))
    }
}
