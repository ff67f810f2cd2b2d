import ArcKit
import LuaBridge

/// An import in progress, within its transaction.
struct ImportWork {
    let session: Session
    let host: Host
    let format: String
    private let passThreshold: Double
    private(set) var report: ImportReport?
    /// The trials that each scenario was run in: a bit for each, since there may be many.
    private var trials: [String: TrialSet] = [:]

    init(session: Session, host: Host, format: String, passThreshold: Double) {
        self.passThreshold = passThreshold
        self.session = session
        self.host = host
        self.format = format
    }

    mutating func start(_ request: ImportRequest, name: String, hash: String) async throws {
        let name = request.name ?? name
        let configuration = request.configuration ?? name
        let document = try ConfigurationDocument(yaml: "imported_by: \(format)\n")
        // An import names a configuration; it adds a version only where there is none.
        let known = try? await session.findConfigurationVersion(configuration)
        if known == nil {
            _ = try await session.createConfiguration(name: configuration, document: document)
        }
        var plan = SimulationPlan(configuration: configuration, name: name)
        plan.sourceHash = hash
        plan.passThreshold = request.passThreshold
        let reference = try await session.findSimulation(try await session.createSimulation(plan))
        report = ImportReport(
            simulation: reference, configuration: configuration, wasThere: false, format: format)
    }

    /// What to call the outcome of that number in a message.
    static func place(_ value: LuaValue, number: Int) -> String {
        value.table?["place"].stringValue ?? "outcome \(number)"
    }

    mutating func record(_ batch: [LuaValue]) async throws {
        guard var report else { return }
        let parameter = Parameter.required("outcome", Library.outcome, "")
        var outcomes: [Outcome] = []
        var names: [String] = []
        for (index, value) in batch.enumerated() {
            let place = Self.place(value, number: report.outcomes + index + 1)
            try ArgumentCheck(function: place).check(value, against: parameter, place: "outcome")
            let outcome = try Outcome(value, place: place, function: place)
            guard trials[outcome.scenario.id, default: TrialSet()].insert(outcome.trial) else {
                throw RepeatedRun(place: place, scenario: outcome.scenario.id, trial: outcome.trial)
            }
            report.trials = max(report.trials, outcome.trial)
            outcomes.append(outcome)
            names.append(place)
        }
        let ready = try await host.prepared(outcomes) { [passThreshold] in passThreshold }
        _ = try await session.record(ready, in: report.simulation) { [names] in names[$0] }
        report.outcomes += outcomes.count
        report.scenarios = trials.count
        self.report = report
    }

    func finish() async throws -> ImportReport {
        guard let report, report.outcomes > 0 else { throw HostError(.input, "the file holds no record") }
        try await session.setTrials(report.trials, of: report.simulation)
        try await session.completeSimulation(report.simulation, SuiteResult(isTimed: false))
        return report
    }
}

/// A run that a file gives twice.
struct RepeatedRun: Error {
    let place: String
    let scenario: String
    let trial: Int

    func error(first: String?) -> HostError {
        HostError(
            .input,
            "\(place): scenario \"\(scenario)\" trial \(trial) was given before"
                + (first.map { ", by \($0)" } ?? ""),
            advice: "If another field numbers the runs, name it: --trials-field FIELD.")
    }
}

/// Numbers of trials, 64 in a word.
private struct TrialSet {
    private var first: UInt64 = 0
    private var others: [Int: UInt64] = [:]

    /// Whether the trial wasn't in it.
    mutating func insert(_ trial: Int) -> Bool {
        let bit = UInt64(1) << UInt64(trial & 63)
        let word = trial >> 6
        let old = word == 0 ? first : others[word] ?? 0
        if word == 0 { first |= bit } else { others[word] = old | bit }
        return old & bit == 0
    }
}
