/// What a pool has done, and how it stands.
///
/// Percentiles are right to within 7 %.
public struct PoolStatistics: Sendable, Hashable {
    // The moment

    /// Connections in somebody's hands.
    public var inUse = 0
    /// Connections that are free.
    public var idle = 0
    /// Connections being opened.
    public var connecting = 0
    /// Connections beyond the pool's size.
    public var overflow = 0
    /// Tasks that wait for a connection now.
    public var waiting = 0

    // Connections since the pool was made

    /// Connections opened.
    public var opened = 0
    /// Connections closed, for whatever reason.
    public var closed = 0
    /// Those of the closed that had been lost: they broke in use, or gave no sign of life.
    public var broken = 0
    /// Attempts to connect that failed.
    public var failedConnects = 0
    /// Transactions that were left open and rolled back when their connection came back.
    public var rolledBack = 0

    // Waiting for a connection

    /// How often a task had to wait for a connection.
    public var waits = 0
    /// How often a wait ended without one: its time was over, no connection could be made, or the pool was
    /// closed. A task that was cancelled isn't counted.
    public var failedWaits = 0
    /// The mean time of a wait that ended; nil before the first one.
    public var averageWait: Duration?
    /// 95 % of the waits took no longer.
    public var waitP95: Duration?
    /// The longest wait.
    public var longestWait: Duration?

    // Commands

    /// Commands run, failed ones included.
    public var queries = 0
    /// Commands that failed.
    public var failures = 0
    /// Pieces of work that were begun once more after a failure that could pass.
    public var retries = 0
    /// The share of commands that succeeded, 0…1; nil before the first one.
    public var successRate: Double? { queries == 0 ? nil : Double(queries - failures) / Double(queries) }
    /// The mean time of a command; nil before the first one.
    public var averageTime: Duration?
    /// Half of the commands took no longer.
    public var p50: Duration?
    /// 95 % of the commands took no longer.
    public var p95: Duration?
    /// 99 % of the commands took no longer.
    public var p99: Duration?
}
