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
        let scenarios = ["rebook_after_cancelled", "refund", "upgrade"]
        let table = Table(
            columns: sample.columns, rows: scenarios.map { [.text($0), .real(0.42), .integer(1500)] },
            total: 12_345)
        #expect(
            Self.text(table, width: 38, rows: 2) == """
                 scenario         │ score │ time (ms)\u{20}
                ──────────────────┼───────┼───────────
                 rebook_after_ca… │  0.42 │      1500\u{20}
                 refund           │  0.42 │      1500\u{20}
                2 of 12,345 rows, 1 cell shortened. See \\x.

                """)
    }

    private static func text(_ table: Table, width: Int, rows: Int? = nil) -> String {
        var options = TableOptions()
        options.width = width
        options.rowLimit = rows
        options.rest = "See \\x."
        return table.text(.table, options)
    }

    @Test("headings are broken at their underscores before anything is cut")
    func brokenHeadings() {
        let table = Table(
            columns: [
                Table.Column("scenario_id"), Table.Column("completed_runs", .right),
                Table.Column("p95_latency", .right, unit: "ms"),
            ],
            rows: [[.text("airline-1"), .integer(3), .integer(1500)], [.text("b"), .integer(12), .null]])
        #expect(
            Self.text(table, width: 34) == """
                           │            │    p95_\u{20}
                 scenario_ │ completed_ │ latency\u{20}
                 id        │       runs │    (ms)\u{20}
                ───────────┼────────────┼─────────
                 airline-1 │          3 │    1500\u{20}
                 b         │         12 │       ∅\u{20}
                2 rows

                """)
    }

    @Test("what is too wide even so is folded, each part with the first names that tell the rows apart")
    func folded() {
        let columns = [
            Table.Column("agent"), Table.Column("scenario"), Table.Column("first_score", .right),
            Table.Column("second_score", .right),
        ]
        let table = Table(
            columns: columns,
            rows: ["refund", "rebook"].map { [.text("a"), .text($0), .real(0.123456), .real(0.234567)] })
        #expect(
            Self.text(table, width: 32) == """
                 scenario │ agent │ first_score\u{20}
                ──────────┼───────┼─────────────
                 refund   │ a     │    0.123456\u{20}
                 rebook   │ a     │    0.123456\u{20}

                 scenario │ second_score\u{20}
                ──────────┼──────────────
                 refund   │     0.234567\u{20}
                 rebook   │     0.234567\u{20}
                2 rows

                """)
        let same = Table(columns: columns, rows: table.rows + [table.rows[0]])
        #expect(
            Self.text(same, width: 32) == """
                 # │ agent │ scenario\u{20}
                ───┼───────┼──────────
                 1 │ a     │ refund  \u{20}
                 2 │ a     │ rebook  \u{20}
                 3 │ a     │ refund  \u{20}

                 # │ first_score │ second_score\u{20}
                ───┼─────────────┼──────────────
                 1 │    0.123456 │     0.234567\u{20}
                 2 │    0.123456 │     0.234567\u{20}
                 3 │    0.123456 │     0.234567\u{20}
                3 rows

                """)
    }

    @Test("a single row that is too wide is expanded, and so are rows of which a number alone is too wide")
    func expandedInstead() {
        var options = TableOptions()
        options.width = 30
        let row = Table(columns: sample.columns, rows: [sample.rows[0]])
        #expect(row.text(.table, options) == row.text(.expanded, options))
        options.width = 12
        #expect(sample.text(.table, options) == sample.text(.expanded, options))
    }

    @Test("expanded rows show every value whole, over several lines where it is long")
    func expanded() {
        var options = TableOptions()
        options.width = 20
        let table = Table(
            columns: [Table.Column("a"), Table.Column("bcd")],
            rows: [
                [.text("x\ny"), .text("0123456789012345")], [.null, .text("")],
                [.text("all of the words"), .null],
            ])
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
                ── row 3 ───────────
                 a   │ all of the\u{20}
                     │ words
                 bcd │ ∅
                3 rows

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
