import ArcHost
import ArcKit
import Postgres

/// What can be said about the server that was chosen.
struct ServerChecks: Sendable {
    let access: ServerAccess
    let settings: PoolSettings

    /// Looks at the server over one connection. A local server that isn't running is left as it is.
    func examine() async -> Examination {
        let choice = access.choice
        var result = Examination()
        let name = choice.options.map { "\($0)" } ?? "arc's own"
        result.checks.append(.ok("server", "\(name), chosen by \(choice)"))
        if choice.source == .local, let check = sleeping() {
            result.checks.append(check)
            return result
        }
        do {
            let connection = try await Connection.connect(try await access.options())
            result.checks.append(.ok("connection", "the server answers"))
            result.isConnected = true
            do {
                result.checks += try await look(at: connection)
            } catch {
                result.checks.append(.fail("database", error))
            }
            if let check = await readServer(beside: connection) { result.checks.append(check) }
            await connection.close()
        } catch {
            result.checks.append(.fail("connection", error))
            result.isUnreachable = true
        }
        return result
    }

    private func readServer(beside primary: Connection) async -> Check? {
        guard let options = access.choice.readOptions else { return nil }
        let name = "read server"
        do {
            let replica = try await Connection.connect(options)
            let found: (ReplicaKinship, ReplicaHealth)
            do {
                let id = try await SchemaDeployer.databaseID(primary)
                found.0 = try await ReplicaKinship.find(replica, of: id, at: primary.options)
                found.1 = try await ReplicaHealth(replica)
            } catch {
                await replica.close()
                return .fail(name, error)
            }
            await replica.close()
            return Self.readServer("\(options)", found.0, found.1)
        } catch {
            return .fail(name, error)
        }
    }

    private static func readServer(
        _ server: String, _ kinship: ReplicaKinship, _ health: ReplicaHealth
    ) -> Check {
        let name = "read server"
        switch kinship {
        case .unknown:
            return .warn(
                name, "\(server): whether it is a replica can't be told before the server has arc's schema",
                "Run `arc db deploy`, and look again; until then the server answers everything.")
        case .behind:
            return .warn(
                name, "\(server): \(health.role), and without arc's schema so far",
                "The server answers until it has the schema; if that lasts, see whose standby it is.")
        case .same:
            guard health.isStandby else {
                return .warn(name, "\(server) is \(health.role)", "It answers what it has, late or not.")
            }
            return .ok(name, "\(server): \(health.role)")
        }
    }

    private func sleeping() -> Check? {
        let status = access.local.status()
        switch status.phase {
        case .running: return nil
        case .notInitialised:
            return .ok("connection", "there is no local server yet; the first command that needs it makes it")
        case .stopped, .starting, .stopping:
            return .ok("connection", "the local server isn't running; the next command starts it")
        }
    }

    private func look(at connection: Connection) async throws -> [Check] {
        let health = try await DatabaseHealth(connection)
        var checks = [Self.version(health.serverVersion), Self.schema(health.schemaVersion)]
        if let features = health.features { checks.append(.ok("storage", features.tier.summary)) }
        checks += try await extensions(connection)
        checks.append(try await connections(connection))
        checks.append(try await clock(connection))
        return checks
    }

    static func version(_ version: String) -> Check {
        let major = Int(version.prefix(while: \.isNumber)) ?? 0
        guard major >= ServerPrograms.oldestMajor else {
            return .fail(
                "version", "PostgreSQL \(version)", "arc needs \(ServerPrograms.oldestMajor) or later.")
        }
        return .ok("version", "PostgreSQL \(version)")
    }

    static func schema(_ version: Int?) -> Check {
        let current = SchemaDeployer.currentVersion
        guard let version else {
            return .warn("schema", "not deployed", "Run `arc db deploy`.")
        }
        if version > current {
            return .fail(
                "schema", "version \(version), newer than this arc knows (\(current))", "Update this arc.")
        }
        guard version == current else {
            return .warn("schema", "version \(version) of \(current)", "Run `arc db deploy`.")
        }
        return .ok("schema", "version \(version)")
    }

    /// The extensions that arc uses where they are there, and what it does without.
    private static let wanted: [(name: String, without: String, when: String)] = [
        (
            "timescaledb", "outcomes are in native partitions: nothing is compressed",
            "The first `arc db deploy` decides. As a superuser, before it: create extension timescaledb;"
        ),
        (
            "vector", "embeddings are plain arrays: searches for similar scenarios look at every one",
            "The first `arc db deploy` decides. As a superuser, before it: create extension vector;"
        ),
    ]

    private func extensions(_ connection: Connection) async throws -> [Check] {
        let rows = try await connection.query(
            """
            select name::text as name, installed_version as installed from pg_available_extensions
            where name = any ($1::text[])
            """, [.array(ArrayValue(Self.wanted.map { Value.text($0.name) }))])
        var available: [String: String?] = [:]
        for row in rows {
            available[try row.get("name", as: String.self)] = try row.get("installed", as: String?.self)
        }
        return Self.wanted.map { name, without, when in
            switch available[name] {
            case .some(.some(let version)): .ok("extension", "\(name) \(version)")
            case .some(.none):
                .warn(
                    "extension", "\(name) isn't created in this database: \(without)",
                    when)
            case .none:
                .warn(
                    "extension", "the server doesn't have \(name): \(without)",
                    "Install its package on the server; arc works without it.")
            }
        }
    }

    private func connections(_ connection: Connection) async throws -> Check {
        let row = try await connection.query(
            """
            select current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer as most,
              (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') - 1 as used
            """
        ).single()
        return Self.connections(
            most: try row.get("most", as: Int.self), used: try row.get("used", as: Int.self),
            pool: settings)
    }

    static func connections(most: Int, used: Int, pool: PoolSettings) -> Check {
        let finding =
            "this arc takes up to \(pool.limit) (\(pool.size) and \(pool.maxOverflow) more); the server has \(most), "
            + "\(used) in use"
        if pool.limit > most {
            return .fail(
                "connections", finding, "Raise max_connections on the server, or make the pool smaller.")
        }
        if pool.limit > most - used {
            return .warn("connections", finding, "Not all of them can be had just now.")
        }
        return .ok("connections", finding)
    }

    /// Ids are ordered by the clocks of those who make them: clocks that differ mix up which outcome of a run is the
    /// latest.
    private func clock(_ connection: Connection) async throws -> Check {
        let before = Timestamp.now
        let row = try await connection.query("select clock_timestamp() as now").single()
        let after = Timestamp.now
        let server = try row.get("now", as: Timestamp.self)
        let middle = (before.microseconds + after.microseconds) / 2
        return Self.clock(
            skew: Double(server.microseconds - middle) / 1e6,
            uncertainty: Double(after.microseconds - before.microseconds) / 2e6)
    }

    static func clock(skew: Double, uncertainty: Double) -> Check {
        let size = Figure.duration(milliseconds: abs(skew) * 1000)
        guard abs(skew) > 1 + uncertainty else { return .ok("clock", "agrees with the server's to \(size)") }
        let finding = "the server's is \(size) \(skew > 0 ? "ahead" : "behind")"
        let advice = "Synchronise both (NTP): the latest outcome of a run is told by the clocks."
        return abs(skew) > 60 + uncertainty
            ? .fail("clock", finding, advice) : .warn("clock", finding, advice)
    }
}
