extension Session {
    /// Holds a candidate against a policy. Outcomes are read once, whatever the number of rules.
    ///
    /// - Parameters:
    ///   - baseline: what it is compared with; nil where the policy's rules need none.
    ///   - candidate: the simulation in question.
    ///   - metrics: who knows more metrics; those that a rule asks for and that weren't recorded are computed.
    /// - Throws: `EvaluationError` with code `invalid` where a rule needs a baseline and there is none, for a metric that
    ///   neither has and for two gates of one name; `notFound` for critical scenarios that neither ran.
    public func gates(
        _ policy: GatePolicy, baseline: SimulationReference?, candidate: SimulationReference,
        metrics: (any MetricSource)? = nil
    ) async throws -> [GateResult] {
        try policy.validate()
        let options = policy.rules.map { rule in
            var options = rule.options
            options.place = policy.place(of: rule)
            return options
        }
        guard let baseline else {
            guard !policy.comparesWithBaseline else {
                throw EvaluationError(
                    .invalid, "the policy compares with a baseline, and none is given",
                    advice:
                        "Name one with --baseline, or in the policy: `baseline: tag:main`.")
            }
            let all = try await comparisons(candidate, with: candidate, options, metrics: metrics)
            try policy.check(all)
            return policy.results(nil, all)
        }
        guard baseline.id != candidate.id else {
            throw EvaluationError(
                .invalid,
                "simulation \(candidate.label) is the baseline and the candidate: it can't differ from itself",
                advice:
                    "Name another baseline. A tag is of the newest simulation that has it, which may be the candidate."
            )
        }
        var standing = ComparisonOptions()
        standing.metric = ComparedMetric.passRate.name
        standing.critical = policy.critical
        standing.criticalTag = policy.criticalTag
        let all = try await comparisons(baseline, with: candidate, [standing] + options, metrics: metrics)
        let ofRules = Array(all.dropFirst())
        try policy.check(ofRules)
        return policy.results(all[0], ofRules)
    }
}

extension GatePolicy {
    /// What to call a rule in a message.
    fileprivate func place(of rule: GateRule) -> String {
        "\(source.map { "\($0): " } ?? "")gate \"\(rule.name)\""
    }

    /// Refuses rules that could never fail, whatever the candidate did, or that turn a metric of arc's own around.
    ///
    /// - Throws: `EvaluationError` with code `invalid` that names the rule and what was expected.
    fileprivate func check(_ comparisons: [Comparison]) throws(EvaluationError) {
        for (rule, comparison) in zip(rules, comparisons) {
            let metric = comparison.metric
            let place = place(of: rule)
            if let direction = rule.moreIsBetter, metric.isOwn, direction != metric.moreIsBetter {
                throw EvaluationError(
                    .invalid,
                    "\(place): of \(metric.name) \(metric.moreIsBetter ? "more" : "less") is better, and the rule says the contrary",
                    advice: "more_is_better is for numbers of your own: leave it out.")
            }
            guard let possible = metric.bounds.closed, rule.cannotFail(within: possible) else { continue }
            throw EvaluationError(
                .invalid,
                "\(place) could never fail: \(metric.name) is between \(Outcome.plain(possible.lowerBound)) and \(Outcome.plain(possible.upperBound))",
                advice: "Tolerances and bounds are in the metric's unit: 5 points of a rate are 0.05.")
        }
    }
}

extension GateRule {
    /// Whether nothing that lies within these ends could fail the rule.
    fileprivate func cannotFail(within possible: ClosedRange<Double>) -> Bool {
        switch (bound, tolerance) {
        case (.atLeast(let least), _): least <= possible.lowerBound
        case (.atMost(let most), _): most >= possible.upperBound
        case (nil, .absolute(let size)): size >= possible.upperBound - possible.lowerBound
        // A share of a mean is less than all that it could lose.
        case (nil, .relative(let share)): share >= 1 && possible.lowerBound == 0 && moreIsBetter ?? true
        case (nil, nil): false
        }
    }
}
