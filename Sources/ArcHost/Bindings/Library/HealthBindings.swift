import ArcKit
import LuaBridge
import Postgres

extension Library {
    var healthBindings: [Binding] {
        [
            Binding(
                "arc.health", "Whether the database answers, how fast, and what it has.",
                returns: (
                    .table, "status, server_version, tier, schema_version, extensions, response_time_ms"
                ),
                effects: [.databaseRead], example: #"assert(arc.health().status == "healthy")"#,
                .waiting { _ in
                    let health = try await DatabaseHealth(host.store())
                    let extensions = health.extensions.map { LuaTable.Field($0.name, .string($0.version)) }
                    return [
                        .table(
                            LuaTable([
                                "status": .string(health.status),
                                "server_version": .string(health.serverVersion),
                                "tier": .optional(health.features?.tier.rawValue),
                                "schema_version": .optional(health.schemaVersion.map(Int64.init)),
                                "extensions": .table(LuaTable(fields: extensions, kind: .object)),
                                "response_time_ms": .number(health.responseTimeMs),
                            ]))
                    ]
                }),
            Binding(
                "arc.check_connection_pool", "The pool's connections of the moment.",
                returns: (.table, "size, max_overflow, in_use, idle, waiting"), effects: [.databaseRead],
                example: "assert(arc.check_connection_pool().size == 20)",
                .waiting { _ in
                    let pool = try await host.store().pool
                    let now = pool.statistics
                    return [
                        .table(
                            LuaTable([
                                "size": .integer(Int64(pool.settings.size)),
                                "max_overflow": .integer(Int64(pool.settings.maxOverflow)),
                                "in_use": .integer(Int64(now.inUse)), "idle": .integer(Int64(now.idle)),
                                "overflow": .integer(Int64(now.overflow)),
                                "waiting": .integer(Int64(now.waiting)),
                            ]))
                    ]
                }),
            Binding(
                "arc.get_metrics", "What the pool has counted since arc started.",
                returns: (
                    .table,
                    "total_queries, failures, success_rate (percent), avg_query_time, p50, p95, p99 (milliseconds), waits"
                ),
                effects: [.databaseRead], example: "print(arc.get_metrics().total_queries)",
                .waiting { _ in
                    let now = try await host.store().pool.statistics
                    return [
                        .table(
                            LuaTable([
                                "total_queries": .integer(Int64(now.queries)),
                                "failures": .integer(Int64(now.failures)),
                                "success_rate": .optional(now.successRate.map { $0 * 100 }),
                                "avg_query_time": .optional(now.averageTime.map { $0 / .milliseconds(1) }),
                                "p50": .optional(now.p50.map { $0 / .milliseconds(1) }),
                                "p95": .optional(now.p95.map { $0 / .milliseconds(1) }),
                                "p99": .optional(now.p99.map { $0 / .milliseconds(1) }),
                                "waits": .integer(Int64(now.waits)),
                            ]))
                    ]
                }),
            Binding(
                "arc.deploy_schema", "Brings the database's schema up to this arc's version. Safe to repeat.",
                returns: (.table, "version, tier, applied (the migrations' numbers)"),
                effects: [.databaseRead, .databaseWrite],
                example: "assert(#arc.deploy_schema().applied == 0)",
                .waiting { _ in
                    let report = try await host.store().pool.withConnection {
                        try await SchemaDeployer().deploy(on: $0)
                    }
                    return [
                        .table(
                            LuaTable([
                                "version": .integer(Int64(report.version)),
                                "tier": .string(report.features.tier.rawValue),
                                "applied": .table(
                                    LuaTable(array: report.applied.map { .integer(Int64($0)) }, kind: .array)),
                            ]))
                    ]
                }),
        ]
    }
}
