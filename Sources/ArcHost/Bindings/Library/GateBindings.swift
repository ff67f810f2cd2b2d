public import ArcKit
import LuaBridge
import Postgres

extension Library {
    /// Gates, and the tags by which baselines are found.
    var gateBindings: [Binding] { [gates, tag, untag, tags] }

    private var gates: Binding {
        Binding(
            "arc.gates",
            "Holds a candidate against a policy, as `arc gate` does: that no scenario is missing, that no critical one is lost, and the policy's own rules. Each answer can be given to `doc:gate`.",
            [
                .required("candidate", .simulation, "the simulation in question"),
                .optional("baseline", .simulation, "what it is compared with; the policy's unless said"),
                .optional(
                    "policy", .table,
                    "as arc.gates.yaml has it: gates (metric, tolerance, confidence, more_is_better, minimum_scenarios, at_least, at_most), critical, missing_scenarios, too_little_evidence; arc's own unless said"
                ),
            ],
            returns: (
                .list(.table),
                "name, verdict (pass, fail or too_little_evidence), pass, reason, n (scenarios); of rules also metric, unit, baseline, candidate (their means), value, low, high, bound, tolerance, p"
            ),
            effects: [.databaseRead],
            example: """
                for _, gate in ipairs(arc.gates("candidate", "baseline", { gates = { { metric = "score", tolerance = "10 %" } } })) do
                  print(gate.name, gate.verdict, gate.reason)
                end
                """,
            .waiting { arguments in
                var policy = GatePolicy()
                if let given = arguments["policy"], !given.isAbsent {
                    policy = try GatePolicy(
                        try JSONValue(given, function: arguments.function),
                        name: "\(arguments.function): policy")
                }
                let wanted = policy
                let results = try await host.store().read { session in
                    let candidate = try await session.simulation(arguments, "candidate")
                    var baseline: SimulationReference?
                    if let given = arguments["baseline"], !given.isAbsent {
                        baseline = try await session.simulation(arguments, "baseline")
                    } else if let name = wanted.baseline {
                        baseline = try await session.findSimulation(name)
                    }
                    return try await session.gates(
                        wanted, baseline: baseline, candidate: candidate, metrics: host.metrics)
                }
                return [.table(LuaTable(array: results.map { .table($0.table) }, kind: .array))]
            })
    }

    private var tag: Binding {
        Binding(
            "arc.tag",
            "Gives a simulation a tag, such as the branch that it evaluates: `tag:main` finds the newest completed one of those that have it.",
            [
                .required("simulation", .simulation, "which simulation"),
                .required("tag", .string, "letters, digits and ._/-"),
            ],
            effects: [.databaseWrite],
            example: """
                arc.tag("baseline", "main")
                assert(arc.simulation("tag:main").name == "baseline")
                """,
            .waiting { arguments in
                try await host.store().session { session in
                    try await session.tag(
                        try await session.simulation(arguments, "simulation"), arguments.text("tag"))
                }
                return []
            })
    }

    private var untag: Binding {
        Binding(
            "arc.untag", "Takes a tag away from a simulation.",
            [
                .required("simulation", .simulation, "which simulation"),
                .required("tag", .string, "the tag that it has"),
            ],
            effects: [.databaseWrite],
            example: """
                arc.tag("baseline", "old")
                arc.untag("baseline", "old")
                """,
            .waiting { arguments in
                try await host.store().session { session in
                    try await session.untag(
                        try await session.simulation(arguments, "simulation"), arguments.text("tag"))
                }
                return []
            })
    }

    private var tags: Binding {
        Binding(
            "arc.tags", "Every tag of every simulation.",
            returns: (
                .frame, "tag, simulation_id, name, state, tagged_at: by tag, the newest simulation first"
            ),
            effects: [.databaseRead],
            example: "print(arc.tags())",
            .waiting { _ in
                [.object(Frame(try await host.store().read { try await $0.simulationTags() }))]
            })
    }
}

extension Frame {
    /// Tags, one a row.
    public convenience init(_ tags: [SimulationTag]) {
        self.init(
            columns: [
                Column(name: "tag", tags.map { .text($0.tag) }),
                Column(name: "simulation_id", tags.map { .text($0.simulation) }),
                Column(name: "name", tags.map { $0.name.map(Value.text) ?? .null }),
                Column(name: "state", tags.map { .text($0.state.rawValue) }),
                Column(name: "tagged_at", tags.map { .timestamp($0.taggedAt) }),
            ], count: tags.count)
    }
}
