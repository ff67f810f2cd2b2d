import ArcKit
import Postgres

extension Frame {
    /// Outcomes as a frame with the columns of `arc.get_scenario_outcomes`, in this order.
    ///
    /// - Parameter passThreshold: the score from which a run passes; nil where it isn't known, and then neither is `passed`.
    convenience init(rows outcomes: [Outcome], passThreshold: Double?) {
        func column(_ name: String, _ type: String, _ value: (Outcome) -> Value?) -> Column {
            let values = outcomes.map { value($0) ?? .null }
            guard values.allSatisfy(\.isNull) else { return Column(name: name, values) }
            return Column(name: name, values: CellValue.nulls(values.count, as: type))
        }
        func passed(_ outcome: Outcome) -> Value? {
            guard let passThreshold, outcome.status != .cancelled else { return nil }
            guard outcome.status == .success else { return .bool(false) }
            return outcome.reliabilityScore.map { .bool($0 >= passThreshold) }
        }
        self.init(
            columns: [
                column("outcome_id", "uuid") { $0.id.flatMap(UniqueID.init).map(Value.uuid) },
                column("scenario_id", "text") { .text($0.scenario.id) },
                column("trial", "integer") { .int(Int64($0.trial)) },
                column("execution_time", "time") { $0.executionTime.map(Value.timestamp) },
                column("status", "text") { .text($0.status.rawValue) },
                column("passed", "boolean", passed),
                column("reliability_score", "number") { $0.reliabilityScore.map(Value.double) },
                column("execution_time_ms", "integer") { $0.executionTimeMs.map(Value.int) },
                column("tokens_used", "integer") { $0.tokensUsed.map(Value.int) },
                column("cost_usd", "number") { $0.costUSD.map(Value.double) },
                column("error_code", "text") { $0.errorCode.map(Value.text) },
                column("error_category", "text") { $0.errorCategory.map(Value.text) },
                column("error_message", "text") { $0.errorMessage.map(Value.text) },
                column("retry_count", "integer") { .int(Int64($0.retryCount)) },
                column("metrics", "json") { $0.metrics.map { .json($0.text) } },
                column("modal_call_id", "text") { $0.modalCallID.map(Value.text) },
                column("sandbox_id", "text") { $0.sandboxID.map(Value.text) },
                column("trajectory", "json") { $0.trajectory.map(Value.json) },
            ], count: outcomes.count)
    }
}
