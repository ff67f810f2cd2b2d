import LuaBridge
import Postgres

/// A plugin that runs: its machine, and what its `init.lua` returned.
final class Plugin: Sendable {
    /// A metric, categorizer, report or importer, with its functions.
    struct Part: Sendable {
        let name: String
        let fields: LuaTable
        func text(_ field: String) -> String? { fields[field].stringValue }
        func function(_ field: String) -> LuaFunction? { fields[field].function }
    }

    let manifest: PluginManifest
    let machine: Machine
    private let parts: [String: [Part]]

    private static let name = Parameter.required("name", .string, "")
    private static let summary = Parameter.optional("summary", .string, "")

    /// What `init.lua` returns.
    private static let schema: [Parameter] = [
        .optional(
            "metrics",
            .list(
                .record(
                    "Metric",
                    [
                        name, summary, .optional("label", .string, ""), .optional("unit", .string, ""),
                        .required("compute", .function, ""),
                    ])), ""),
        .optional(
            "categorizers",
            .list(
                .record(
                    "Categorizer",
                    [
                        name, summary, .optional("priority", .anyNumber, ""),
                        .required("categorize", .function, ""),
                    ])),
            ""),
        .optional(
            "reports", .list(.record("Report", [name, summary, .required("render", .function, "")])), ""),
        .optional(
            "importers",
            .list(
                .record(
                    "Importer",
                    [
                        name, summary, .optional("options", .table, ""), .optional("detect", .function, ""),
                        .required("read", .function, ""),
                    ])), ""),
    ]

    /// Loads a plugin into a machine of its own.
    ///
    /// - Throws: `HostError` with code `plugin`, which names the plugin and what is wrong with it.
    init(_ manifest: PluginManifest, host: Host, granted: Set<Binding.Effect>) async throws {
        self.manifest = manifest
        machine = try host.makePluginMachine(for: manifest, granted: granted)
        let entry = try PluginFiles(manifest).source(manifest.entry)
        let returned: LuaValue
        do {
            returned = try await machine.run(entry.text, name: entry.name).first ?? .nil
        } catch {
            throw HostError(.plugin, "plugin \(manifest.name) doesn't load: \(error)")
        }
        parts = try Self.parts(of: returned, manifest)
    }

    /// The error of a plugin's function, with the function's place before it. Ctrl-C and a lost database are no
    /// fault of the plugin's, and stay what they are.
    static func failure(_ error: LuaError, in place: String) -> any Error {
        if error.code == .cancelled { return error }
        if error.code == .timeLimit {
            return HostError(
                .timeout, "\(place): \(error.message)",
                advice: "plugin.json may allow more: \"limits\": {\"seconds\": …}.")
        }
        if let cause = error.underlying as? DatabaseError, cause.server == nil { return cause }
        return HostError(.plugin, "\(place): \(error)")
    }

    /// Calls one of the plugin's functions, and ends it when its time is over.
    ///
    /// - Parameter place: what to call the function in a message: "plugin x, metric y".
    func call(
        _ function: LuaFunction, _ arguments: [LuaValue] = [], in place: String
    ) async throws -> LuaValue {
        do {
            return try await machine.call(function, arguments).first ?? .nil
        } catch {
            throw Self.failure(error, in: place)
        }
    }

    /// The parts of that kind: "metrics", "categorizers", "reports" or "importers".
    func parts(_ kind: String) -> [Part] { parts[kind] ?? [] }

    private static func parts(of value: LuaValue, _ manifest: PluginManifest) throws -> [String: [Part]] {
        let whole = Parameter.required("the table that it returns", .record("Plugin", schema), "")
        do {
            try ArgumentCheck(function: "plugin \(manifest.name)").check(
                value, against: whole, place: whole.name)
        } catch let error as HostError {
            throw HostError(.plugin, error.message, advice: error.advice)
        }
        var parts: [String: [Part]] = [:]
        for kind in PluginManifest.kinds {
            let list = (value.table?[kind].table?.array ?? []).compactMap(\.table)
            parts[kind] = list.map { Part(name: $0["name"].stringValue ?? "", fields: $0) }
            let promised = Set(manifest.provides[kind] ?? [])
            let there = Set((parts[kind] ?? []).map(\.name))
            guard promised == there else {
                let missing = promised.subtracting(there).sorted().joined(separator: ", ")
                let extra = there.subtracting(promised).sorted().joined(separator: ", ")
                throw HostError(
                    .plugin,
                    "plugin \(manifest.name): its \(kind) aren't those of plugin.json"
                        + (missing.isEmpty ? "" : "; it lacks \(missing)")
                        + (extra.isEmpty ? "" : "; plugin.json doesn't name \(extra)"))
            }
        }
        return parts
    }
}
