import Synchronization

/// What this process knows of a simulation's set of scenarios: their numbers, and what it last wrote about each.
///
/// A number never changes once it is committed, so what is known stays true; what isn't known is asked for, or added.
struct KnownSet: Sendable {
    private struct Entry {
        var ordinal: Int
        /// nil where only the number is known.
        var scenario: Scenario?
    }

    private var entries: [String: Entry] = [:]

    /// How many scenarios the set has at least.
    private(set) var count = 0

    func ordinal(of scenario: String) -> Int? { entries[scenario]?.ordinal }

    /// Whether writing this scenario could tell the database anything.
    func isNews(_ scenario: Scenario) -> Bool {
        if scenario.isBare { return entries.index(forKey: scenario.id) == nil }
        guard let known = entries[scenario.id]?.scenario else { return true }
        return known.filled(by: scenario) != known
    }

    mutating func learn(_ scenario: String, ordinal: Int) {
        entries[scenario, default: Entry(ordinal: ordinal, scenario: nil)].ordinal = ordinal
        count = max(count, ordinal + 1)
    }

    /// Takes note of what was written about a scenario whose number is known.
    mutating func learn(_ scenario: Scenario) {
        let known = entries[scenario.id]?.scenario
        entries[scenario.id]?.scenario = known?.filled(by: scenario) ?? scenario
    }
}

/// The sets of the simulations that were recorded into last.
final class KnownSets: Sendable {
    private static let limit = 64

    private struct Sets {
        var sets: [String: KnownSet] = [:]
        /// The simulations, the one used last at the end.
        var order: [String] = []
    }

    private let sets = Mutex(Sets())

    subscript(simulation: String) -> KnownSet? {
        sets.withLock { $0.sets[simulation] }
    }

    func remember(_ set: KnownSet, of simulation: String) {
        sets.withLock { known in
            known.sets[simulation] = set
            known.order.removeAll { $0 == simulation }
            known.order.append(simulation)
            if known.order.count > Self.limit { known.sets[known.order.removeFirst()] = nil }
        }
    }

    func forget(_ simulation: String) {
        sets.withLock { $0.sets[simulation] = nil }
    }
}
