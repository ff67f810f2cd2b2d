import ArcHost
import Postgres
import TestServer
import Testing

@Suite("Rows written as they come")
struct RowWriterTests {
    private static let sql = """
        select n as "n, with a comma", case when n % 3 > 0 then n * 0.1::float8 end as n, n % 2 = 0 as " ", \
        (array['', 'plain', 'a "quoted"', 'x,y', E'two\\nlines', ' led', 'trailing ', 'ä日🦉', E'\\t\\x1B[31m', \
        '=1+1', E'back\\\\slash', null])[1 + n % 12] as t, n * 1.10 as x, 'NaN'::float8 as w, \
        jsonb_build_object('k', n, 'e', array['"']) as j, E'{"a":\\n 1}'::json as raw, array[n, null] as a, \
        md5(n::text)::uuid as id, timestamptz 'epoch' + n * interval '1 h' as at, '12:30+01'::timetz as z, \
        B'101' as bits, '\\x00ff'::bytea as b from generate_series(1, $1::int) as n
        """

    @Test(
        "are what a table of all of them is",
        arguments: [TableFormat.csv, .jsonl, .json], [0, 1, 40])
    func same(_ format: TableFormat, _ rows: Int64) async throws {
        for cache in [200, 0] {
            let connection = try await Connection.connect(
                try await TestServer.shared.options(), settings: .init(statementCacheSize: cache))
            for (terminal, guards) in [(false, false), (true, false), (false, true)] {
                var options = TableOptions()
                (options.terminal, options.guardsFormulas) = (terminal, guards)
                let writer = try #require(RowWriter(format, options))
                let streamed = try await connection.streamed(Self.sql, [.int(rows)], into: writer) {
                    $0.add($1)
                }
                var written = streamed.value
                written.begin(streamed.summary.columns.map(\.name))
                written.end()
                let whole = Frame(try await connection.query(Self.sql, [.int(rows)])).table
                #expect(String(decoding: written.bytes, as: UTF8.self) == whole.text(format, options))
            }
        }
    }

    @Test("need a format that doesn't look ahead", arguments: [TableFormat.table, .expanded, .markdown])
    func whole(_ format: TableFormat) { #expect(RowWriter(format) == nil) }

    @Test("of one column never give an empty line in CSV")
    func emptyLines() {
        var writer = RowWriter(.csv)
        writer?.begin([""])
        for cell in [Cell.null, .text(""), .text("x")] { writer?.add([cell]) }
        #expect(writer.map { String(decoding: $0.bytes, as: UTF8.self) } == "\"\"\n\"\"\n\"\"\nx\n")
    }
}
