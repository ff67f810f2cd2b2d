import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let searchOptions = ParameterType.record(
        "SearchOptions",
        [
            .optional("simulation", .simulation, "only outcomes of this one"),
            .optional(
                "configuration", .string,
                "only those of simulations of this configuration (a name) or version (an id)"),
            .optional("time_range", .duration, "only runs that began at most this long ago"),
            .optional("scenario_id", .string, "only those of this scenario"),
            .optional("tags", .list(.string), "only those of scenarios that have each of these tags"),
            .optional(
                "status", .choice(OutcomeStatus.allCases.map(\.rawValue)), "only those of this status"),
            .optional(
                "path", .string,
                "a JSON path that the trajectory has, or that is true of it: '$[*] ? (@.role == \"tool\")'"),
            .optional("limit", .positiveInteger, "at most so many, the latest first; 100 unless said"),
        ])

    var searchBindings: [Binding] {
        [
            Binding(
                "arc.search",
                "Finds outcomes by what is in their trajectories. Each trajectory that is looked at has to be read: give a simulation, a configuration or a time range.",
                [
                    .optional(
                        "text", .string,
                        "words that the trajectory has in any of its texts; \"quoted\" for a phrase, or between, - before what it must not have"
                    ),
                    .optional("options", Self.searchOptions, "where to look, and a path to look for"),
                ],
                returns: (
                    .frame,
                    "outcome_id, simulation_id, simulation, scenario_id, trial, execution_time, status, snippet (the words between « and »), the latest first; beside it true where there are more"
                ),
                effects: [.databaseRead],
                example: """
                    local hits, more = arc.search("refund -cancel", { simulation = "latest", limit = 5 })
                    print(hits, more)
                    """,
                .waiting { arguments in
                    let found = try await search(arguments)
                    let hits = LuaValue.object(Frame(found.hits))
                    return found.hasMore ? [hits, .boolean(true)] : [hits]
                })
        ]
    }

    private func search(_ arguments: Arguments) async throws -> SearchResult {
        let options = arguments.fields("options")
        var question = SearchQuestion(text: arguments.string("text"), path: options.string("path"))
        question.configuration = options.string("configuration")
        question.scenario = options.string("scenario_id")
        question.tags = options.list("tags")?.compactMap(\.stringValue) ?? []
        question.status = options.string("status").flatMap(OutcomeStatus.init)
        question.withinSeconds = try options.timeRange()
        question.limit = options.integer("limit").map { Int($0) } ?? question.limit
        let wanted = question
        return try await host.store().read { session in
            var question = wanted
            if options["simulation"] != nil {
                question.simulation = try await session.simulation(options, "simulation")
            }
            return try await session.search(question)
        }
    }
}

extension Frame {
    fileprivate convenience init(_ hits: [SearchHit]) {
        func column(_ name: String, _ value: (SearchHit) -> Value) -> Column {
            Column(name: name, hits.map(value))
        }
        self.init(
            columns: [
                column("outcome_id") { .uuid($0.outcomeID) },
                column("simulation_id") { .uuid($0.simulationID) },
                column("simulation") { $0.simulation.map(Value.text) ?? .null },
                column("scenario_id") { .text($0.scenario) }, column("trial") { .int(Int64($0.trial)) },
                column("execution_time") { .timestamp($0.executionTime) },
                column("status") { .text($0.status) },
                column("snippet") { $0.snippet.map(Value.text) ?? .null },
            ], count: hits.count)
    }
}
