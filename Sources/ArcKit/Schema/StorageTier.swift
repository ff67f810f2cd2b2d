/// How a server stores outcomes by time.
public enum StorageTier: String, Sendable, CaseIterable {
    /// TimescaleDB's community edition: hypertables, compression and continuous aggregates.
    case timescale
    /// TimescaleDB's Apache edition: hypertables alone.
    case timescaleApache = "timescale-apache"
    /// Plain PostgreSQL: partitions by day and arc's own maintenance.
    case native

    /// One line for people.
    public var summary: String {
        switch self {
        case .timescale: "TimescaleDB: hypertables by day, compressed after 7 days"
        case .timescaleApache: "TimescaleDB (Apache edition): hypertables by day, no compression"
        case .native: "PostgreSQL: native partitions by day, made on demand"
        }
    }
}

/// What decides which variant of a migration a database gets. It is settled at the first deploy and kept.
public struct StorageFeatures: Sendable, Hashable {
    /// How outcomes are stored by time.
    public var tier: StorageTier
    /// Whether embeddings are pgvector's `vector`; else they are `real[]`.
    public var hasVector: Bool

    /// These features.
    public init(tier: StorageTier, hasVector: Bool) {
        self.tier = tier
        self.hasVector = hasVector
    }
}
