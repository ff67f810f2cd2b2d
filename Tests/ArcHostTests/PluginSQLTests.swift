import ArcKit
import LuaBridge
import Postgres
import TestServer
import Testing

@testable import ArcHost

@Suite("The SQL of plugins, on a server whose user may do anything")
struct PluginSQLTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The value or the error of an expression in a plugin with these capabilities.
    private func evaluate(
        _ expression: String, _ capabilities: String = #""db.read""#, on test: TestHost
    ) async throws -> String {
        let name = "p\(expression.hashValue.magnitude)\(capabilities.count)"
        try folder.plugin(
            name, provides: #"{"metrics": ["m"]}"#, rest: #", "capabilities": [\#(capabilities)]"#,
            "return { metrics = {{ name = 'm', compute = function() return { note = tostring(\(expression)) } end }} }"
        )
        let plugins = PluginHost(folders: folder.plugins, grants: Grants([name]))
        defer { Task { await plugins.close() } }
        let manifest = try plugins.catalogue.plugin(name)
        let plugin = try await plugins.plugin(manifest, on: test.host)
        do {
            return try await plugins.metric(plugin.parts("metrics")[0], of: plugin, for: Frame.twoOutcomes)
                .note ?? ""
        } catch { return "\(error)" }
    }

    private static let escapes: [(String, String)] = [
        ("select pg_read_file('/etc/passwd')", "permission denied for function pg_read_file"),
        ("select pg_read_binary_file('/etc/passwd')", "permission denied for function pg_read_binary_file"),
        ("select pg_ls_dir('/')", "permission denied for function pg_ls_dir"),
        ("select * from pg_ls_logdir()", "permission denied for function pg_ls_logdir"),
        ("select pg_stat_file('/etc/passwd')", "permission denied for function pg_stat_file"),
        ("select lo_import('/etc/passwd')", "permission denied for function lo_import"),
        ("select lo_export(1, '/tmp/x')", "permission denied for function lo_export"),
        ("copy scenarios to program 'id'", "may be a query"),
        ("copy scenarios from '/etc/passwd'", "may be a query"),
        ("(copy (select 1) to '/tmp/x')", "may be a query"),
        ("select rolpassword from pg_authid", "permission denied for table pg_authid"),
        ("select pg_reload_conf()", "permission denied for function pg_reload_conf"),
        (
            "select set_config('role', 'none', false)",
            "cannot set parameter \"role\" within security-definer function"
        ),
        (
            "select set_config('session_authorization', session_user, false)",
            "cannot set parameter \"session_authorization\" within security-definer function"
        ),
        (
            "select set_config('role', 'none', true) || query_to_xml('select pg_read_file(''/etc/passwd'')', true, true, '')::text",
            "cannot set parameter \"role\""
        ),
        (
            "select query_to_xml('select pg_read_file(''/etc/passwd'')', true, true, '')::text",
            "permission denied for function pg_read_file"
        ),
        (
            "select database_to_xml(true, true, '')::text || pg_read_file('/etc/passwd')",
            "permission denied for function pg_read_file"
        ),
        ("declare c cursor with hold for select pg_read_file('/etc/passwd')", "may be a query"),
        ("set role none", "may be a query"), ("reset session authorization", "may be a query"),
        (
            "explain analyze declare c cursor with hold for select pg_read_file('/etc/passwd')",
            "permission denied for function pg_read_file"
        ),
        ("select 1; select pg_read_file('/etc/passwd')", "cannot insert multiple commands"),
        (
            "with x as (insert into scenarios (scenario_id) values ('x') returning 1) select * from x",
            "read-only"
        ),
        ("select * into temp t from scenarios", "read-only"),
        ("select nextval(pg_get_serial_sequence('nothing', 'n'))", "does not exist"),
        ("explain analyze update scenarios set name = 'x'", "permission denied"),
    ]

    @Test("nothing of the server's is within reach of a plugin that may read")
    func escapes() async throws {
        try await TestHost.with("escapes", results: [TestHost.baseline]) { test in
            for (sql, message) in Self.escapes {
                let found = try await evaluate("arc.query([==[\(sql)]==])", on: test)
                #expect(
                    found.contains(message) || sql.hasPrefix("explain") && found.contains("read-only"),
                    "\(sql): \(found)")
            }
            let counts = try await test.rowCounts()
            #expect(counts["scenarios"] == 40)
        }
    }

    @Test("a plugin that may write changes rows, and reaches no more of the server")
    func writing() async throws {
        let both = #""db.read", "db.write""#
        try await TestHost.with("writing", results: [TestHost.baseline]) { test in
            for (sql, message) in Self.escapes
            where !sql.contains("scenarios") && !message.contains("read-only") {
                let found = try await evaluate("arc.query([==[\(sql)]==])", both, on: test)
                #expect(found.contains(message), "\(sql): \(found)")
            }
            for sql in [
                "create table t (n int)", "drop table outcomes", "truncate outcomes", "do $$ begin end $$",
            ] {
                let found = try await evaluate("arc.execute([==[\(sql)]==])", both, on: test)
                #expect(found.contains("may be a query or a change of rows"), "\(sql): \(found)")
            }
            let changed = try await evaluate(
                "arc.execute('update scenarios set name = $1 where scenario_id = (select min(scenario_id) from scenarios)', 'mine')",
                both, on: test)
            #expect(changed == "1")
            let returned = try await evaluate(
                "arc.query(\"update scenarios set name = name || '!' where name = 'mine' returning name\")[1].name",
                both, on: test)
            #expect(returned == "mine!")
            let rolledBack = try await evaluate(
                "pcall(arc.transaction, function() arc.execute('delete from scenarios where name = $1', 'mine!') error('no') end)",
                both, on: test)
            #expect(rolledBack == "false")
            let kept = try await test.run(
                "return arc.query(\"select count(*) as n from scenarios where name = 'mine!'\")[1].n")
            #expect(kept == [1])
            // What counts outcomes as they change does so for a plugin's changes too.
            let gone = try await evaluate(
                "arc.execute('delete from outcomes where scenario_id = (select min(scenario_id) from outcomes)')",
                both, on: test)
            #expect(gone == "3")
        }
    }

    @Test(
        "what a query gives a plugin is what it gives a script",
        arguments: [
            "select 1::smallint as a, 2::bigint as b, 1.50::numeric(10,2) as c, 0.1::float8 as d, 'x'::varchar(3) as e",
            "select null as nothing, true as t, 'abc'::char(5) as c, '\\x00ff'::bytea as b, '{\"a\": [1]}'::jsonb as j",
            "select '2024-01-15'::date as d, '2024-01-15 10:00+02'::timestamptz as t, '1 day 02:00'::interval as i",
            "select array[1, 2, null] as a, array['x', 'y,z'] as b, '10.0.0.1'::inet as n, 'a'::name as m, 12::money as y",
            "select 1 as same, 2 as same, 3 as \"odd \"\"name\"", "values (1, 'a'), (2, 'b') order by 1 desc",
            "select scenario_id, count(*), avg(reliability_score) from outcomes group by 1 order by 1 limit 5;",
            "table scenarios order by scenario_id limit 2",
            "select * from outcomes order by scenario_id, trial limit 3",
            "-- a comment with $1\nselect '$1' as text, $$ $2 $$ as dollar",
            "with a as (select 7 as n) select n from a",
            "show server_version_num", "explain (costs off) select 1", "(select 1 as n) union all (select 2)",
            "select from scenarios limit 0",
        ])
    func same(_ sql: String) async throws {
        let test = try await TestHost.reading()
        let expression = "arc.json.encode(arc.query([==[\(sql)]==]))"
        let mine = try await test.run("return \(expression)").first?.stringValue
        #expect(try await evaluate(expression, on: test) == mine)
    }

    @Test("a plugin's parameters are bound as a script's")
    func parameters() async throws {
        let test = try await TestHost.reading()
        for arguments in [
            "'select $1::int + $2 as n, $1::text as t', 40, 2",
            "'select :a as a, :b::float8 as b', { a = 'x', b = 0.5 }",
            "'select $1 = any($2::text[]) as found', 'b', { 'a', 'b' }",
            "'select $1::jsonb as j', { a = { 1, 2 } }",
            "'select coalesce($1, 5) as n', arc.null", "'select $1::bytea as b', 'a\\\\0b'",
            "'select count(*) as n from outcomes where scenario_id = $1 and trial = $2', 'x', 1",
            "'select $1::timestamptz as t', '2024-01-15T10:00:00Z'",
            "'select $1::uuid as u', '0190b0a0-0000-7000-8000-000000000000'",
        ] {
            let expression = "arc.json.encode(arc.query(\(arguments)))"
            let mine = try await test.run("return select(2, pcall(function() return \(expression) end))")
                .first
            let found = try await evaluate("select(2, pcall(function() return \(expression) end))", on: test)
            #expect(found == mine?.stringValue, "\(arguments): \(found), not \(mine as Any)")
        }
        let missing = try await evaluate("arc.query('select $1::int, $2::int', 1)", on: test)
        #expect(missing.contains("The SQL has 2 parameters, but 1 value was given"))
        let misspelt = try await evaluate("arc.query('select scroe from outcomes')", on: test)
        #expect(misspelt.contains("column \"scroe\" does not exist"))
    }

    @Test("where the roles are missing a powerful user's plugins are refused, and deploying makes them")
    func missing() async throws {
        try await TestHost.with("missing", results: [TestHost.baseline]) { test in
            try await test.run(
                """
                for _, f in ipairs { "read", "write", "change" } do
                  arc.execute("drop function arc_plugin_" .. f)
                end
                """)
            let refused = try await evaluate("arc.query('select 1 as n')[1].n", on: test)
            #expect(
                refused.contains(
                    "may read the server's files, and the roles that keep plugins from them aren't there"))
            #expect(refused.contains("`arc db deploy` makes them."))
            try await test.run("arc.deploy_schema()")
            #expect(try await evaluate("arc.query('select 2 as n')[1].n", on: test) == "2")
        }
    }

    @Test("an ordinary user's plugins read with the user's own rights where it may make no roles")
    func ordinary() async throws {
        try await TestHost.with("ordinary", results: [TestHost.baseline]) { test in
            let user = "arc_ordinary_\(UInt32.random(in: 0 ... .max))"
            try await test.run(
                "arc.execute('create role \(user)') arc.execute('grant select on all tables in schema public to \(user)')"
            )
            do {
                let found = try await test.store.session(.read) { session in
                    try await session.connection.transaction { connection in
                        try await connection.script("set local role \(user)")
                        return try await session.pluginGuard()
                    }
                }
                #expect(found == .ownRights)
            } catch { Issue.record("\(error)") }
            try await test.run("arc.execute('drop owned by \(user)') arc.execute('drop role \(user)')")
        }
    }
}
