/// Proportions of independent trials with exact or near-exact intervals, which hold at 0 and 1 and for few trials.
///
/// For trials that are clustered in scenarios use `Mean.estimate`, or count scenarios.
public enum Proportion {
    /// Wilson's score interval without continuity correction.
    ///
    /// Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    ///
    /// - Parameters:
    ///   - successes: 0…n.
    ///   - n: the number of independent trials; without any, nothing is known.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func wilson(_ successes: Int, of n: Int, confidence: Double = 0.95) -> Estimate {
        interval(successes, n, "Wilson interval", confidence) { tail in
            guard let z = Distribution.normalQuantile(1 - tail) else { return nil }
            let count = Double(n)
            let share = Double(successes) / count
            let scale = 1 + z * z / count
            let center = (share + z * z / (2 * count)) / scale
            let half = z / scale * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
            return (center - half, center + half)
        }
    }

    /// The exact interval of Clopper and Pearson; it covers at least as often as it says, mostly more.
    ///
    /// Source: Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    /// binomial", Biometrika 26 (1934), by quantiles of the beta distribution.
    ///
    /// - Parameters:
    ///   - successes: 0…n.
    ///   - n: the number of independent trials; without any, nothing is known.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func clopperPearson(_ successes: Int, of n: Int, confidence: Double = 0.95) -> Estimate {
        interval(successes, n, "Clopper–Pearson interval", confidence) { tail in
            let (passed, failed) = (Double(successes), Double(n - successes))
            let low = successes == 0 ? 0 : Distribution.betaQuantile(tail, passed, failed + 1)
            let high = successes == n ? 1 : Distribution.betaQuantile(1 - tail, passed + 1, failed)
            guard let low, let high else { return nil }
            return (low, high)
        }
    }

    /// The equal-tailed posterior interval under Jeffreys' prior, Beta(½, ½), with the lower bound 0 where nothing
    /// succeeded and the upper bound 1 where everything did.
    ///
    /// Source: Brown, Cai & DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16
    /// (2001), section 3.1.
    ///
    /// - Parameters:
    ///   - successes: 0…n.
    ///   - n: the number of independent trials; without any, nothing is known.
    ///   - confidence: the level of the interval, between 0 and 1.
    public static func jeffreys(_ successes: Int, of n: Int, confidence: Double = 0.95) -> Estimate {
        interval(successes, n, "Jeffreys interval", confidence) { tail in
            let (a, b) = (Double(successes) + 0.5, Double(n - successes) + 0.5)
            guard let low = Distribution.betaQuantile(tail, a, b),
                let high = Distribution.betaQuantile(1 - tail, a, b)
            else { return nil }
            return (low, high)
        }
    }

    /// What is believed about the proportion after the trials, where a Beta(a, b) prior said what was believed before:
    /// the mean of the posterior Beta(successes + a, failures + b), its standard deviation as the standard error, and
    /// its equal-tailed interval.
    ///
    /// The prior Beta(1, 1) takes all proportions for equally likely; Beta(½, ½) is Jeffreys'. The value is drawn
    /// towards the prior's mean: 0 of 10 gives 1/12.
    /// Source: Gelman et al., "Bayesian data analysis", 3rd edition, 2013, section 2.4.
    ///
    /// - Parameters:
    ///   - successes: 0…n.
    ///   - n: the number of independent trials; without any, the posterior is the prior, and nothing is said.
    ///   - prior: the prior's parameters, both above 0.
    ///   - confidence: the posterior probability of the interval, between 0 and 1.
    public static func betaPosterior(
        _ successes: Int, of n: Int, prior: (a: Double, b: Double) = (1, 1), confidence: Double = 0.95
    ) -> Estimate {
        let (a, b) = (Double(successes) + prior.a, Double(n - successes) + prior.b)
        var estimate = interval(
            successes, n, "Beta(\(prior.a), \(prior.b)) posterior", confidence, closesEnds: false
        ) { tail in
            guard let low = Distribution.betaQuantile(tail, a, b),
                let high = Distribution.betaQuantile(1 - tail, a, b)
            else { return nil }
            return (low, high)
        }
        guard estimate.value != nil else { return estimate }
        guard prior.a > 0, prior.b > 0, a.isFinite, b.isFinite else {
            estimate.value = nil
            estimate.interval = nil
            estimate.note = "the prior's parameters must be above 0"
            return estimate
        }
        estimate.value = a / (a + b)
        estimate.standardError = (a * b / (a + b + 1)).squareRoot() / (a + b)
        return estimate
    }

    /// The estimate with the bounds that `bounds` computes from the probability in each tail.
    private static func interval(
        _ successes: Int, _ n: Int, _ method: String, _ confidence: Double, closesEnds: Bool = true,
        bounds: (_ tail: Double) -> (low: Double, high: Double)?
    ) -> Estimate {
        var estimate = Estimate(value: nil, n: max(n, 0), clusters: max(n, 0), method: method)
        if n <= 0 { return estimate.noting("no trials") }
        guard (0...n).contains(successes) else {
            return estimate.noting("\(successes) successes of \(n) trials are impossible")
        }
        estimate.value = Double(successes) / Double(n)
        guard confidence > 0, confidence < 1, let (low, high) = bounds((1 - confidence) / 2) else {
            return estimate.noting("no interval at a confidence of \(confidence): it must be between 0 and 1")
        }
        estimate.interval = Estimate.Interval(
            low: closesEnds && successes == 0 ? 0 : max(low, 0),
            high: closesEnds && successes == n ? 1 : min(high, 1))
        return estimate
    }
}
