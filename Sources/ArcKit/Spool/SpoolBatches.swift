/// Gathers the entries of a segment into batches that can be recorded: of one simulation, in their order, no run and
/// no id twice, none too large.
struct SpoolBatches: Sendable {
    private struct Batch {
        var entries: [SpoolLine.Entry] = []
        var runs: Set<OutcomeBatch.Run> = []
        var ids: Set<String> = []
    }

    private let mostOutcomes: Int
    private let mostBytes: Int
    private var batches: [String: Batch] = [:]
    private var bytes = 0

    /// - Parameters:
    ///   - mostOutcomes: how many outcomes a batch has at most.
    ///   - mostBytes: how many bytes are held at once, in all batches.
    init(mostOutcomes: Int = 1000, mostBytes: Int = 16 << 20) {
        self.mostOutcomes = mostOutcomes
        self.mostBytes = mostBytes
    }

    /// Takes an entry.
    ///
    /// - Returns: batches that are to be recorded now, in this order.
    mutating func add(_ entry: SpoolLine.Entry) -> [[SpoolLine.Entry]] {
        var ready: [[SpoolLine.Entry]] = []
        let simulation = entry.simulation.id
        let run = OutcomeBatch.Run(scenario: entry.outcome.scenario.id, trial: entry.outcome.trial)
        let id = entry.outcome.id ?? ""
        if let batch = batches[simulation], batch.runs.contains(run) || batch.ids.contains(id) {
            ready += take(simulation)
        }
        batches[simulation, default: Batch()].entries.append(entry)
        batches[simulation]?.runs.insert(run)
        batches[simulation]?.ids.insert(id)
        bytes += entry.bytes.count
        if bytes >= mostBytes {
            ready += rest()
        } else if batches[simulation]?.entries.count == mostOutcomes {
            ready += take(simulation)
        }
        return ready
    }

    /// Everything that is left, one batch for each simulation.
    mutating func rest() -> [[SpoolLine.Entry]] {
        batches.keys.sorted().flatMap { take($0) }
    }

    private mutating func take(_ simulation: String) -> [[SpoolLine.Entry]] {
        guard let batch = batches.removeValue(forKey: simulation) else { return [] }
        bytes -= batch.entries.reduce(0) { $0 + $1.bytes.count }
        return [batch.entries]
    }
}
