extension GatePolicy {
    /// The policy in a file, YAML or JSON:
    ///
    ///     baseline: tag:main
    ///     critical: { scenarios: [refund_damaged], tag: critical }
    ///     missing_scenarios: fail
    ///     too_little_evidence: fail
    ///     gates:
    ///       - metric: pass_rate
    ///         tolerance: 0.02
    ///       - metric: cost_usd
    ///         tolerance: 10 %
    ///       - metric: score
    ///         at_least: 0.6
    ///
    /// - Throws: `EvaluationError` with code `invalid` that names the file, the field and what was expected.
    public init(yaml text: String, name: String) throws(EvaluationError) {
        try self.init(ConfigurationDocument(yaml: text, name: name).parsed, name: name)
        source = name
    }

    /// The policy that an object describes.
    ///
    /// - Parameter name: what to call it in a message.
    public init(_ value: JSONValue, name: String) throws(EvaluationError) {
        let fields = try PolicyFields(
            value, name,
            ["baseline", "critical", "missing_scenarios", "too_little_evidence", "confidence", "gates"])
        baseline = try fields.text("baseline")
        missingScenarios = try fields.choice("missing_scenarios") ?? .fail
        tooLittleEvidence = try fields.choice("too_little_evidence")
        if let critical = fields["critical"] {
            let inner = try PolicyFields(critical, fields.place("critical"), ["scenarios", "tag"])
            self.critical = Set(try inner.texts("scenarios") ?? [])
            criticalTag = inner.isNull("tag") ? nil : try inner.text("tag") ?? criticalTag
        }
        let confidence = try fields.share("confidence")
        if let gates = fields["gates"] {
            guard let list = gates.array, !list.isEmpty else {
                throw fields.wrong("gates", "a list of gates, such as `- metric: pass_rate`", gates)
            }
            var read: [GateRule] = []
            for (place, gate) in list.enumerated() {
                read.append(try GateRule(gate, "\(fields.place("gates"))[\(place + 1)]"))
            }
            rules = read
        }
        if let confidence {
            for place in rules.indices where !rules[place].saysConfidence {
                rules[place].confidence = confidence
            }
        }
        document = value
        try validate()
    }
}

extension GateRule {
    fileprivate init(_ value: JSONValue, _ place: String) throws(EvaluationError) {
        let fields = try PolicyFields(
            value, place,
            [
                "metric", "name", "tolerance", "confidence", "more_is_better", "minimum_scenarios",
                "at_least",
                "at_most", "too_little_evidence",
            ])
        guard let metric = try fields.text("metric") else {
            throw EvaluationError(
                .invalid, "\(place) has no metric", advice: "Such as `metric: pass_rate`.")
        }
        self.init(metric: metric)
        name = try fields.text("name") ?? metric
        moreIsBetter = try fields.flag("more_is_better")
        tolerance = try fields.tolerance("tolerance")
        if let level = try fields.share("confidence") { (confidence, saysConfidence) = (level, true) }
        minimumScenarios = try fields.count("minimum_scenarios")
        tooLittleEvidence = try fields.choice("too_little_evidence")
        let (least, most) = (try fields.number("at_least"), try fields.number("at_most"))
        switch (least, most) {
        case (let least?, nil): bound = .atLeast(least)
        case (nil, let most?): bound = .atMost(most)
        case (nil, nil): return
        default:
            throw EvaluationError(.invalid, "\(place) has both at_least and at_most: make it two gates")
        }
        guard tolerance == nil else {
            throw EvaluationError(
                .invalid, "\(place): a tolerance has no meaning for a bound",
                advice: "A bound is the limit itself; a tolerance belongs to a comparison with the baseline.")
        }
    }
}

/// The fields of an object of a policy, each checked when it is read.
private struct PolicyFields {
    private let members: [JSONValue.Member]
    private let name: String

    init(_ value: JSONValue, _ name: String, _ known: [String]) throws(EvaluationError) {
        guard case .object(let members) = value else {
            throw EvaluationError(
                .invalid, "\(name) must be a mapping of \(known.joined(separator: ", ")), got \(value.kind)")
        }
        if let unknown = members.first(where: { !known.contains($0.name) }) {
            throw EvaluationError(
                .invalid, "\(name) has no field \"\(unknown.name)\"",
                advice: "It may have: \(known.joined(separator: ", ")).")
        }
        self.members = members
        self.name = name
    }

    subscript(_ field: String) -> JSONValue? {
        members.last { $0.name == field }?.value
    }

    func isNull(_ field: String) -> Bool { self[field]?.isNull ?? false }

    func place(_ field: String) -> String {
        name.contains(/[:\]]/) ? "\(name).\(field)" : "\(name): \(field)"
    }

    func wrong(_ field: String, _ expected: String, _ value: JSONValue) -> EvaluationError {
        EvaluationError(.invalid, "\(place(field)) must be \(expected), got \(value.text)")
    }

    private func read<Value>(
        _ field: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(EvaluationError) -> Value? {
        guard let value = self[field] else { return nil }
        guard let found = read(value) else { throw wrong(field, expected, value) }
        return found
    }

    func text(_ field: String) throws(EvaluationError) -> String? {
        try read(field, "a text") { $0.string.flatMap { $0.isEmpty ? nil : $0 } }
    }

    func texts(_ field: String) throws(EvaluationError) -> [String]? {
        try read(field, "a list of texts") { value in
            guard let list = value.array else { return nil }
            let texts = list.compactMap(\.string)
            return texts.count == list.count ? texts : nil
        }
    }

    func flag(_ field: String) throws(EvaluationError) -> Bool? {
        try read(field, "true or false") { if case .bool(let flag) = $0 { flag } else { nil } }
    }

    func number(_ field: String) throws(EvaluationError) -> Double? {
        try read(field, "a number") { $0.double.flatMap { $0.isFinite ? $0 : nil } }
    }

    func share(_ field: String) throws(EvaluationError) -> Double? {
        try read(field, "between 0 and 1, such as 0.95") {
            $0.double.flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
        }
    }

    func count(_ field: String) throws(EvaluationError) -> Int? {
        try read(field, "a number of scenarios, 1 or more") { $0.int.flatMap { $0 > 0 ? $0 : nil } }
    }

    func choice(_ field: String) throws(EvaluationError) -> GatePolicy.Consequence? {
        try read(field, "pass or fail") { $0.string.flatMap(GatePolicy.Consequence.init) }
    }

    func tolerance(_ field: String) throws(EvaluationError) -> Tolerance? {
        try read(
            field,
            "0 or more in the metric's unit, such as 0.02, or a share of the baseline's mean, such as 10 %"
        ) {
            if let number = $0.double { return number >= 0 && number.isFinite ? .absolute(number) : nil }
            return $0.string.flatMap(Tolerance.init)
        }
    }
}
