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
                "arc.check_connection_pool", "The pool's connections: of the moment, and since arc started.",
                returns: (
                    .table,
                    "size, max_overflow, in_use, idle, overflow, connecting, waiting; opened, closed, broken, failed_connects, rolled_back"
                ), effects: [.databaseRead],
                example: "assert(arc.check_connection_pool().size == 20)",
                .waiting { _ in
                    let pool = try await host.store().pool
                    return [.table(Self.connections(pool.statistics, pool.settings))]
                }),
            Binding(
                "arc.get_metrics", "What the pool has counted since arc started.",
                returns: (
                    .table,
                    "total_queries, failures, success_rate (percent), avg_query_time, p50, p95, p99 (milliseconds), retries, waits, failed_waits, avg_wait, p95_wait, max_wait (milliseconds), in_use, idle, overflow"
                ),
                effects: [.databaseRead], example: "print(arc.get_metrics().total_queries)",
                .waiting { _ in [.table(Self.metrics(try await host.store().pool.statistics))] }),
            Binding(
                "arc.deploy_schema", "Brings the database's schema up to this arc's version. Safe to repeat.",
                returns: (.table, "version, tier, applied (the migrations' numbers)"),
                effects: [.databaseRead, .databaseWrite],
                example: "assert(#arc.deploy_schema().applied == 0)",
                .waiting { _ in
                    let report = try await host.store().pool.retrying(.idempotentWrite) {
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

    private static func connections(_ now: PoolStatistics, _ settings: PoolSettings) -> LuaTable {
        LuaTable([
            "size": .integer(Int64(settings.size)), "max_overflow": .integer(Int64(settings.maxOverflow)),
            "in_use": .integer(Int64(now.inUse)), "idle": .integer(Int64(now.idle)),
            "overflow": .integer(Int64(now.overflow)), "connecting": .integer(Int64(now.connecting)),
            "waiting": .integer(Int64(now.waiting)),
            "opened": .integer(Int64(now.opened)), "closed": .integer(Int64(now.closed)),
            "broken": .integer(Int64(now.broken)), "failed_connects": .integer(Int64(now.failedConnects)),
            "rolled_back": .integer(Int64(now.rolledBack)),
        ])
    }

    private static func metrics(_ now: PoolStatistics) -> LuaTable {
        func milliseconds(_ time: Duration?) -> LuaValue { .optional(time.map { $0 / .milliseconds(1) }) }
        return LuaTable([
            "total_queries": .integer(Int64(now.queries)), "failures": .integer(Int64(now.failures)),
            "success_rate": .optional(now.successRate.map { $0 * 100 }),
            "avg_query_time": milliseconds(now.averageTime), "p50": milliseconds(now.p50),
            "p95": milliseconds(now.p95), "p99": milliseconds(now.p99),
            "retries": .integer(Int64(now.retries)),
            "waits": .integer(Int64(now.waits)), "failed_waits": .integer(Int64(now.failedWaits)),
            "avg_wait": milliseconds(now.averageWait), "p95_wait": milliseconds(now.waitP95),
            "max_wait": milliseconds(now.longestWait),
            "in_use": .integer(Int64(now.inUse)), "idle": .integer(Int64(now.idle)),
            "overflow": .integer(Int64(now.overflow)),
        ])
    }
}
