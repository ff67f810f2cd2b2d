/// A numbered step of the schema. Its text never changes once it was released: a later step mends an earlier one.
struct Migration: Sendable {
    let number: Int
    let name: String
    private let parts: @Sendable (StorageFeatures) -> [[UInt8]]

    init(number: Int, name: String, parts: @escaping @Sendable (StorageFeatures) -> [[UInt8]]) {
        self.number = number
        self.name = name
        self.parts = parts
    }

    /// The SQL for a database with these features; nil where the step has nothing to do there.
    func sql(for features: StorageFeatures) -> String? {
        let text = parts(features).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        guard !text.isEmpty else { return nil }
        let partitioning = features.tier == .native ? "partition by range (execution_time)" : ""
        return Self.shared.reduce(text.replacing("{{partitioning}}", with: partitioning)) { text, part in
            text.replacing("{{\(part.name)}}", with: part.sql)
        }
    }

    /// Lists of columns, and lines, that several statements have in common, in the order in which they are put in: one may have
    /// another in it. They belong to the migrations, and change as little.
    private static let shared: [(name: String, sql: String)] = [
        ("totals", PackageResources._010_totals_sql), ("clusters", PackageResources._010_clusters_sql),
        ("metrics", PackageResources._010_metrics_sql),
        ("cells", PackageResources._010_cells_sql), ("figures", PackageResources._010_figures_sql),
        ("sums", PackageResources._010_sums_sql), ("merged", PackageResources._010_merged_sql),
        ("read_committed", PackageResources._012_read_committed_sql),
        ("exact_totals", PackageResources._018_exact_totals_sql),
        ("scenarios_of_cells", PackageResources._018_scenarios_of_cells_sql),
        ("exact_cells", PackageResources._018_exact_cells_sql),
        ("exact_figures", PackageResources._018_exact_figures_sql),
        ("exact_sums", PackageResources._018_exact_sums_sql),
    ].map { name, bytes in
        (name, String(decoding: bytes, as: UTF8.self))
    }

    /// What `arc_migrations` keeps of the SQL, to notice a step that was changed after it was applied.
    func checksum(for features: StorageFeatures) -> String {
        Digest.sha256(sql(for: features) ?? "")
    }

    static let all: [Migration] = [
        Migration(number: 1, name: "core") { _ in [PackageResources._001_core_sql] },
        Migration(number: 2, name: "outcomes") { features in
            [
                PackageResources._002_outcomes_sql,
                features.tier == .native
                    ? PackageResources._002_outcomes_native_sql
                    : PackageResources._002_outcomes_timescale_sql,
            ]
        },
        Migration(number: 3, name: "indexes") { _ in [PackageResources._003_indexes_sql] },
        Migration(number: 4, name: "time_bucket") { features in
            features.tier == .native ? [PackageResources._004_time_bucket_native_sql] : []
        },
        Migration(number: 5, name: "embeddings") { features in
            features.hasVector
                ? [PackageResources._005_embeddings_vector_sql]
                : [PackageResources._005_embeddings_plain_sql]
        },
        Migration(number: 6, name: "lifecycle") { features in
            features.tier == .timescale ? [PackageResources._006_lifecycle_timescale_sql] : []
        },
        Migration(number: 7, name: "database_id") { _ in [PackageResources._007_database_id_sql] },
        Migration(number: 8, name: "maintenance") { features in
            let shared = PackageResources._008_maintenance_sql
            return switch features.tier {
            case .native: [shared, PackageResources._008_maintenance_native_sql]
            case .timescaleApache: [shared, PackageResources._008_maintenance_timescale_sql]
            case .timescale:
                [
                    shared, PackageResources._008_maintenance_timescale_sql,
                    PackageResources._008_maintenance_community_sql,
                ]
            }
        },
        Migration(number: 9, name: "runs") { _ in [PackageResources._009_runs_sql] },
        Migration(number: 10, name: "rollups") { features in
            let stores =
                features.tier == .timescale
                ? PackageResources._010_rollups_community_sql : PackageResources._010_rollups_native_sql
            let hypertable = features.tier == .native ? [] : [PackageResources._010_rollups_timescale_sql]
            return [PackageResources._010_rollups_sql, stores] + hypertable
                + [PackageResources._010_rollup_changes_sql, PackageResources._010_rollup_reads_sql]
        },
        Migration(number: 11, name: "similarity") { features in
            [
                PackageResources._011_similarity_sql,
                features.hasVector
                    ? PackageResources._011_similarity_vector_sql
                    : PackageResources._011_similarity_plain_sql,
            ]
        },
        Migration(number: 12, name: "changes") { features in
            let partitions = features.tier == .native ? [PackageResources._012_partitions_native_sql] : []
            let refresh =
                features.tier == .timescale
                ? PackageResources._012_refresh_community_sql : PackageResources._012_refresh_native_sql
            return [PackageResources._012_changes_sql] + partitions + [
                refresh, PackageResources._012_reads_sql,
            ]
        },
        Migration(number: 14, name: "simulation_tags") { _ in [PackageResources._014_simulation_tags_sql] },
        Migration(number: 17, name: "categorized_by") { _ in [PackageResources._017_categorized_by_sql] },
        Migration(number: 18, name: "tails") { features in
            let refresh = features.tier == .timescale ? [] : [PackageResources._018_refresh_native_sql]
            return [PackageResources._018_tails_sql] + refresh
        },
        Migration(number: 19, name: "run_totals") { _ in [PackageResources._019_run_totals_sql] },
    ]
}
