import ArcHost
import ArcKit
import ArgumentParser
import Postgres

/// The columns of `arc list --columns`, in order.
struct ListColumns: ExpressibleByArgument {
    /// What a simulation has beside its metrics.
    enum Own: String, CaseIterable {
        case name, id, configuration, version, state, runs, cost, age
        case passRate = "pass_rate"
        case createdAt = "created_at"
    }

    /// Their names.
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        if names.isEmpty { return nil }
    }

    /// The names that are metrics.
    var metrics: [String] { names.filter { Own(rawValue: $0) == nil } }

    /// - Parameter metrics: the names of the metrics that there are.
    /// - Throws: where a name is neither a column nor a metric, with the nearest that is.
    func check(metrics: [String]) throws {
        let known = Own.allCases.map(\.rawValue) + metrics
        for name in names where !known.contains(name) && !name.hasPrefix("metrics.") {
            let near = NearestName.of(name, among: known).map { "Did you mean \"\($0)\"?" }
            throw HostError(
                .argument, "arc list has no column \"\(name)\"",
                advice: near
                    ?? "There are \(Own.allCases.map(\.rawValue).joined(separator: ", ")), every metric of a plugin, and metrics.NAME for a recorded number."
            )
        }
    }

    /// The list for people.
    func table(_ simulations: [SimulationSummary], _ figures: [[Document.Metric?]]) -> Table {
        let columns = names.map { name in
            switch Own(rawValue: name) {
            case .name, .id, .configuration, .state: Table.Column(name)
            case .passRate: Table.Column("pass rate (95 %)", .right)
            case .createdAt: Table.Column("created at")
            case .version, .runs, .cost, .age: Table.Column(name, .right)
            case nil: Table.Column(Self.label(name, figures, metrics), .right)
            }
        }
        let now = Timestamp.now
        return Table(
            columns: columns,
            rows: zip(simulations, figures).map { simulation, figures in
                names.map { name in
                    if let own = Own(rawValue: name) { return Self.cell(own, simulation, now) }
                    return Self.cell(metrics.firstIndex(of: name).flatMap { figures[$0] })
                }
            })
    }

    /// The list for programs: every digit, and beside each rate and metric its interval and n.
    func frame(_ simulations: [SimulationSummary], _ figures: [[Document.Metric?]]) -> Frame {
        var columns: [(name: String, values: [Value])] = []
        func add(_ name: String, _ value: (Int) -> Value?) {
            columns.append((name, simulations.indices.map { value($0) ?? .null }))
        }
        func real(_ value: Double?) -> Value? { value.map(Value.double) }
        for name in names {
            switch Own(rawValue: name) {
            case .name: add(name) { simulations[$0].name.map(Value.text) }
            case .id: add(name) { .text(simulations[$0].id) }
            case .configuration: add(name) { .text(simulations[$0].configuration) }
            case .version: add(name) { .int(Int64(simulations[$0].configurationVersion)) }
            case .state: add(name) { .text(simulations[$0].state.rawValue) }
            case .runs:
                add("completed_runs") { .int(Int64(simulations[$0].completedRuns)) }
                add("total_runs") { .int(Int64(simulations[$0].totalRuns)) }
            case .cost: add("cost_usd") { real(simulations[$0].costUSD) }
            case .createdAt, .age: add("created_at") { .timestamp(simulations[$0].createdAt) }
            case .passRate:
                let rates = simulations.map(\.passRate)
                add(name) { real(rates[$0].value) }
                add("\(name)_low") { real(rates[$0].interval?.low) }
                add("\(name)_high") { real(rates[$0].interval?.high) }
                add("\(name)_n") { .int(Int64(rates[$0].n)) }
            case nil:
                guard let place = metrics.firstIndex(of: name) else { continue }
                add(name) { real(figures[$0][place]?.value) }
                add("\(name)_low") { real(figures[$0][place]?.low) }
                add("\(name)_high") { real(figures[$0][place]?.high) }
                add("\(name)_n") { figures[$0][place]?.n.map { .int(Int64($0)) } }
                add("\(name)_errors") { figures[$0][place]?.errors.map { .int(Int64($0)) } }
            }
        }
        return Frame(rows: simulations.count, columns)
    }

    private static func label(_ name: String, _ figures: [[Document.Metric?]], _ metrics: [String]) -> String
    {
        guard let place = metrics.firstIndex(of: name) else { return name }
        return figures.lazy.compactMap { $0[place]?.label }.first.map { $0.lowercased() } ?? name
    }

    private static func cell(_ own: Own, _ simulation: SimulationSummary, _ now: Timestamp) -> Cell {
        switch own {
        case .name: simulation.name.map { .text($0) } ?? .null
        case .id: .text(String(simulation.id.prefix(13)))
        case .configuration: .text(simulation.configuration)
        case .version: .integer(Int64(simulation.configurationVersion))
        case .state: .text(simulation.state.rawValue)
        case .runs: .text(ListCommand.runs(simulation))
        case .passRate: ListCommand.rate(simulation.passRate)
        case .cost: simulation.costUSD.map { .text(Figure.dollars($0)) } ?? .null
        case .createdAt: .text(simulation.createdAt.description)
        case .age:
            .text(Figure.age(seconds: Double(now.microseconds - simulation.createdAt.microseconds) / 1e6))
        }
    }

    private static func cell(_ metric: Document.Metric?) -> Cell {
        metric?.shown.map { .text($0) } ?? .null
    }
}
