import FoundationEssentials
import Postgres

/// The scale of the scores in a result file. Live scorers write 0…100, mock ones 0…1, and a 1.0 may be either: so it
/// is asked for where it can't be told.
public enum ScoreScale: String, Sendable, CaseIterable {
    /// Scores from 0 to 1.
    case unit = "0..1"
    /// Scores from 0 to 100.
    case percent = "0..100"
}

/// The guide's Modal result (its "Data Structure Mapping") and how it becomes an outcome.
public struct ModalResult: Sendable {
    /// The outcome that the result stands for.
    public let outcome: Outcome

    /// Maps a result.
    ///
    /// The traps: a score may be a number or an object with `overall_score`; scores of 0…100 need the scale said; a
    /// failed run's time of 0 means that nobody knows it; a status that isn't known is an error.
    ///
    /// - Parameters:
    ///   - trace: the JSON text of `full_trajectory`, where the record doesn't hold it.
    ///   - place: what to call the record in a message, such as "record 3".
    ///   - scale: the scale of the scores; nil reads them as 0…1 and refuses larger ones.
    /// - Throws: `EvaluationError` with code `invalid`, which names the record, the field and what was expected.
    public init(
        _ record: JSONValue, trace: String? = nil, place: String, scale: ScoreScale? = nil,
        trialField: String = "trial"
    ) throws(EvaluationError) {
        let fields = ModalFields(record: record, place: place)
        guard case .object = record else {
            throw fields.wrong("the result", "an object", record)
        }
        let trajectory = try fields.object("trajectory", in: record)
        let status = try fields.status(trajectory)
        var outcome = Outcome(scenario: try fields.scenario(record), status: status)
        outcome.trial = try fields.trial(record, field: trialField)
        outcome.reliabilityScore = try fields.score(record["reliability_score"], scale: scale)
        outcome.metrics = try fields.dimensions(record["reliability_score"], scale: scale)
        try fields.measure(trajectory, into: &outcome)
        outcome.trajectory = trace
        if let steps = trajectory["full_trajectory"], !steps.isNull { outcome.trajectory = steps.text }
        outcome.modalCallID = record["modal_call_id"]?.string
        outcome.sandboxID = record["sandbox_id"]?.string
        fields.error(record, trajectory, into: &outcome)
        try outcome.checkRanges(as: place)
        self.outcome = outcome
    }
}

/// Reads the fields of one result, and names the record and the field in every complaint.
private struct ModalFields {
    let record: JSONValue
    let place: String

    func wrong(_ field: String, _ expected: String, _ got: JSONValue?) -> EvaluationError {
        let found = got.map { value in
            switch value {
            case .object, .array: value.kind
            default: value.text
            }
        }
        return EvaluationError(.invalid, "\(place): \(field) must be \(expected), got \(found ?? "nothing")")
    }

    func object(_ name: String, in parent: JSONValue) throws(EvaluationError) -> JSONValue {
        guard let value = parent[name], case .object = value else {
            throw wrong(name, "an object", parent[name])
        }
        return value
    }

    func scenario(_ record: JSONValue) throws(EvaluationError) -> Scenario {
        let source = try object("scenario", in: record)
        let id = source["id"]?.string ?? source["id"]?.int.map(String.init) ?? ""
        guard !id.isEmpty else { throw wrong("scenario.id", "a non-empty text", source["id"]) }
        var tags: [String] = []
        if let list = source["tags"], !list.isNull {
            guard let elements = list.array else { throw wrong("scenario.tags", "a list of texts", list) }
            for tag in elements {
                guard let text = tag.string else { throw wrong("scenario.tags", "a list of texts", tag) }
                tags.append(text)
            }
        }
        return Scenario(
            id: id, name: source["name"]?.string, taskPrompt: source["task_prompt"]?.string,
            difficulty: source["difficulty_level"]?.string, tags: tags,
            expectedTools: source["expected_tools"].flatMap { $0.isNull ? nil : $0 },
            embedding: try embedding(source["embedding"]))
    }

    private func embedding(_ source: JSONValue?) throws(EvaluationError) -> Embedding? {
        guard let source, !source.isNull else { return nil }
        guard let numbers = source.array?.map(\.double), !numbers.contains(nil) else {
            throw wrong("scenario.embedding", "a list of numbers", source)
        }
        return try Embedding(numbers.compactMap(\.self), place: "\(place): scenario")
    }

    func status(_ trajectory: JSONValue) throws(EvaluationError) -> OutcomeStatus {
        guard let name = trajectory["status"]?.string, let status = OutcomeStatus(rawValue: name) else {
            throw wrong("trajectory.status", OutcomeStatus.names, trajectory["status"])
        }
        return status
    }

    func trial(_ record: JSONValue, field: String) throws(EvaluationError) -> Int {
        guard let value = record[field], !value.isNull else { return 1 }
        guard let trial = value.int, trial >= 1 else {
            throw wrong(field, "a whole number from 1", value)
        }
        return trial
    }

    func score(_ source: JSONValue?, scale: ScoreScale?) throws(EvaluationError) -> Double? {
        guard let source, !source.isNull else { return nil }
        if case .object = source {
            guard let overall = source["overall_score"], !overall.isNull else { return nil }
            return try scaled(overall, field: "reliability_score.overall_score", scale: scale)
        }
        return try scaled(source, field: "reliability_score", scale: scale)
    }

    func dimensions(_ source: JSONValue?, scale: ScoreScale?) throws(EvaluationError) -> JSONValue? {
        guard case .object(let members) = source?["dimension_scores"] else { return nil }
        var scores: [JSONValue.Member] = []
        for member in members {
            let field = "dimension_scores.\(member.name)"
            let value = member.value.isNull ? nil : try scaled(member.value, field: field, scale: scale)
            scores.append(.init(member.name, value.map(JSONValue.number) ?? .null))
        }
        return .object(scores)
    }

    private func scaled(
        _ value: JSONValue, field: String, scale: ScoreScale?
    ) throws(EvaluationError) -> Double {
        guard let number = value.double else { throw wrong(field, "a number", value) }
        let top: Double = scale == .percent ? 100 : 1
        guard (0...top).contains(number) else {
            guard scale == nil, (0...100).contains(number) else {
                throw wrong(field, "between 0 and \(Outcome.plain(top))", value)
            }
            throw EvaluationError(
                .invalid, "\(place): \(field) must be between 0 and 1, got \(Outcome.plain(number))",
                advice: "If the file's scores go from 0 to 100, say so: --scale 0..100.")
        }
        return number / top
    }

    func measure(_ trajectory: JSONValue, into outcome: inout Outcome) throws(EvaluationError) {
        if let seconds = try number("execution_time_seconds", in: trajectory) {
            // A run that failed before its clock was read reports 0.
            let isKnown = seconds > 0 || outcome.status == .success
            outcome.executionTimeMs = isKnown ? Int64((seconds * 1000).rounded()) : nil
        }
        let usage = trajectory["token_usage"] ?? .null
        if let tokens = try number("total_tokens", in: usage, within: "token_usage.") {
            outcome.tokensUsed = Int64(tokens)
        }
        outcome.costUSD = try number("total_cost", in: usage, within: "token_usage.")
        guard let start = trajectory["start_time"], !start.isNull else { return }
        guard let text = start.string, let time = Timestamp(text) else {
            throw wrong("trajectory.start_time", "a time such as 2024-01-15T14:30:00Z", start)
        }
        outcome.executionTime = time
    }

    private func number(
        _ name: String, in parent: JSONValue, within prefix: String = ""
    ) throws(EvaluationError) -> Double? {
        guard let value = parent[name], !value.isNull else { return nil }
        guard let number = value.double, number >= 0, number.isFinite, number < 9e15 else {
            throw wrong("trajectory.\(prefix)\(name)", "a number from 0", value)
        }
        return number
    }

    /// A failure is a text, or an object with `message`, `code` (or `type`) and perhaps `category`.
    func error(_ record: JSONValue, _ trajectory: JSONValue, into outcome: inout Outcome) {
        guard outcome.status != .success else { return }
        let source = [trajectory["error"], record["error"]].compactMap(\.self).first { !$0.isNull } ?? .null
        outcome.errorMessage = source.string ?? source["message"]?.string
        let code = source["code"] ?? source["type"] ?? trajectory["error_code"]
        outcome.errorCode = code?.string ?? code?.int.map(String.init)
        outcome.errorCategory = source["category"]?.string ?? trajectory["error_category"]?.string
    }
}
