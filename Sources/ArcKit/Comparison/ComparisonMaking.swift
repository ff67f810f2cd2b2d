/// Makes a comparison of runs that were read.
struct ComparisonMaking {
    typealias Sides<Value> = (a: Value, b: Value)

    let runs: ComparedRuns
    let simulations: Sides<ComparedSimulation>
    private let tags: [TaggedScenarios]
    private let effects: SmallestEffects
    private let options: ComparisonOptions
    private let declarations: MetricDeclarations
    let thresholds: Sides<Double>
    /// The verdict of each row, by the threshold of either side.
    private let verdicts: Sides<[Double]>
    /// How many runs of each scenario passed, of those whose verdict is known.
    private let counts: [Sides<PassCount>]

    init(
        _ runs: ComparedRuns, _ simulations: Sides<ComparedSimulation>, _ tags: [TaggedScenarios],
        _ options: ComparisonOptions, _ declarations: MetricDeclarations = MetricDeclarations()
    ) {
        self.declarations = declarations
        self.runs = runs
        self.simulations = simulations
        self.tags = tags
        effects = SmallestEffects(alpha: 1 - options.confidence)
        self.options = options
        let thresholds = (
            a: options.passThreshold ?? simulations.a.passThreshold,
            b: options.passThreshold ?? simulations.b.passThreshold
        )
        let verdicts = runs.verdicts(thresholds: thresholds)
        self.thresholds = thresholds
        self.verdicts = verdicts
        func count(_ verdicts: [Double], _ rows: Range<Int>) -> PassCount {
            var count = PassCount(passes: 0, trials: 0)
            for row in rows where !verdicts[row].isNaN {
                count.trials += 1
                if verdicts[row] == 1 { count.passes += 1 }
            }
            return count
        }
        counts = runs.spans.map { (count(verdicts.a, $0.a), count(verdicts.b, $0.b)) }
    }

    /// - Throws: `EvaluationError` with code `invalid` for a metric that there isn't.
    func comparison() throws(EvaluationError) -> Comparison {
        let known = metrics
        let metric = try ComparedMetric.named(
            options.metric, among: known, or: declarations.otherNames, place: options.place)
        let values = values(of: metric)
        let pairs = values.pairs
        let matched = runs.spans.count { $0.isMatched }
        let difference = PairedDifference(
            pairs, of: metric, ranBoth: matched, confidence: options.confidence, effects: effects)
        let scenarios = scenarios(values, metric)
        let permutation = SignFlip.p(
            pairs.map(\.difference), scale: pairs.lazy.map { max($0.a.magnitude, $0.b.magnitude) }.max(),
            seed: options.seed, resamples: options.resamples)
        let unknown = unknown(of: metric)
        let verdict = RegressionVerdict(
            difference, of: metric, options: options, permutation: permutation?.p,
            lostCritical: scenarios.filter { $0.isCritical && $0.isLost }.map(\.scenario).sorted(),
            lostShare: unknown.lost(runs.spans))
        return Comparison(
            options: options, metric: metric, a: side(isA: true, metric, unknown),
            b: side(isA: false, metric, unknown),
            difference: difference, onlyA: unmatched { $0.b.isEmpty }, onlyB: unmatched { $0.a.isEmpty },
            withoutValue: matched - pairs.count,
            mcNemar: values.areVerdicts && !pairs.isEmpty
                ? McNemar(pairs.lazy.map { (a: $0.a == 1, b: $0.b == 1) }) : nil,
            permutation: permutation, verdict: verdict,
            byMetric: byMetric(known, matched, done: (metric, difference)), byTag: byTag(values, metric),
            byScenario: scenarios, notes: notes(metric, matched: matched, pairs: pairs.count))
    }

    // MARK: - Metrics

    /// What can be compared: what every outcome may have, then pass^k and pass@k where a scenario has k trials on both sides,
    /// then the recorded numbers.
    private var metrics: [ComparedMetric] {
        let trials = counts.reduce(0) { max($0, min($1.a.trials, $1.b.trials)) }
        let families =
            trials < 2 || options.largestK < 2
            ? []
            : (2...min(trials, options.largestK)).flatMap { [ComparedMetric.allPass($0), .anyPasses($0)] }
        return ComparedMetric.own + families
            + runs.recorded.map { .recorded($0.name, declarations.byName[$0.name]) }
            + runs.ofScenarios.keys.sorted().compactMap {
                declarations.byName[$0].map(ComparedMetric.ofScenarios)
            }
    }

    private func values(of metric: ComparedMetric) -> ScenarioValues {
        switch metric.source {
        case .allPass(let k):
            ScenarioValues(counts) {
                $0.trials < k ? .nan : PassRates.shareOfDraws(k, from: $0.passes, of: $0.trials)
            }
        case .anyPasses(let k):
            ScenarioValues(counts) {
                $0.trials < k
                    ? .nan : 1 - PassRates.shareOfDraws(k, from: $0.trials - $0.passes, of: $0.trials)
            }
        case .ofScenarios(let name): ScenarioValues(ofScenarios: runs.ofScenarios[name] ?? ([], []))
        default: ScenarioValues(columns(of: metric), runs.spans)
        }
    }

    /// What a metric goes by of each run; nothing for those that scenarios have, not runs.
    private func columns(of metric: ComparedMetric) -> Sides<[Double]> {
        func both(_ column: [Double]) -> Sides<[Double]> { (column, column) }
        switch metric.source {
        case .score: return both(runs.scores)
        case .verdict: return verdicts
        case .latency: return both(runs.latencies)
        case .tokens: return both(runs.tokens)
        case .cost: return both(runs.costs)
        case .recorded(let name): return both(runs.recorded.first { $0.name == name }?.values ?? [])
        case .allPass, .anyPasses: return verdicts
        case .ofScenarios: return both([])
        }
    }

    private func unknown(of metric: ComparedMetric) -> UnknownValues {
        switch metric.source {
        case .ofScenarios(let name): UnknownValues(ofScenarios: runs.ofScenarios[name] ?? ([], []))
        default:
            UnknownValues(
                columns(of: metric), runs.spans,
                planned: (simulations.a.plannedTrials, simulations.b.plannedTrials))
        }
    }

    private func byMetric(
        _ metrics: [ComparedMetric], _ matched: Int, done: (ComparedMetric, PairedDifference)
    ) -> [Comparison.MetricDifference] {
        var differences = metrics.map { metric in
            let difference =
                metric == done.0
                ? done.1
                : PairedDifference(
                    values(of: metric).pairs, of: metric, ranBoth: matched, confidence: options.confidence,
                    effects: effects)
            return Comparison.MetricDifference(metric: metric, difference: difference)
        }.filter { $0.difference.matched > 0 || ComparedMetric.own.contains($0.metric) }
        let corrected = Multiplicity.benjaminiHochberg(differences.map(\.difference.p))
        for index in differences.indices { differences[index].difference.correctedP = corrected[index] }
        return differences
    }

    // MARK: - Sides, tags and scenarios

    private func side(isA: Bool, _ metric: ComparedMetric, _ unknown: UnknownValues) -> Comparison.Side {
        let spans = runs.spans.map { isA ? $0.a : $0.b }.filter { !$0.isEmpty }
        var ended: [OutcomeStatus: Int] = [:]
        for rows in spans { for row in rows { ended[runs.statuses[row], default: 0] += 1 } }
        return Comparison.Side(
            simulation: (isA ? simulations.a : simulations.b).reference, scenarios: spans.count,
            runs: ended.values.reduce(0, +), errors: ended[.error, default: 0] + ended[.timeout, default: 0],
            cancelled: ended[.cancelled, default: 0], passThreshold: isA ? thresholds.a : thresholds.b,
            mean: mean(metric, isA: isA, spans), unknown: unknown.missing(runs.spans, isA: isA))
    }

    private func mean(_ metric: ComparedMetric, isA: Bool, _ spans: [Range<Int>]) -> Estimate {
        let counts = counts.map { isA ? $0.a : $0.b }.filter { $0.trials > 0 }
        switch metric.source {
        case .allPass(let k): return PassRates.passHat(k, of: counts, confidence: options.confidence)
        case .anyPasses(let k): return PassRates.passAt(k, of: counts, confidence: options.confidence)
        case .ofScenarios(let name):
            let column = (isA ? runs.ofScenarios[name]?.a : runs.ofScenarios[name]?.b) ?? []
            return Mean.estimate(
                column.filter { !$0.isNaN }.map { [$0] }, within: metric.bounds,
                confidence: options.confidence)
        default:
            let column = isA ? columns(of: metric).a : columns(of: metric).b
            let groups = spans.map { rows in rows.compactMap { column[$0].isNaN ? nil : column[$0] } }
            return Mean.estimate(groups, within: metric.bounds, confidence: options.confidence)
        }
    }

    private func unmatched(_ isAbsent: (ComparedRuns.Span) -> Bool) -> [String] {
        runs.spans.indices.filter { isAbsent(runs.spans[$0]) }.map { runs.scenarios[$0] }
    }

    private func byTag(_ values: ScenarioValues, _ metric: ComparedMetric) -> [Comparison.TagDifference] {
        var differences = tags.compactMap { tag -> Comparison.TagDifference? in
            let ranBoth = tag.places.count { runs.spans[$0].isMatched }
            guard ranBoth > 0 else { return nil }
            return Comparison.TagDifference(
                tag: tag.tag,
                difference: PairedDifference(
                    values.pairs(among: tag.places), of: metric, ranBoth: ranBoth,
                    confidence: options.confidence, effects: effects))
        }
        let corrected = Multiplicity.holm(differences.map(\.difference.p))
        for index in differences.indices { differences[index].difference.correctedP = corrected[index] }
        return differences
    }

    private func scenarios(_ values: ScenarioValues, _ metric: ComparedMetric) -> [ScenarioDifference] {
        let tagged = Set(tags.first { $0.tag == options.criticalTag }?.places ?? [])
        func side(_ rows: Range<Int>, _ mean: Double, _ verdicts: PassCount) -> ScenarioDifference.Side {
            ScenarioDifference.Side(
                runs: rows.count,
                errors: rows.count { runs.statuses[$0] == .error || runs.statuses[$0] == .timeout },
                mean: mean.isNaN ? nil : mean, verdicts: verdicts)
        }
        var scenarios = runs.spans.indices.map { place in
            ScenarioDifference(
                runs.scenarios[place],
                a: side(runs.spans[place].a, values.a[place], counts[place].a),
                b: side(runs.spans[place].b, values.b[place], counts[place].b),
                isCritical: tagged.contains(place) || options.critical.contains(runs.scenarios[place]))
        }
        let corrected = Multiplicity.benjaminiHochberg(scenarios.map(\.p))
        for index in scenarios.indices { scenarios[index].correctedP = corrected[index] }
        let sign: Double = options.moreIsBetter ?? metric.moreIsBetter ? 1 : -1
        let changes = scenarios.map { $0.difference.map { $0 * sign } ?? .infinity }
        // They are in the order of their ids, which decides between those that changed as much.
        return scenarios.indices.sorted { (changes[$0], $0) < (changes[$1], $1) }.map { scenarios[$0] }
    }
}
