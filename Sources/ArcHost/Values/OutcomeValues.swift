import ArcKit
import LuaBridge
import Postgres

extension Outcome {
    /// An outcome from a script or an importer, whose fields have been checked against `Library.outcome`.
    ///
    /// - Throws: `HostError` or `EvaluationError` that begins with `place`.
    init(_ value: LuaValue, place: @autoclosure () -> String, function: String) throws {
        let fields = value.table ?? LuaTable()
        let scenario: Scenario
        if !fields["scenario"].isAbsent {
            scenario = try Scenario(fields["scenario"], function: function)
        } else {
            scenario = Scenario(id: fields["scenario_id"].stringValue ?? "")
        }
        if let id = fields["scenario_id"].stringValue, id != scenario.id {
            throw HostError(
                .argument, "\(place()): scenario_id is \"\(id)\", but scenario is \"\(scenario.id)\"",
                advice: "Give one of them, or the same in both.")
        }
        guard !scenario.id.isEmpty else {
            throw HostError(.argument, "\(place()): scenario_id must be a non-empty text, got nothing")
        }
        self.init(
            scenario: scenario, trial: Int(fields["trial"].integerValue ?? 1),
            status: OutcomeStatus(rawValue: fields["status"].stringValue ?? "") ?? .success)
        id = fields["outcome_id"].stringValue
        executionTime = try Self.time(fields["execution_time"], place: place())
        reliabilityScore = fields["reliability_score"].numberValue
        executionTimeMs = fields["execution_time_ms"].numberValue.map { Int64($0.rounded()) }
        tokensUsed = fields["tokens_used"].integerValue
        costUSD = fields["cost_usd"].numberValue
        trajectory = try Self.trajectory(fields["trajectory"], place: place())
        modalCallID = fields["modal_call_id"].stringValue
        sandboxID = fields["sandbox_id"].stringValue
        errorCode = fields["error_code"].stringValue
        errorCategory = fields["error_category"].stringValue
        errorMessage = fields["error_message"].stringValue
        retryCount = Int(fields["retry_count"].integerValue ?? 0)
        metrics = fields["metrics"].isAbsent ? nil : try JSONValue(fields["metrics"], function: function)
    }

    private static func trajectory(_ value: LuaValue, place: @autoclosure () -> String) throws -> String? {
        if let document = value.object(as: JSONDocument.self) { return document.text }
        guard !value.isAbsent else { return nil }
        do {
            return try JSON.write(value)
        } catch {
            throw HostError(
                .argument, "\(place()): trajectory\(error.path) can't be stored as JSON: \(error.message)",
                advice: "A trajectory is made of tables, texts, finite numbers, booleans and arc.null.")
        }
    }

    private static func time(_ value: LuaValue, place: @autoclosure () -> String) throws -> Timestamp? {
        let given = value.object(as: TimeObject.self)
        guard let text = given?.text ?? value.stringValue else { return nil }
        guard let time = given ?? (try? TimeText.parse(text, zone: .utc, function: "")),
            time.timestamp.isFinite
        else {
            throw HostError(
                .argument,
                "\(place()): execution_time must be a time such as 2024-01-15T14:30:00Z, got \"\(text)\"")
        }
        return Timestamp(microseconds: time.timestamp.microseconds)
    }

    /// The outcome as a script sees it; `Outcome.init` reads it back.
    func table(place: String?) throws -> LuaTable {
        LuaTable([
            "scenario": .table(
                LuaTable([
                    "id": .string(scenario.id), "name": .optional(scenario.name),
                    "task_prompt": .optional(scenario.taskPrompt),
                    "difficulty_level": .optional(scenario.difficulty),
                    "tags": scenario.tags.isEmpty
                        ? .nil : .table(LuaTable(array: scenario.tags.map(LuaValue.string), kind: .array)),
                    "expected_tools": scenario.expectedTools.map(LuaValue.init) ?? .nil,
                    "embedding": scenario.embedding.map {
                        .table(LuaTable(array: $0.values.map { .number(Double($0)) }, kind: .array))
                    } ?? .nil,
                ])),
            "trial": .integer(Int64(trial)), "status": .string(status.rawValue), "outcome_id": .optional(id),
            "execution_time": executionTime.map { .object(TimeObject($0)) } ?? .nil,
            "reliability_score": .optional(reliabilityScore), "execution_time_ms": .optional(executionTimeMs),
            "tokens_used": .optional(tokensUsed), "cost_usd": .optional(costUSD),
            "trajectory": trajectory.map { .object(JSONDocument($0)) } ?? .nil,
            "modal_call_id": .optional(modalCallID), "sandbox_id": .optional(sandboxID),
            "error_code": .optional(errorCode), "error_category": .optional(errorCategory),
            "error_message": .optional(errorMessage), "retry_count": .integer(Int64(retryCount)),
            "metrics": metrics.map(LuaValue.init) ?? .nil, "place": .optional(place),
        ])
    }
}
