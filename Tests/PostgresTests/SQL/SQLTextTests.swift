import SeededRandom
import Testing

@testable import Postgres

@Suite("SQL text")
struct SQLTextTests {
    @Test(
        "statements are split at semicolons that separate",
        arguments: [
            ("select 1; select 2", ["select 1", " select 2"]),
            ("select ';' ; select 'it''s;'", ["select ';' ", " select 'it''s;'"]),
            ("select e'\\';' ; x", ["select e'\\';' ", " x"]),
            ("select \"a;b\"; x", ["select \"a;b\"", " x"]),
            ("select $$a;b$$; select $f$;$$;$f$", ["select $$a;b$$", " select $f$;$$;$f$"]),
            ("select 1 /* ; /* ; */ ; */; -- a;b\nx", ["select 1 /* ; /* ; */ ; */", " -- a;b\nx"]),
            (
                "create rule r as on insert to t do (a; b); x",
                ["create rule r as on insert to t do (a; b)", " x"]
            ),
            (
                "create or replace function f() returns int begin atomic; select case when a then 1 end; end; x",
                [
                    "create or replace function f() returns int begin atomic; select case when a then 1 end; end",
                    " x",
                ]
            ),
            ("begin; commit;", ["begin", " commit", ""]), ("", [""]), ("a$1;b", ["a$1", "b"]),
        ])
    func split(sql: String, expected: [String]) {
        #expect(SQLText.split(sql).map(\.text) == expected)
    }

    @Test("a statement knows its line")
    func lines() {
        let statements = SQLText.split("select 1;\n\n-- two\nselect\n2;\nselect 3")
        #expect(statements.map(\.line) == [1, 4, 6])
        #expect(statements.map(\.isTerminated) == [true, true, false])
        #expect(SQLText.split("a; -- no more\n").map(\.isEmpty) == [false, true])
    }

    @Test(
        "an input is complete when all is closed and a semicolon ends it",
        arguments: [
            ("select 1;", true), ("select 1", false), ("select 1; -- x", true), ("select 'a;", false),
            ("select $$;", false), ("select (1;", false), ("/* x */", false), ("select 1; /* x", false),
            ("select \"a;", false), ("select 1; select 2", false), ("", false),
        ])
    func complete(sql: String, isComplete: Bool) {
        #expect(SQLText.isComplete(sql) == isComplete)
    }

    @Test(
        "the first word tells SQL",
        arguments: [
            ("select 1", true), ("  -- x\n(SELECT 1)", true), ("with a as (select 1) table a", true),
            ("print(1)", false), ("selection = 1", false), ("arc.query('select 1')", false), ("", false),
            ("'select'", false),
        ])
    func starts(text: String, isSQL: Bool) {
        #expect(SQLText.startsLikeSQL(text) == isSQL)
    }

    @Test("any input is taken, and splitting loses nothing")
    func fuzz() {
        var random = SeededGenerator(seed: 2)
        let pieces = [
            "'", "\"", "$", "$$", "$a$", ";", "/*", "*/", "--", "\n", "\\", "e'", "E'", "u&\"", "(", ")", "[",
            "]",
            ":", "::", ":=", ":name", ".", "a", "begin atomic", "create function", "end", "case", "日本",
            "\u{0}",
            " ", "1", "1.5e3", "\r\n", "🦉", "$1",
        ]
        for _ in 0..<20_000 {
            let sql = (0..<Int.random(in: 0...14, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let bytes = Array(sql.utf8)
            let tokens = SQLLexer.tokens(of: bytes)
            #expect(tokens.map { $0.range.count }.reduce(0, +) == bytes.count)
            #expect(tokens.allSatisfy { !$0.range.isEmpty })
            let statements = SQLText.split(sql)
            #expect(statements.map(\.text).joined(separator: ";") == sql)
            _ = SQLText.isComplete(sql)
            _ = SQLText.startsLikeSQL(sql)
            if let named = try? NamedParameters(sql), named.names.isEmpty { #expect(named.sql == sql) }
        }
    }
}

@Suite("Named parameters")
struct NamedParametersTests {
    @Test(
        "names become numbers where they are parameters",
        arguments: [
            ("select :a, :b, :a", "select $1, $2, $1", ["a", "b"]),
            (
                "where id = :sim.id and x=:sim.config.name", "where id = $1 and x=$2",
                ["sim.id", "sim.config.name"]
            ),
            (
                "select ':a', \":a\", $$:a$$ -- :a\n/* :a */", "select ':a', \":a\", $$:a$$ -- :a\n/* :a */",
                []
            ),
            ("select :a::int, x::text", "select $1::int, x::text", ["a"]),
            ("f(a := :b)", "f(a := $1)", ["b"]),
            (
                "select a[1:n], a[i:n], a[f(:x):n], a[:n]", "select a[1:n], a[i:n], a[f($1):n], a[$2]",
                ["x", "n"]
            ),
            ("select a[1:(:n)], a[ : n]", "select a[1:($1)], a[ : n]", ["n"]),
            (
                "array[:a, :b, case when x then :c end]", "array[$1, $2, case when x then $3 end]",
                ["a", "b", "c"]
            ),
            ("limit:n", "limit $1", ["n"]), ("select :1", "select :1", []), ("(:a)", "($1)", ["a"]),
            ("select :größe", "select $1", ["größe"]),
        ] as [(String, String, [String])])
    func rewrite(text: String, sql: String, names: [String]) throws {
        let named = try NamedParameters(text)
        #expect(named.sql == sql)
        #expect(named.names == names)
    }

    @Test("names and numbers don't mix")
    func mixed() {
        #expect(throws: DatabaseError.self) { try NamedParameters("select $1, :a") }
    }

    @Test("a position in the rewritten text leads back to the original")
    func positions() throws {
        let named = try NamedParameters("select :größe + x, limit:nn, y")
        let x = named.sql.unicodeScalars.firstIndex(of: "x").map {
            named.sql.unicodeScalars.distance(from: named.sql.unicodeScalars.startIndex, to: $0) + 1
        }
        #expect(named.originalPosition(x ?? 0) == 17)
        #expect(named.originalPosition(1) == 1)
        #expect(named.originalPosition(8) == 8)
        #expect(named.originalPosition(named.sql.unicodeScalars.count) == 30)
    }
}

@Suite("SQL beside another language")
struct SQLMeaningTests {
    @Test(
        "a whole command of one word, or with a string behind its first word, is nothing but SQL",
        arguments: ["commit;", "  BEGIN ;", "vacuum;", "select 'a';", "select E'a' as b;", "/* x */ end;"])
    func unmistakable(_ text: String) { #expect(SQLText.isUnmistakable(text)) }

    @Test(
        "what could be meant otherwise, or isn't whole, is not",
        arguments: [
            "commit", "select('#', 1);", "values = 1;", "select 1;", "do print(1) end;", "'a';", "select 'a'",
        ])
    func open(_ text: String) { #expect(!SQLText.isUnmistakable(text)) }

    @Test("what a command leaves behind in its session is seen")
    func sessionChanges() {
        for text in [
            "set work_mem = '1MB'", "SET SESSION role x", "reset all", "/* x */ listen news",
            "do $$ begin end $$",
            "create temp table t (a int)", "create local temporary table t (a int)",
            "select 1 into temporary t",
            "create or replace temp view v as select 1", "select pg_advisory_lock(1)",
            "with a as (select set_config('work_mem', '1MB', false)) select * from a", "discard all",
            "prepare p as select 1", "declare c cursor with hold for select 1",
        ] {
            #expect(SQLText.changesSession(text), "\(text)")
        }
        for text in [
            "", "select 1", "set local work_mem = '1MB'", "set transaction read only",
            "set constraints all deferred",
            "update t set a = 1", "select temp from weather", "select 'set_config'",
            "create table t (temp int)",
            "select pg_advisory_xact_lock(1)", "-- set x\nselect 1",
        ] {
            #expect(!SQLText.changesSession(text), "\(text)")
        }
    }

    @Test("commands that control a transaction are told by their first word")
    func control() {
        for text in ["begin", "-- x\nCOMMIT", "rollback to a", "(savepoint", "START TRANSACTION"] {
            #expect(SQLText.controlsTransaction(text), "\(text)")
        }
        for text in ["select 'begin'", "update t set a = 1", ""] {
            #expect(!SQLText.controlsTransaction(text))
        }
    }
}
