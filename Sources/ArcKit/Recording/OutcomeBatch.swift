import Postgres

/// What to call each outcome of a call in a message, such as "record 3", by its index from 0.
public typealias OutcomePlaces = @Sendable (Int) -> String

/// Outcomes of one simulation that are recorded together: checked, numbered, and compared with what is stored.
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
        /// For each outcome, the id that its run has afterwards, and whether the outcome is written.
        var ids: [(id: String, isWritten: Bool)] = []
    }

    /// The outcomes, each with an id and a time, no two of the same run.
    let outcomes: [Outcome]
    /// What to call each of them in a message; nil for "outcome 1", "outcome 2", …
    private let places: OutcomePlaces?
    /// Numbers that stand for the runs, and for the ids that were given. Two runs may have the same; that costs more time.
    let keys: [Int]

    /// Checks the outcomes, and gives an id and a time to those without.
    ///
    /// Texts aren't looked into: the server does that, and `complaint` says afterwards what was wrong.
    init(_ outcomes: [Outcome], places: OutcomePlaces?, now: Timestamp = .now) throws(EvaluationError) {
        self.places = places
        var complete = outcomes
        var keys: [Int] = []
        keys.reserveCapacity(outcomes.count)
        for index in complete.indices {
            try complete[index].checkRanges(as: Self.place(index, places))
            keys.append(complete[index].run.hashValue)
            if let id = complete[index].id?.lowercased() {
                complete[index].id = id
                keys.append(id.hashValue)
            } else {
                complete[index].id = Identifier.make()
            }
            complete[index].executionTime = complete[index].executionTime ?? now
        }
        self.outcomes = complete
        self.keys = keys
        if Set(keys).count < keys.count { try refuseTwins() }
    }

    /// Several batches as one; no run and no id may be in two of them.
    init(merging batches: [OutcomeBatch]) {
        outcomes = batches.flatMap(\.outcomes)
        keys = batches.flatMap(\.keys)
        places = nil
    }

    /// What to call an outcome in a message.
    func place(_ index: Int) -> String { Self.place(index, places) }

    private static func place(_ index: Int, _ places: OutcomePlaces?) -> String {
        places?(index) ?? "outcome \(index + 1)"
    }

    private func refuseTwins() throws(EvaluationError) {
        var runs: [Run: Int] = [:]
        var ids: [String: Int] = [:]
        runs.reserveCapacity(outcomes.count)
        ids.reserveCapacity(outcomes.count)
        for (index, outcome) in outcomes.enumerated() {
            if let first = runs.updateValue(index, forKey: outcome.run) {
                throw EvaluationError(
                    .invalid,
                    "\(place(index)): scenario \"\(outcome.scenario.id)\" trial \(outcome.trial) was given before, by \(place(first))",
                    advice: "Number the runs of a scenario: trial = 1, 2, …")
            }
            if let id = outcome.id, let first = ids.updateValue(index, forKey: id) {
                throw EvaluationError(
                    .invalid, "\(place(index)): outcome_id \(id) was given before, by \(place(first))",
                    advice: "Leave outcome_id out, and every outcome gets one of its own.")
            }
        }
    }

    /// Looks into every text and document for what the server would refuse.
    func checkTexts() throws(EvaluationError) {
        for index in outcomes.indices { try outcomes[index].checkTexts(as: place(index)) }
    }

    /// Why the server refused an outcome, in arc's words where arc knows.
    func complaint(about refused: RefusedOutcome) -> any Error {
        let error = refused.error
        guard let index = outcomes.firstIndex(where: { $0.id == refused.id }) else { return error }
        do throws(EvaluationError) {
            try outcomes[index].checkTexts(as: place(index))
        } catch {
            return error
        }
        if error.sqlState == "23505" {
            return EvaluationError(
                .invalid,
                "\(place(index)): outcome_id \(outcomes[index].id ?? "") belongs to another run already",
                advice: "Leave outcome_id out, and every outcome gets one of its own.", underlying: error)
        }
        return EvaluationError(.invalid, "\(place(index)): \(error.message)", underlying: error)
    }

    /// The days (UTC) that the outcomes fall on, as dates.
    var days: Set<String> {
        let days = Set(outcomes.compactMap { $0.executionTime.map { $0.day } })
        return Set(days.map { CalendarDate(days: Int32(clamping: $0)).description })
    }

    /// The hours (UTC) that outcomes begin in, each once: what their roll-ups will have to be computed anew for.
    static func hours(of outcomes: [Outcome]) -> [Timestamp] {
        Set(outcomes.lazy.compactMap { $0.executionTime?.hour }).sorted().map { Timestamp(microseconds: $0) }
    }

    /// How much the outcomes weigh in memory, about, in bytes.
    var weight: Int {
        outcomes.reduce(0) {
            $0 + 300 + ($1.trajectory?.utf8.count ?? 0) + ($1.errorMessage?.utf8.count ?? 0)
        }
    }

    /// The scenarios of which writing could tell the database anything new; each once, with all that is known.
    func scenarios(newTo set: KnownSet) -> [Scenario] {
        var news: [String: Scenario] = [:]
        var order: [String] = []
        // By index: a copy of an outcome copies all that it holds.
        for index in outcomes.indices where set.isNews(outcomes[index].scenario) {
            let scenario = outcomes[index].scenario
            if news[scenario.id] == nil { order.append(scenario.id) }
            news[scenario.id] = news[scenario.id]?.filled(by: scenario) ?? scenario
        }
        return order.compactMap { news[$0] }
    }

    /// The runs as bits by trial, where the set knows every scenario.
    func bits(by set: KnownSet) -> [(trial: Int, bits: RunBits)] {
        var bits: [Int: RunBits] = [:]
        for index in outcomes.indices {
            guard let ordinal = set.ordinal(of: outcomes[index].scenario.id) else { continue }
            bits[outcomes[index].trial, default: RunBits()].insert(ordinal)
        }
        return bits.sorted { $0.key < $1.key }.map { (trial: $0.key, bits: $0.value) }
    }

    /// What to insert and what it replaces, given the ids that each run has. UUIDv7s sort by time: the latest
    /// outcome of a run is the one to keep, whatever the order of arrival.
    func plan(against existing: [Run: [String]]) -> Plan {
        var plan = Plan()
        plan.ids.reserveCapacity(outcomes.count)
        guard !existing.isEmpty else {
            plan.inserted = outcomes
            plan.ids = outcomes.map { ($0.id ?? "", true) }
            return plan
        }
        for outcome in outcomes {
            let id = outcome.id ?? ""
            let rivals = existing[outcome.run] ?? []
            if let stored = rivals.max(), stored >= id {
                plan.ids.append((stored, false))
                continue
            }
            plan.ids.append((id, true))
            plan.replaced += rivals
            plan.inserted.append(outcome)
        }
        return plan
    }
}

extension Outcome {
    var run: OutcomeBatch.Run { OutcomeBatch.Run(scenario: scenario.id, trial: trial) }
}

extension Timestamp {
    /// The day (UTC) that this falls on, counted from 2000-01-01.
    fileprivate var day: Int {
        let length: Int64 = 86_400_000_000
        return Int((microseconds - (microseconds < 0 ? length - 1 : 0)) / length)
    }

    /// The beginning of the hour that this falls in, in microseconds.
    fileprivate var hour: Int64 {
        let length: Int64 = 3_600_000_000
        return (microseconds - (microseconds < 0 ? length - 1 : 0)) / length * length
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
    /// An array of times.
    static func times(_ values: [Timestamp]) -> Value {
        .array(ArrayValue(values.map(Value.timestamp)))
    }
    /// An array of integers.
    static func integers(_ values: [Int]) -> Value {
        .array(ArrayValue(values.map { Value.int(Int64($0)) }))
    }
}
