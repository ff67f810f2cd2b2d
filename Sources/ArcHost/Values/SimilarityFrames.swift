import ArcKit
import LuaBridge
import Postgres

extension Frame {
    convenience init(_ scenarios: [SimilarScenario]) {
        func column(_ name: String, _ value: (SimilarScenario) -> Value) -> Column {
            Column(name: name, scenarios.map(value))
        }
        self.init(
            columns: [
                column("scenario_id") { .text($0.id) }, column("name") { .text($0.name) },
                column("similarity") { .double($0.similarity) },
                column("method") { .text($0.method.rawValue) },
                column("difficulty_level") { $0.difficulty.map(Value.text) ?? .null },
                column("tags") { .array(ArrayValue($0.tags.map(Value.text))) },
            ], count: scenarios.count)
    }

    convenience init(_ clusters: [MessageClusters.Cluster]) {
        self.init(
            columns: [
                Column(name: "message", clusters.map { .text($0.representative) }),
                Column(name: "count", clusters.map { .int(Int64($0.members.count)) }),
                Column(name: "variants", clusters.map { .int(Int64($0.variants)) }),
            ], count: clusters.count)
    }
}

extension ScenarioClusters {
    /// The groups for a script.
    var answer: Answer {
        Answer(
            "grouping",
            [
                ("method", .string(method.rawValue)), ("left_out", .integer(Int64(leftOut))),
                ("clusters", .object(clusterFrame)), ("scenarios", .object(memberFrame)),
            ])
    }

    private var clusterFrame: Frame {
        func column(_ name: String, _ value: (Cluster) -> Value) -> Column {
            Column(name: name, clusters.map(value))
        }
        func real(_ value: Double?) -> Value { value.map(Value.double) ?? .null }
        var columns = [
            column("cluster") { .int(Int64($0.number)) }, column("scenarios") { .int(Int64($0.size)) },
            column("medoid") { .text($0.medoid) }, column("name") { .text($0.name) },
            column("least_similarity") { real($0.leastSimilarity) },
        ]
        if clusters.contains(where: { $0.passes != nil }) {
            columns += [
                column("runs") { $0.passes.map { .int(Int64($0.rate.n)) } ?? .null },
                column("errors") { $0.passes.map { .int(Int64($0.errors)) } ?? .null },
                column("pass_rate") { real($0.passes?.rate.value) },
                column("pass_low") { real($0.passes?.rate.interval?.low) },
                column("pass_high") { real($0.passes?.rate.interval?.high) },
                column("note") { $0.passes?.rate.note.map(Value.text) ?? .null },
            ]
        }
        return Frame(columns: columns, count: clusters.count)
    }

    private var memberFrame: Frame {
        func column(_ name: String, _ value: (Member) -> Value) -> Column {
            Column(name: name, members.map(value))
        }
        return Frame(
            columns: [
                column("scenario_id") { .text($0.id) }, column("name") { .text($0.name) },
                column("cluster") { .int(Int64($0.cluster)) }, column("is_medoid") { .bool($0.isMedoid) },
                column("similarity") { .double($0.similarity) },
            ], count: members.count)
    }
}
