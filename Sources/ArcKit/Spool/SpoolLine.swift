import Postgres

/// One outcome as a line of the spool: a JSON object that holds every field, and the digest of itself.
///
///     {"sha256":"0123456789abcdef","v":1,"simulation":{…},"outcome":{…}}
///
/// The digest is the first 64 bits of the SHA-256 of everything between it and the line's end. It comes first, at a
/// fixed place, so that a line that was torn, damaged or joined with another is told from a whole one without being
/// read as JSON. The fields are named after the table's columns.
enum SpoolLine {
    /// What a line holds.
    struct Entry: Sendable {
        var simulation: SimulationReference
        var outcome: Outcome
        /// The line itself, without its end.
        var bytes: [UInt8]
    }

    /// What a line turned out to be.
    enum Reading: Sendable {
        case entry(Entry)
        /// Whole, but in a version that this arc doesn't know.
        case newer(version: Int)
        /// Torn or damaged.
        case damaged
    }

    /// The version that this arc writes.
    static let version = 1

    private static let prefix = Array("{\"sha256\":\"".utf8)
    private static let digits = 16
    private static let separator = Array("\",".utf8)
    private static let bodyStart = prefix.count + digits + separator.count

    /// The line of an outcome, with its end.
    ///
    /// - Throws: `EvaluationError` with code `invalid` where the outcome has no id or time, or a number that JSON has
    ///   no form for.
    static func encode(
        _ outcome: Outcome, in simulation: SimulationReference
    ) throws(EvaluationError) -> [UInt8] {
        guard let id = outcome.id, let time = outcome.executionTime,
            (outcome.reliabilityScore ?? 0).isFinite, (outcome.costUSD ?? 0).isFinite
        else {
            throw EvaluationError(
                .invalid,
                "an outcome of scenario \"\(outcome.scenario.id)\" can't be spooled: it has no id or time, or a "
                    + "number that isn't finite")
        }
        var body = JSONBytes()
        body.open()
        body.member("v", Int64(version))
        body.member("simulation") { $0.fields(of: simulation) }
        body.member("outcome") { $0.fields(of: outcome, id: id, time: time) }
        body.close()
        // The opening brace is the line's own.
        let rest = body.bytes.dropFirst()
        return prefix + digest(rest) + separator + rest + [UInt8(ascii: "\n")]
    }

    /// Reads a line, given without its end.
    static func decode(_ line: [UInt8]) -> Reading {
        guard line.count > bodyStart, line.starts(with: prefix),
            line[prefix.count + digits..<bodyStart].elementsEqual(separator),
            line[prefix.count..<prefix.count + digits].elementsEqual(digest(line[bodyStart...])),
            let value = try? JSONReader.value(of: line), let version = value["v"]?.int
        else { return .damaged }
        guard version == Self.version else { return .newer(version: version) }
        guard let simulation = value["simulation"].flatMap(SimulationReference.init(spooled:)),
            let outcome = value["outcome"].flatMap(Outcome.init(spooled:))
        else { return .damaged }
        return .entry(Entry(simulation: simulation, outcome: outcome, bytes: line))
    }

    private static func digest(_ bytes: ArraySlice<UInt8>) -> String.UTF8View.SubSequence {
        bytes.withUnsafeBytes { Digest.sha256($0) }.utf8.prefix(digits)
    }
}

extension JSONBytes {
    fileprivate mutating func fields(of simulation: SimulationReference) {
        open()
        member("simulation_id", simulation.id)
        member("simulation_name", simulation.name)
        close()
    }

    fileprivate mutating func fields(of outcome: Outcome, id: String, time: Timestamp) {
        open()
        member("outcome_id", id)
        member("scenario") { $0.fields(of: outcome.scenario) }
        member("trial", Int64(outcome.trial))
        member("execution_time", time.description)
        member("status", outcome.status.rawValue)
        member("reliability_score", outcome.reliabilityScore)
        member("execution_time_ms", outcome.executionTimeMs)
        member("tokens_used", outcome.tokensUsed)
        member("cost_usd", outcome.costUSD)
        // As a string: byte for byte what was given, its line ends and spelling of numbers included.
        member("trajectory", outcome.trajectory)
        member("modal_call_id", outcome.modalCallID)
        member("sandbox_id", outcome.sandboxID)
        member("error_code", outcome.errorCode)
        member("error_category", outcome.errorCategory)
        member("categorized_by", outcome.categorizedBy)
        member("error_message", outcome.errorMessage)
        member("retry_count", Int64(outcome.retryCount))
        member("metrics", outcome.metrics)
        close()
    }

    private mutating func fields(of scenario: Scenario) {
        open()
        member("scenario_id", scenario.id)
        member("name", scenario.name)
        member("task_prompt", scenario.taskPrompt)
        member("difficulty_level", scenario.difficulty)
        if !scenario.tags.isEmpty { member("tags", .array(scenario.tags.map(JSONValue.string))) }
        member("expected_tools", scenario.expectedTools)
        member("embedding", scenario.embedding?.json)
        close()
    }
}

extension SimulationReference {
    /// A reference to a simulation by its id. Its state isn't known and taken to be `running`.
    ///
    /// - Parameters:
    ///   - id: the simulation's id.
    ///   - name: its name, where it has one.
    public init(id: String, name: String? = nil) {
        self.init(id: id, name: name, state: .running, namesakes: 1)
    }

    fileprivate init?(spooled value: JSONValue) {
        guard let id = value["simulation_id"]?.string else { return nil }
        self.init(id: id, name: value["simulation_name"]?.string)
    }
}

extension Outcome {
    fileprivate init?(spooled value: JSONValue) {
        guard let scenario = value["scenario"].flatMap(Scenario.init(spooled:)),
            let status = value["status"]?.string.flatMap(OutcomeStatus.init(rawValue:)),
            let trial = value["trial"]?.int, let id = value["outcome_id"]?.string,
            let time = value["execution_time"]?.string.flatMap({ Timestamp($0) }),
            let retryCount = value["retry_count"]?.int
        else { return nil }
        self.init(scenario: scenario, trial: trial, status: status)
        self.id = id
        executionTime = time
        reliabilityScore = value["reliability_score"]?.double
        executionTimeMs = value["execution_time_ms"]?.int.map(Int64.init)
        tokensUsed = value["tokens_used"]?.int.map(Int64.init)
        costUSD = value["cost_usd"]?.double
        trajectory = value["trajectory"]?.string
        modalCallID = value["modal_call_id"]?.string
        sandboxID = value["sandbox_id"]?.string
        errorCode = value["error_code"]?.string
        errorCategory = value["error_category"]?.string
        categorizedBy = value["categorized_by"]?.string
        errorMessage = value["error_message"]?.string
        self.retryCount = retryCount
        metrics = value["metrics"]
    }
}

extension Scenario {
    fileprivate init?(spooled value: JSONValue) {
        guard let id = value["scenario_id"]?.string else { return nil }
        self.init(
            id: id, name: value["name"]?.string, taskPrompt: value["task_prompt"]?.string,
            difficulty: value["difficulty_level"]?.string,
            tags: value["tags"]?.array?.compactMap(\.string) ?? [], expectedTools: value["expected_tools"],
            embedding: Embedding(json: value["embedding"]))
    }
}
