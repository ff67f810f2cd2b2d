import Postgres

/// Outcomes that are recorded together: checked, numbered, and compared with what is stored.
struct OutcomeBatch: Sendable {
    /// What a run is known by within its simulation.
    struct Run: Hashable, Sendable {
        var scenario: String
        var trial: Int
    }

    /// What to write once it is known what is stored.
    struct Plan: Sendable {
        var inserted: [Outcome] = []
        var replaced: [String] = []
        /// The ids that the runs have afterwards, in the order of the outcomes.
        var ids: [String] = []
    }

    /// The outcomes, each with an id and a time.
    let outcomes: [Outcome]

    /// Checks the outcomes, and gives an id and a time to those without.
    init(_ outcomes: [Outcome], places: [String]?, now: Timestamp = .now) throws(EvaluationError) {
        var seen: [Run: String] = [:]
        var ids: [String: String] = [:]
        var complete: [Outcome] = []
        complete.reserveCapacity(outcomes.count)
        for (index, outcome) in outcomes.enumerated() {
            let place = places?[index] ?? "outcome \(index + 1)"
            try outcome.validate(as: place)
            let run = Run(scenario: outcome.scenario.id, trial: outcome.trial)
            if let first = seen.updateValue(place, forKey: run) {
                throw EvaluationError(
                    .invalid,
                    "\(place): scenario \"\(run.scenario)\" trial \(run.trial) was given before, by \(first)",
                    advice: "Number the runs of a scenario: trial = 1, 2, …")
            }
            var numbered = outcome
            let id = outcome.id?.lowercased() ?? Identifier.make()
            if let first = ids.updateValue(place, forKey: id) {
                throw EvaluationError(
                    .invalid, "\(place): outcome_id \(id) was given before, by \(first)",
                    advice: "Leave outcome_id out, and every outcome gets one of its own.")
            }
            numbered.id = id
            numbered.executionTime = outcome.executionTime ?? now
            complete.append(numbered)
        }
        self.outcomes = complete
    }

    /// The days (UTC) that the outcomes fall on, as dates.
    var days: Set<String> {
        Set(outcomes.compactMap { $0.executionTime.map { String($0.description.prefix(10)) } })
    }

    /// The distinct scenarios, in the order given.
    var scenarioIDs: [String] {
        var seen: Set<String> = []
        return outcomes.map(\.scenario.id).filter { seen.insert($0).inserted }
    }

    var runScenarios: [String] { outcomes.map(\.scenario.id) }
    var runTrials: [Int] { outcomes.map(\.trial) }

    /// What to insert and what it replaces, given the ids that each run has. UUIDv7s sort by time: the latest
    /// outcome of a run is the one to keep, whatever the order of arrival.
    func plan(against existing: [Run: [String]]) -> Plan {
        var plan = Plan()
        for outcome in outcomes {
            let run = Run(scenario: outcome.scenario.id, trial: outcome.trial)
            let id = outcome.id ?? ""
            let rivals = existing[run] ?? []
            if let stored = rivals.max(), stored >= id {
                plan.ids.append(stored)
                continue
            }
            plan.ids.append(id)
            plan.replaced += rivals
            plan.inserted.append(outcome)
        }
        return plan
    }

    /// One outcome as an object for `jsonb_to_recordset`. The trajectory is JSON text already and goes in as it is.
    static func row(_ outcome: Outcome) -> String {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        func integer(_ value: Int64?) -> JSONValue { value.map(JSONValue.integer) ?? .null }
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        let fields = JSONValue.members(
            ("outcome_id", text(outcome.id)), ("scenario_id", .string(outcome.scenario.id)),
            ("trial", .integer(Int64(outcome.trial))),
            ("execution_time", text(outcome.executionTime?.description)),
            ("status", .string(outcome.status.rawValue)),
            ("reliability_score", number(outcome.reliabilityScore)),
            ("execution_time_ms", integer(outcome.executionTimeMs)),
            ("tokens_used", integer(outcome.tokensUsed)),
            ("cost_usd", number(outcome.costUSD)), ("modal_call_id", text(outcome.modalCallID)),
            ("sandbox_id", text(outcome.sandboxID)), ("error_code", text(outcome.errorCode)),
            ("error_category", text(outcome.errorCategory)), ("error_message", text(outcome.errorMessage)),
            ("retry_count", .integer(Int64(outcome.retryCount))), ("metrics", outcome.metrics ?? .null)
        ).text
        guard let trajectory = outcome.trajectory else { return fields }
        return "\(fields.dropLast()),\"trajectory\":\(trajectory)}"
    }
}

extension Value {
    /// The text, or null.
    static func optional(_ value: String?) -> Value { value.map(Value.text) ?? .null }
    /// The number, or null.
    static func optional(_ value: Double?) -> Value { value.map(Value.double) ?? .null }
    /// The integer, or null.
    static func optional(_ value: Int64?) -> Value { value.map(Value.int) ?? .null }
    /// The integer, or null.
    static func optional(_ value: Int?) -> Value { value.map { .int(Int64($0)) } ?? .null }
    /// An array of texts.
    static func texts(_ values: [String]) -> Value { .array(ArrayValue(values.map(Value.text))) }
    /// An array of integers.
    static func integers(_ values: [Int]) -> Value {
        .array(ArrayValue(values.map { Value.int(Int64($0)) }))
    }
}
