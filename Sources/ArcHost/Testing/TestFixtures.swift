import ArcKit
import FoundationEssentials
import LuaBridge
import Postgres

/// What tests are made on: outcomes and files of the plugin's folder, and simulations in a database that is thrown away.
struct TestFixtures: Sendable {
    let files: PluginFiles
    let host: Host
    let golden: GoldenDocuments

    var functions: [HostFunction] {
        [
            .immediate("fixture.text") { [self] call in [.string(try text(call[0], "fixture.text"))] },
            .immediate("fixture.records") { [self] call in
                [.table(LuaTable(array: try records(call[0], "fixture.records"), kind: .array))]
            },
            .immediate("fixture.frame") { [self] call in
                let list = LuaValue.table(
                    LuaTable(array: try records(call[0], "fixture.frame"), kind: .array))
                return [.object(try FrameMaking(function: "fixture.frame").frame(list))]
            },
            .immediate("fixture.outcomes") { [self] call in
                let outcomes = try outcomes(call[0], "fixture.outcomes")
                let options = try Self.options(call, [Self.threshold])
                return [.object(Frame(outcomes, passThreshold: options["pass_threshold"].numberValue ?? 0.7))]
            },
            .waiting("fixture.simulation") { [self] call in
                let outcomes = try outcomes(call[0], "fixture.simulation")
                let options = try Self.options(call, Self.simulationOptions)
                var plan = SimulationPlan(
                    configuration: options["configuration"].stringValue ?? "fixture",
                    name: options["name"].stringValue ?? "fixture")
                plan.passThreshold = options["pass_threshold"].numberValue ?? plan.passThreshold
                let simulation = try await simulation(outcomes, plan)
                golden.forget(simulation.id, name: plan.name ?? "")
                return [.object(SimulationHandle(simulation))]
            },
        ]
    }

    private static let threshold = Parameter.optional(
        "pass_threshold", .number(0...1), "the score from which a run passes; 0.7 unless said")

    private static let simulationOptions = [
        Parameter.optional("name", .string, "its name; fixture unless said"),
        .optional("configuration", .string, "the configuration it evaluates; fixture unless said"),
        threshold,
    ]

    /// The second argument, a table of these fields; an empty table where it isn't given.
    private static func options(_ call: HostCall, _ fields: [Parameter]) throws -> LuaTable {
        try ArgumentCheck(function: call.name).check(
            call[1], against: .optional("options", .record("Options", fields), ""), place: "options")
        return call[1].table ?? LuaTable()
    }

    private func text(_ value: LuaValue, _ function: String) throws -> String {
        guard let path = value.stringValue else {
            throw HostError(
                .argument,
                "\(function): path must be a file of the plugin's folder, got \(ArgumentCheck.display(value))"
            )
        }
        guard let text = String(validating: try files.bytes(of: path).data, as: UTF8.self) else {
            throw HostError(.argument, "\(function): \(path) isn't UTF-8 text")
        }
        return text
    }

    /// A list as it is, or the records of a file of JSON Lines or of a JSON list.
    private func records(_ value: LuaValue, _ function: String) throws -> [LuaValue] {
        if let list = value.table?.array { return list }
        var reader = RecordReader(Data(try text(value, function).utf8))
        var records: [LuaValue] = []
        while let record = try reader.next() { records.append(record.value) }
        return records
    }

    /// Outcomes with the fields of `arc.record_outcome`; one without a status is a success, and trials are numbered.
    private func outcomes(_ value: LuaValue, _ function: String) throws -> [Outcome] {
        var trials: [String: Int64] = [:]
        return try records(value, function).enumerated().map { index, record in
            let place = "\(function): outcome \(index + 1)"
            guard var fields = record.table else {
                throw HostError(.argument, "\(place) must be a table, got \(ArgumentCheck.display(record))")
            }
            let scenario =
                fields["scenario_id"].stringValue ?? fields["scenario"].table?["id"].stringValue ?? ""
            trials[scenario, default: 0] += 1
            if fields["status"].isAbsent { fields["status"] = "success" }
            if fields["trial"].isAbsent { fields["trial"] = .integer(trials[scenario] ?? 1) }
            try ArgumentCheck(function: place).check(
                .table(fields), against: .required("outcome", Library.outcome, ""), place: "outcome")
            return try Outcome(.table(fields), place: place, function: place)
        }
    }

    /// A completed simulation of these outcomes; without any, one that nothing was recorded in yet.
    private func simulation(_ outcomes: [Outcome], _ plan: SimulationPlan) async throws -> SimulationReference
    {
        let ready = try await host.plugins.categorized(outcomes, on: host)
        let trials = outcomes.map(\.trial).max() ?? 1
        return try await host.store().transaction { session in
            _ = try await session.createConfiguration(
                name: plan.configuration, document: try ConfigurationDocument(yaml: "fixture: true\n"))
            let simulation = try await session.findSimulation(try await session.createSimulation(plan))
            _ = try await session.record(ready, in: simulation)
            try await session.setTrials(trials, of: simulation)
            if !ready.isEmpty {
                try await session.completeSimulation(simulation, SuiteResult(isTimed: false))
            }
            return simulation
        }
    }
}

extension Frame {
    /// Outcomes as a frame with the columns of `arc.get_scenario_outcomes`, by scenario and trial.
    convenience init(_ outcomes: [Outcome], passThreshold: Double) {
        self.init(
            rows: outcomes.sorted { ($0.scenario.id, $0.trial) < ($1.scenario.id, $1.trial) },
            passThreshold: passThreshold)
    }
}
