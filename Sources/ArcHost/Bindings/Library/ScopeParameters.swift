import ArcKit
import LuaBridge
import Postgres

/// The fields by which a function of `arc` is told which outcomes it is about, the same for all.
enum ScopeParameters {
    private static let moment = ParameterType.either(.string, .handle(TimeObject.typeName))

    /// The fields; without any, a function is about all outcomes.
    static let fields: [Parameter] = [
        .optional("simulation", .simulation, "only outcomes of this simulation"),
        .optional(
            "configuration", .string, "only those of this configuration: its name, or the id of one version"),
        .optional("time_range", .duration, "only runs that began at most this long ago"),
        .optional("since", moment, "only runs that began then or later, as a time or a text"),
        .optional("before", moment, "only runs that began before then"),
        .optional("tags", .list(.string), "only those of scenarios that have each of these tags"),
    ]

    /// An optional parameter of a scope with more fields.
    static func options(_ name: String, _ more: [Parameter] = []) -> Parameter {
        .optional("options", .record(name, fields + more), "which outcomes; all unless said")
    }
}

extension Session {
    /// The scope that a call's options tell.
    func scope(_ arguments: Arguments) async throws -> OutcomeScope {
        let options = arguments.fields("options")
        var scope = OutcomeScope()
        if options["simulation"] != nil { scope.simulation = try await simulation(options, "simulation") }
        scope.configuration = options.string("configuration")
        scope.withinSeconds = try options.timeRange()
        scope.since = try options.time("since")
        scope.before = try options.time("before")
        scope.tags = options.list("tags")?.compactMap(\.stringValue) ?? []
        return scope
    }
}

extension Arguments {
    /// How far back a question looks, in seconds.
    func timeRange() throws -> Double? {
        guard let seconds = try seconds("time_range") else { return nil }
        guard seconds <= 365_000 * 86_400 else {
            throw HostError(
                .argument, "\(function): time_range must be at most 365,000 days",
                advice: "Without it all runs are looked at.")
        }
        return seconds
    }

    /// A moment: a time, or a text that writes one, in UTC where it names no zone.
    func time(_ name: String) throws -> Timestamp? {
        if let time: TimeObject = object(name) { return time.timestamp }
        return try string(name).map { try TimeText.parse($0, zone: .utc, function: function).timestamp }
    }
}
