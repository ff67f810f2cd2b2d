extension ComparisonMaking {
    /// What must be known to read the figures.
    func notes(_ metric: ComparedMetric, matched: Int, pairs: Int) -> [String] {
        var notes: [String] = []
        if simulations.a.reference.id == simulations.b.reference.id {
            notes.append("A and B are the same simulation")
        }
        for (name, simulation) in [("A", simulations.a), ("B", simulations.b)]
        where simulation.completedRuns < simulation.totalRuns {
            notes.append(
                "\(name) is \(simulation.state.rawValue): \(simulation.completedRuns) of "
                    + "\(simulation.totalRuns) runs recorded")
        }
        let onlyA = runs.spans.count { $0.b.isEmpty }
        let onlyB = runs.spans.count { $0.a.isEmpty }
        if onlyA + onlyB > 0 {
            notes.append("scenarios that only one side ran are left out: \(onlyA) of A, \(onlyB) of B")
        }
        if pairs < matched {
            notes.append(
                "scenarios whose \(metric.name) isn't known on both sides are left out: \(matched - pairs)")
        }
        if thresholds.a != thresholds.b {
            notes.append(
                "a run of A passes from \(Outcome.plain(thresholds.a)), one of B from \(Outcome.plain(thresholds.b))"
            )
        }
        notes += runNotes("A", \.a) + runNotes("B", \.b)
        return notes
    }

    /// What is to be known of one side's runs.
    private func runNotes(_ name: String, _ side: KeyPath<ComparedRuns.Span, Range<Int>>) -> [String] {
        let rows = runs.spans.lazy.flatMap { $0[keyPath: side] }
        let failed = rows.count { self.hasFailed($0) && self.runs.scores[$0].isNaN }
        let silent = rows.count { self.runs.statuses[$0] == .success && self.runs.scores[$0].isNaN }
        let cancelled = rows.count { self.runs.statuses[$0] == .cancelled }
        var notes: [String] = []
        if failed > 0 {
            notes.append(
                "\(name): errors and timeouts without a score, which aren't in the score and didn't pass: \(failed)"
            )
        }
        if silent > 0 {
            notes.append(
                "\(name): successes without a score, of which isn't known whether they passed: \(silent)")
        }
        if cancelled > 0 {
            notes.append("\(name): cancelled runs, which count neither as passed nor as not: \(cancelled)")
        }
        return notes
    }

    private func hasFailed(_ row: Int) -> Bool {
        runs.statuses[row] == .error || runs.statuses[row] == .timeout
    }
}
