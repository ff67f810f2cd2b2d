/// Fisher's exact test of whether two groups of independent trials pass equally often.
enum FisherExact {
    /// The two-sided p-value: the chance of all tables with these margins that are no likelier than the one observed.
    ///
    /// Source: Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society 98 (1935); tables
    /// as likely as the observed one but for rounding (10⁻⁷) count, as in R's `fisher.test` and SciPy.
    ///
    /// - Returns: nil where a group has no trials.
    static func p(_ a: PassCount, _ b: PassCount) -> Double? {
        guard a.trials > 0, b.trials > 0, (0...a.trials).contains(a.passes), (0...b.trials).contains(b.passes)
        else { return nil }
        let passes = a.passes + b.passes
        let least = max(0, passes - b.trials)
        let most = min(a.trials, passes)
        // Each table's chance from the one before it, as multiples of the first one's.
        var chances = [1.0]
        for x in least..<most {
            let ratio =
                Double(passes - x) / Double(x + 1) * Double(a.trials - x)
                / Double(b.trials - passes + x + 1)
            chances.append(chances[chances.count - 1] * ratio)
            // Many trials would leave what a Double can hold.
            if chances[chances.count - 1] > 1e200 { chances = chances.map { $0 * 1e-200 } }
        }
        let limit = chances[a.passes - least] * (1 + 1e-7)
        let unlikely = chances.reduce(0) { $1 <= limit ? $0 + $1 : $0 }
        return min(1, unlikely / chances.reduce(0, +))
    }
}
