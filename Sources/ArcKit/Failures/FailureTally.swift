import Postgres

/// The failures of a scope, added up as they come. What it keeps grows with the number of categories, scenarios and
/// templates, not with that of failures, and doesn't depend on the order in which they come.
struct FailureTally: Sendable {
    /// One failed run.
    struct Failure: Sendable {
        let scenario: String
        let category: String?
        let message: String?
        let time: Timestamp
        let outcome: UniqueID
    }

    /// What is known of a group of failures.
    private struct Group: Sendable {
        var failures = 0
        var scenarios: [String: Int] = [:]
        var categories: [String?: Int] = [:]
        var first: Timestamp
        var last: Failure

        init(_ failure: Failure) {
            first = failure.time
            last = failure
        }

        mutating func add(_ failure: Failure) {
            failures += 1
            scenarios[failure.scenario, default: 0] += 1
            categories[failure.category, default: 0] += 1
            first = min(first, failure.time)
            if (last.time, last.outcome) < (failure.time, failure.outcome) { last = failure }
        }

        mutating func add(_ other: Group) {
            failures += other.failures
            scenarios.merge(other.scenarios, uniquingKeysWith: +)
            categories.merge(other.categories, uniquingKeysWith: +)
            first = min(first, other.first)
            if (last.time, last.outcome) < (other.last.time, other.last.outcome) { last = other.last }
        }

        /// The most frequent category; of equally frequent ones the first by name, before one that nobody told.
        var category: String? {
            categories.min { one, other in
                (-one.value, one.key == nil ? 1 : 0, one.key ?? "")
                    < (-other.value, other.key == nil ? 1 : 0, other.key ?? "")
            }?.key
        }
    }

    /// How many runs each scenario has.
    let runs: [String: Int]
    private var all: Group?
    private var categories: [String?: Group] = [:]
    private var scenarios: [String: Group] = [:]
    private var templates: [String?: Group] = [:]

    init(runs: [String: Int]) { self.runs = runs }

    mutating func add(_ failure: Failure) {
        all = all ?? Group(failure)
        all?.add(failure)
        categories[failure.category, default: Group(failure)].add(failure)
        scenarios[failure.scenario, default: Group(failure)].add(failure)
        templates[failure.message.flatMap(MessageTemplate.of), default: Group(failure)].add(failure)
    }

    func answer(byTool: [FailingTool]?) -> Failures {
        let total = all?.failures ?? 0
        func share(_ group: Group) -> Double { Double(group.failures) / Double(total) }
        return Failures(
            runs: runs.values.reduce(0, +), failures: total, rate: rate(of: all),
            byCategory: Self.ranked(categories).map { category, group in
                FailureCategory(
                    category: category, failures: group.failures, share: share(group),
                    runs: runs.values.reduce(0, +), rate: rate(of: group), scenarios: group.scenarios.count,
                    last: group.last.time)
            },
            byScenario: Self.ranked(scenarios).map { scenario, group in
                let runs = runs[scenario] ?? group.failures
                return FailingScenario(
                    scenario: scenario, failures: group.failures, runs: runs,
                    rate: Proportion.wilson(group.failures, of: runs), category: group.category,
                    last: group.last.time)
            },
            clusters: clusters.map { template, templates, group in
                MessageCluster(
                    template: template, templates: templates, failures: group.failures, share: share(group),
                    scenarios: group.scenarios.count, category: group.category, first: group.first,
                    last: group.last.time, example: group.last.message, outcome: group.last.outcome)
            },
            byTool: byTool)
    }

    /// Templates that say the same together, under the name of the most frequent one; what has none stays by itself.
    private var clusters: [(template: String?, templates: Int, group: Group)] {
        let named = templates.compactMap { template, group in
            template.map { (text: $0, count: group.failures) }
        }
        var clusters: [String?: (templates: Int, group: Group)] = [:]
        if let group = templates[nil] { clusters[nil] = (0, group) }
        for places in MessageClusters.groups(of: named) {
            var parts = places.compactMap { templates[named[$0].text] }
            guard !parts.isEmpty else { continue }
            var whole = parts.removeFirst()
            for part in parts { whole.add(part) }
            clusters[named[places[0]].text] = (places.count, whole)
        }
        return Self.ranked(clusters.mapValues(\.group)).map { template, group in
            (template, clusters[template]?.templates ?? 0, group)
        }
    }

    /// How many of the runs these failures are, each scenario counting once.
    private func rate(of group: Group?) -> Estimate {
        let scenarios = runs.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        return Mean.estimate(
            means: scenarios.map { (Double(group?.scenarios[$0.key] ?? 0) / Double($0.value), $0.value) },
            bounds: 0...1)
    }

    /// The groups, the most frequent first; equally frequent ones by name, and last what has none.
    private static func ranked<Key: Hashable>(_ groups: [Key: Group]) -> [(key: Key, value: Group)] {
        groups.sorted { one, other in
            let names = (one.key as? String, other.key as? String)
            return (-one.value.failures, names.0 == nil ? 1 : 0, names.0 ?? "")
                < (-other.value.failures, names.1 == nil ? 1 : 0, names.1 ?? "")
        }
    }
}
