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
        let options = policy.rules.map(\.options)
        guard let baseline else {
            guard !policy.comparesWithBaseline else {
                throw EvaluationError(
                    .invalid, "the policy compares with a baseline, and none is given",
                    advice:
                        "Name one with --baseline, or in the policy: `baseline: tag:main`.")
            }
            return policy.results(
                nil, try await comparisons(candidate, with: candidate, options, metrics: metrics))
        }
        var standing = ComparisonOptions()
        standing.metric = ComparedMetric.passRate.name
        standing.critical = policy.critical
        standing.criticalTag = policy.criticalTag
        let all = try await comparisons(baseline, with: candidate, [standing] + options, metrics: metrics)
        return policy.results(all[0], Array(all.dropFirst()))
    }
}
