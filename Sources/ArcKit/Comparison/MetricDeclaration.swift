/// What somebody says of a metric of their own.
public struct MetricDeclaration: Sendable, Hashable {
    /// What a metric has a value of.
    public enum Unit: String, Sendable, CaseIterable {
        /// Of each run.
        case outcome
        /// Of each scenario, over its runs.
        case scenario
        /// Of a simulation as a whole.
        case simulation
    }

    /// Its name.
    public var name: String
    /// What its numbers count: `ratio`, `score`, `usd`, `ms`, `tokens`, …; nil where nobody says.
    public var unit: String?
    /// What it has a value of.
    public var per: Unit
    /// Whether more of it is better; nil where nobody says, and then more counts as better.
    public var moreIsBetter: Bool?
    /// The values that are possible.
    public var bounds: ValueBounds

    /// A declaration.
    public init(
        name: String, unit: String? = nil, per: Unit = .simulation, moreIsBetter: Bool? = nil,
        bounds: ValueBounds = ValueBounds()
    ) {
        self.name = name
        self.unit = unit
        self.per = per
        self.moreIsBetter = moreIsBetter
        self.bounds = bounds
    }
}

/// The values of a metric, one for each run or for each scenario of a simulation.
public struct MetricValues: Sendable {
    /// The scenario of each value.
    public var scenarios: [String]
    /// The trial of each value; nil of values that scenarios have, not runs.
    public var trials: [Int]?
    /// The values; NaN where nothing is known.
    public var values: [Double]

    /// Values, each with its scenario and perhaps its trial.
    public init(scenarios: [String], trials: [Int]?, values: [Double]) {
        self.scenarios = scenarios
        self.trials = trials
        self.values = values
    }

    /// The known values of each scenario, by the scenarios' ids and then by the trials: sums depend on the order.
    public var byScenario: [[Double]] {
        let order = scenarios.indices.sorted { one, other in
            if scenarios[one] != scenarios[other] {
                return scenarios[one].utf8.lexicographicallyPrecedes(scenarios[other].utf8)
            }
            return (trials?[one] ?? 0, one) < (trials?[other] ?? 0, other)
        }
        var groups: [[Double]] = []
        var last: String?
        for row in order {
            if scenarios[row] != last { groups.append([]) }
            last = scenarios[row]
            if !values[row].isNaN { groups[groups.count - 1].append(values[row]) }
        }
        return groups
    }
}

/// Whoever knows metrics beside those that arc has and those that were recorded.
public protocol MetricSource: Sendable {
    /// The names that may be asked for.
    var metricNames: [String] { get }

    /// What is declared of those of these metrics that are known.
    func declarations(of names: Set<String>) async throws -> [MetricDeclaration]

    /// A metric's values in a simulation, for a metric that has one of each run or scenario. Values that were recorded are
    /// taken as they are.
    ///
    /// - Parameter session: what reads the outcomes.
    func values(
        of name: String, in simulation: SimulationReference, session: Session
    ) async throws -> MetricValues
}
