/// What a pool has done, and how it stands.
public struct PoolStatistics: Sendable, Hashable {
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
    /// How often a task had to wait for a connection.
    public var waits = 0
    /// How often a wait ended without one: its time was over, or no connection could be made.
    public var failedWaits = 0
    /// Commands run, failed ones included.
    public var queries = 0
    /// Commands that failed.
    public var failures = 0
    /// The share of commands that succeeded, 0…1; nil before the first one.
    public var successRate: Double? { queries == 0 ? nil : Double(queries - failures) / Double(queries) }
    /// The mean time of a command; nil before the first one.
    public var averageTime: Duration?
    /// Half of the commands took no longer (percentiles are right to within 7 %).
    public var p50: Duration?
    /// 95 % of the commands took no longer.
    public var p95: Duration?
    /// 99 % of the commands took no longer.
    public var p99: Duration?
}
