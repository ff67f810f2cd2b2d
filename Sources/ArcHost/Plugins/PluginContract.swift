import ArcKit
import LuaBridge

/// What `init.lua` returns: the check of it, and the types that editors know, come from this.
enum PluginContract {
    private static let name = Parameter.required("name", .string, "its name, as plugin.json has it")
    private static let summary = Parameter.optional("summary", .string, "what it is, in a line")

    static let schema: [Parameter] = [
        .optional(
            "setup", .function,
            "gets the settings once, before anything else is called: `setup(config)`. An error in it keeps the plugin from being used"
        ),
        .optional(
            "health", .function,
            "says for `arc doctor` whether all is well: true or nothing, or false and why not"),
        .optional(
            "deactivate", .function,
            "is called once, when arc ends or another version of the plugin takes its place"),
        .optional(
            "metrics",
            .list(
                .record(
                    "Metric",
                    [
                        name, summary, .optional("label", .string, "what it is called in text"),
                        .optional("unit", .string, "its unit: ratio, score, usd, ms, tokens, …"),
                        .optional(
                            "per", .choice(MetricDeclaration.Unit.allCases.map(\.rawValue)),
                            "what it has a value of; simulation unless said. Of the others arc makes the mean, with its interval"
                        ),
                        .optional(
                            "more_is_better", .boolean, "whether more of it is better; true unless said"),
                        .optional("min", .anyNumber, "the least value that is possible"),
                        .optional("max", .anyNumber, "the greatest value that is possible"),
                        .optional(
                            "trajectory", .boolean,
                            "whether it wants the outcomes with their trajectories, which are most of the bytes"
                        ),
                        .required(
                            "compute", .function,
                            "of a simulation: gets the outcomes as a frame, and returns a number or a table. Per outcome: gets an outcome, and returns a number, a boolean or nil. Per scenario: gets the scenario's outcomes as a frame, and its id"
                        ),
                    ])), "figures of a simulation"),
        .optional(
            "categorizers",
            .list(
                .record(
                    "Categorizer",
                    [
                        name, summary,
                        .optional("priority", .anyNumber, "the highest is asked first; 0 unless said"),
                        .required(
                            "categorize", .function,
                            "gets a failure, and returns its category or nil; must go by nothing else"),
                    ])),
            "categories of failures"),
        .optional(
            "reports",
            .list(
                .record(
                    "Report",
                    [name, summary, .required("render", .function, "writes a document: `render(ctx, doc)`")])),
            "documents"),
        .optional(
            "importers",
            .list(
                .record(
                    "Importer",
                    [
                        name, summary, .optional("options", .table, "its options, each with what it is for"),
                        .optional(
                            "detect", .function, "gets the file's first 4 KB, and says whether it is its own"),
                        .required("read", .function, "yields the outcomes of a source"),
                    ])), "files of results"),
    ]

    /// The parts of what a plugin returned, by kind.
    ///
    /// - Throws: `HostError` with code `plugin`, which names the plugin and what is wrong.
    static func parts(of value: LuaValue, _ manifest: PluginManifest) throws -> [String: [Plugin.Part]] {
        let whole = Parameter.required("the table that it returns", .record("Plugin", schema), "")
        do {
            try ArgumentCheck(function: "plugin \(manifest.name)").check(
                value, against: whole, place: whole.name)
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        }
        var parts: [String: [Plugin.Part]] = [:]
        for kind in PluginManifest.kinds {
            let list = (value.table?[kind].table?.array ?? []).compactMap(\.table)
            let found = list.map {
                Plugin.Part(kind: String(kind.dropLast()), name: $0["name"].stringValue ?? "", fields: $0)
            }
            try check(found.map(\.name), kind, manifest)
            parts[kind] = found
        }
        return parts
    }

    private static func check(_ names: [String], _ kind: String, _ manifest: PluginManifest) throws {
        let promised = Set(manifest.provides[kind] ?? [])
        let there = Set(names)
        guard promised == there else {
            let missing = promised.subtracting(there).sorted().joined(separator: ", ")
            let extra = there.subtracting(promised).sorted().joined(separator: ", ")
            throw HostError(
                .plugin,
                "plugin \(manifest.name): its \(kind) aren't those of plugin.json"
                    + (missing.isEmpty ? "" : "; it lacks \(missing)")
                    + (extra.isEmpty ? "" : "; plugin.json doesn't name \(extra)"))
        }
        guard there.count == names.count else {
            throw HostError(.plugin, "plugin \(manifest.name): two of its \(kind) have the same name")
        }
    }
}
