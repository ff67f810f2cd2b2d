import Foundation
import Postgres
import TestServer
import Testing

@Suite("arc spool")
struct SpoolCommandTests {
    private func json(_ text: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    /// Spools `count` outcomes for a new simulation of the world's database, by another process.
    ///
    /// - Parameter given: the id of a simulation that is gone; a new one unless given.
    /// - Returns: the simulation's id, and the spool's folder.
    @discardableResult
    private func spool(
        _ count: Int, in world: World, gone given: String? = nil
    ) async throws -> (simulation: String, folder: String) {
        let connection = try await Connection.connect(world.database.options)
        let made = try await connection.query(
            """
            with config as (
              insert into configurations (config_id, name) values (gen_random_uuid(), 'agent' || random())
              returning config_id
            ), version as (
              insert into config_versions (version_id, config_id, version_number, raw_yaml, parsed_config, config_hash)
              select gen_random_uuid(), config_id, 1, '', '{}', repeat('0', 64) from config returning version_id
            )
            insert into simulations (simulation_id, config_version_id, simulation_name)
            select coalesce($1::uuid, gen_random_uuid()), version_id, 'night' from version
            returning simulation_id::text as id, (select database_id::text from arc_schema) as database
            """, [given.map(Value.text) ?? .null]
        ).single()
        let simulation = try made.get("id", as: String.self)
        if given != nil {
            try await connection.query(
                "delete from simulations where simulation_id = $1", [.text(simulation)])
        }
        await connection.close()
        let folder = world.home.path + "/state/arc/spool/" + (try made.get("database", as: String.self))
        let appender = URL(filePath: Program.path).deletingLastPathComponent().appending(
            path: "SpoolAppender")
        let result = try await Program(
            program: appender.path, [folder, simulation, "1", "\(count)"],
            environment: world.environment, folder: world.home.path
        ).end()
        #expect(result.output.hasSuffix("done\n"))
        return (simulation, folder)
    }

    @Test("nothing that waits is said, whatever the database does, and no server is started")
    func nothing() async throws {
        let home = try TemporaryDirectory()
        let environment = Program.environment(home: home.path)
        for arguments in [["spool"], ["spool", "status"], ["spool", "flush"]] {
            let result = try await Program.run(arguments, environment: environment, folder: home.path)
            #expect(
                result.status == 0 && result.output == "" && result.notes == "Nothing waits.\n", "\(result)")
        }
        #expect(!FileManager.default.fileExists(atPath: home.path + "/data"))
        let data = try await Program.run(
            ["spool", "--format", "json"], environment: environment, folder: home.path)
        #expect(data.output == "[]\n")
    }

    @Test("status shows what waits although the database is away; flush is 2 then, and keeps it")
    func away() async throws {
        let world = try await World.make("spool_away")
        let (simulation, folder) = try await spool(7, in: world)
        let away = ["ARC_DATABASE_URL": "host=\(world.home.path) dbname=away"]
        let status = try await world.arc("spool", environment: away)
        #expect(status.status == 0 && status.notes == "")
        for word in ["the tests' database", "spooled", "7", "waiting"] {
            #expect(status.output.contains(word), "\(word): \(status.output)")
        }
        let flush = try await world.arc("spool", "flush", environment: away)
        #expect(flush.status == 2 && flush.output == "", "\(flush)")
        let data = try json(
            try await world.arc("spool", "status", "--format", "json", environment: away).output)
        #expect(data.count == 1)
        #expect(data[0]["outcomes"] as? Int == 7 && data[0]["state"] as? String == "waiting")
        #expect(data[0]["simulation_id"] as? String == simulation && data[0]["folder"] as? String == folder)
    }

    @Test("flush with nothing for its database, but something for another, speaks of the other")
    func others() async throws {
        let world = try await World.make("spool_others")
        try await spool(3, in: world)
        let other = try await World.make("spool_other")
        let flush = try await world.arc("spool", "flush", "--url", other.database.url)
        #expect(flush.status == 0 && flush.output == "", "\(flush)")
        #expect(
            flush.notes.hasPrefix("Nothing waits for this database.\nOutcomes wait for 1 other database"),
            "\(flush)")
    }

    @Test("flush records what waits, once")
    func flush() async throws {
        let world = try await World.make("spool_flush")
        let (simulation, _) = try await spool(25, in: world)
        let first = try await world.arc("spool", "flush")
        #expect(
            first.status == 0 && first.output == "25 outcomes recorded.\n" && first.notes == "", "\(first)")
        let again = try await world.arc("spool", "flush")
        #expect(again.status == 0 && again.notes == "Nothing waits.\n")
        let count = try await world.arc(
            "-c", "select count(*) from outcomes where simulation_id = '\(simulation)'", "--format", "csv")
        #expect(count.output == "count\n25\n")
    }

    @Test("the next command that connects records what waits first, and says so")
    func nextCommand() async throws {
        let world = try await World.make("spool_next")
        try await spool(12, in: world)
        let list = try await world.arc("list", "--format", "json")
        #expect(list.status == 0)
        #expect(list.notes == "12 outcomes that had waited in the spool are recorded now.\n")
        #expect(try json(list.output)[0]["completed_runs"] as? Int == 12)
        #expect(try await world.arc("list").notes == "")
    }

    @Test("what the database refuses makes flush 1, is shown with its reason, and can be tried again")
    func rejected() async throws {
        let world = try await World.make("spool_rejected")
        let gone = "0190a0b0-0000-7000-8000-000000000009"
        let (_, folder) = try await spool(3, in: world, gone: gone)
        let good = try await spool(2, in: world)
        let flush = try await world.arc("spool", "flush")
        #expect(flush.status == 1 && flush.output == "2 outcomes recorded.\n", "\(flush)")
        #expect(
            flush.notes.contains("3 outcomes of the spool were refused by the database and are set aside"))
        let status = try await world.arc("spool", "status")
        #expect(status.output.contains("rejected: simulation spooled is gone"), "\(status)")
        let doctor = try await world.arc("doctor")
        #expect(doctor.output.contains("3 outcomes were refused by the tests' database"))
        let connection = try await Connection.connect(world.database.options)
        try await connection.query(
            """
            insert into simulations (simulation_id, config_version_id)
            select $1::uuid, config_version_id from simulations where simulation_id = $2::uuid
            """, [.text(gone), .text(good.simulation)])
        await connection.close()
        let again = try await world.arc("spool", "flush", "--rejected")
        #expect(again.status == 0 && again.output == "3 outcomes recorded.\n", "\(again)")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(left == ["about.json", "replay.lock"])
    }

    @Test("an outcome that the database can't take stays, with its reason, and doesn't hold up the others")
    func held() async throws {
        let world = try await World.make("spool_held")
        try await spool(25, in: world)
        let connection = try await Connection.connect(world.database.options)
        try await connection.script(
            """
            create function stop() returns trigger language plpgsql as $$
            begin raise 'took too long' using errcode = '57014'; end $$;
            create trigger stop before insert on outcomes for each row
                when (new.scenario_id like '%-n3') execute function stop();
            """)
        let flush = try await world.arc("spool", "flush")
        #expect(flush.status == 1 && flush.output == "24 outcomes recorded.\n", "\(flush)")
        #expect(flush.notes.contains("1 outcome of the spool can't be recorded for now"), "\(flush)")
        #expect(flush.notes.contains("took too long"))
        let status = try json(try await world.arc("spool", "status", "--format", "json").output)
        #expect(status.count == 1 && status[0]["outcomes"] as? Int == 1)
        #expect(status[0]["state"] as? String == "held")
        #expect((status[0]["reason"] as? String)?.contains("took too long") == true)
        #expect(try await world.arc("spool").output.contains("held: ERROR: took too long"))
        #expect(try await world.arc("doctor").output.contains("couldn't take, although it took others"))
        try await connection.query("drop trigger stop on outcomes")
        await connection.close()
        let list = try await world.arc("list")
        #expect(list.notes == "1 outcome that had waited in the spool is recorded now.\n", "\(list)")
        #expect(try await world.arc("spool").notes == "Nothing waits.\n")
    }

    @Test("a flush that is killed at whatever moment loses nothing and doubles nothing")
    func killed() async throws {
        let world = try await World.make("spool_killed")
        let (simulation, folder) = try await spool(400, in: world)
        // Segments of one outcome each would be one commit each: the appender's one is taken apart.
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".open.jsonl") })
        let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        for (number, line) in text.split(separator: "\n").enumerated() {
            let path = folder + "/\(name.prefix(36)).\(10_000 + number).jsonl"
            try Data((line + "\n").utf8).write(to: URL(filePath: path))
        }
        try FileManager.default.removeItem(atPath: folder + "/" + name)
        let connection = try await Connection.connect(world.database.options)
        func stored() async throws -> Int {
            try await connection.query("select count(*)::integer as n from outcomes").single().get(
                "n", as: Int.self)
        }
        for goal in [1, 40, 41, 150, 270] {
            let flush = try Program(
                ["spool", "flush"], environment: world.environment, folder: world.home.path)
            while try await stored() < goal {}
            flush.kill()
            let result = try await flush.end()
            #expect(result.status == 137 || result.status == 0)
        }
        #expect(try await world.arc("spool", "flush").status == 0)
        let row = try await connection.query(
            """
            select count(*)::integer as all, count(distinct outcome_id)::integer as ids,
              (select completed_runs from simulations where simulation_id = $1::uuid) as runs from outcomes
            """, [.text(simulation)]
        ).single()
        #expect(row.values.map(\.description) == ["400", "400", "400"])
        await connection.close()
    }
}
