import ArcKit
import LuaBridge
import Postgres

/// What a check of a plugin found out about one thing.
public struct PluginFinding: Sendable, Hashable {
    /// How it is.
    public enum Verdict: String, Sendable {
        /// As it should be.
        case ok
        /// It couldn't be checked, or could be better.
        case warn
        /// It is wrong.
        case fail
    }
    /// What was checked: "manifest", "metric slow_runs", …
    public let subject: String
    /// How it is.
    public let verdict: Verdict
    /// What was found.
    public let finding: String
    /// What to do, where there is something to do.
    public var advice: String?

    /// A finding.
    public init(_ subject: String, _ verdict: Verdict, _ finding: String, advice: String? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.finding = finding
        self.advice = advice
    }

    /// What an error says.
    init(_ subject: String, _ error: any Error) {
        let host = error as? HostError
        self.init(
            subject, host?.code == .capability ? .warn : .fail, host?.message ?? "\(error)",
            advice: host?.advice)
    }
}

/// Checks a plugin: its manifest, its files, what it returns, and whether its metrics and categorizers are functions of
/// nothing but what they are given.
public struct PluginCheck: Sendable {
    let manifest: PluginManifest
    let host: Host

    /// The manifest in that folder.
    ///
    /// - Throws: `HostError` with code `plugin`, which names file, line and field.
    public static func manifest(in folder: String) throws -> PluginManifest {
        try PluginManifest(folder: folder, origin: .path)
    }

    /// A check of that plugin, which has to be among the host's.
    public init(_ manifest: PluginManifest, on host: Host) {
        self.manifest = manifest
        self.host = host
    }

    /// Everything that can be said without other programs.
    ///
    /// - Throws: What is no fault of the plugin's.
    public func run() async throws -> [PluginFinding] {
        var findings = [
            PluginFinding(
                "manifest", .ok,
                "\(manifest.name) \(manifest.version): \(manifest.provided.joined(separator: ", "))")
        ]
        if let problem = manifest.incompatibility { findings.append(PluginFinding("manifest", problem)) }
        findings += try await files()
        guard !findings.contains(where: { $0.verdict == .fail }) else { return findings }
        let plugin: Plugin
        do {
            plugin = try await host.plugins.plugin(manifest, on: host)
            findings.append(PluginFinding("init.lua", .ok, "loads, and returns what plugin.json names"))
        } catch let error as HostError {
            return findings + [PluginFinding(manifest.entry, error)]
        }
        for part in plugin.parts("metrics") { findings.append(try await metric(part, of: plugin)) }
        for part in plugin.parts("categorizers") { findings.append(try await categorizer(part, of: plugin)) }
        for part in plugin.parts("importers") { findings.append(try await importer(part, of: plugin)) }
        if manifest.provided.isEmpty {
            findings.append(PluginFinding("manifest", .warn, "it provides nothing"))
        }
        return findings
    }

    /// Whether every Lua file compiles, and calls nothing of arc's that isn't there.
    private func files() async throws -> [PluginFinding] {
        let files = PluginFiles(manifest)
        let machine = try Machine(MachineConfiguration(libraries: .plugin))
        var findings: [PluginFinding] = []
        let names = PluginContents(manifest).files.keys.filter { $0 != "plugin.json" }.sorted()
        for name in names {
            do {
                let source = try files.source(name)
                if case .wrong(let error) = await machine.check(source.text, name: source.name) {
                    findings.append(PluginFinding(name, .fail, error.placed))
                } else if case .incomplete = await machine.check(source.text, name: source.name) {
                    findings.append(
                        PluginFinding(name, .fail, "\(name) ends too early: a block or bracket is open"))
                }
                for stranger in ArcNames.unknown(in: source.text) {
                    findings.append(
                        PluginFinding(
                            name, .fail, "\(name):\(stranger.line): arc has no \"\(stranger.name)\"",
                            advice: stranger.suggestion.map { "Did you mean \($0)?" }))
                }
            } catch let error as HostError {
                findings.append(PluginFinding(name, error))
            }
        }
        await machine.close()
        if findings.isEmpty {
            let list = names.joined(separator: ", ")
            findings.append(PluginFinding("files", .ok, "\(list) compile, and call what arc has"))
        }
        return findings
    }

    // MARK: - Metrics

    private static let seeds: [UInt64] = [1, 2, 3]

    /// Whether a metric gives the same again, and for the same rows in another order.
    private func metric(_ part: Plugin.Part, of plugin: Plugin) async throws -> PluginFinding {
        do {
            for (what, frame) in SampleOutcomes.frames {
                let first = try await host.plugins.metric(part, of: plugin, for: frame)
                let again = try await host.plugins.metric(part, of: plugin, for: frame)
                if let difference = first.difference(from: again, tolerance: 0) {
                    return PluginFinding(
                        part.title, .fail, "it gives something else for the same rows: \(difference)",
                        advice:
                            "A metric must not go by the time, by chance, or by what it was called with before."
                    )
                }
                for seed in Self.seeds where frame.count > 1 {
                    let shuffled = frame.taking(SampleOutcomes.order(of: frame.count, seed: seed))
                    let other = try await host.plugins.metric(part, of: plugin, for: shuffled)
                    if let difference = first.difference(from: other, tolerance: 1e-9) {
                        return PluginFinding(
                            part.title, .fail,
                            "it gives something else when the rows of \(what) come in another order: \(difference)",
                            advice:
                                "Sort the rows first where their order counts, as by scenario_id and trial.")
                    }
                }
            }
            return PluginFinding(part.title, .ok, "the same each time, whatever the order of the rows")
        } catch let error as HostError {
            return PluginFinding(part.title, error)
        }
    }

    // MARK: - Categorizers and importers

    private func categorizer(_ part: Plugin.Part, of plugin: Plugin) async throws -> PluginFinding {
        do {
            for message in SampleOutcomes.messages {
                let failure = LuaValue.table(
                    LuaTable(["status": "error", "message": .string(message), "scenario_id": "s1"]))
                let first = try await host.plugins.categorize(failure, part, plugin)
                guard try await host.plugins.categorize(failure, part, plugin) == first else {
                    return PluginFinding(
                        part.title, .fail, "it gives another category for the same failure, \"\(message)\"",
                        advice: "A categorizer must go by nothing but the failure.")
                }
            }
            return PluginFinding(part.title, .ok, "the same each time")
        } catch let error as HostError {
            return PluginFinding(part.title, error)
        }
    }

    private func importer(_ part: Plugin.Part, of plugin: Plugin) async throws -> PluginFinding {
        guard let detect = part.function("detect") else {
            return PluginFinding(
                part.title, .warn, "it has no detect: it is used where it is named, and only there")
        }
        do {
            let place = "plugin \(manifest.name), \(part.title)"
            for head in ["", "{", "{\"a\": 1}\n", "not JSON"] {
                _ = try await plugin.call(detect, [.string(head)], in: place)
            }
            return PluginFinding(part.title, .ok, "detect copes with any file")
        } catch let error as HostError {
            return PluginFinding(part.title, error)
        }
    }
}

extension Document.Metric {
    /// The first field that differs by more than a share of its size; nil where none does.
    fileprivate func difference(from other: Document.Metric, tolerance: Double) -> String? {
        let numbers: [(String, Double?, Double?)] = [
            ("value", value, other.value), ("n", n.map(Double.init), other.n.map(Double.init)),
            ("errors", errors.map(Double.init), other.errors.map(Double.init)),
            ("se", standardError, other.standardError), ("low", low, other.low), ("high", high, other.high),
        ]
        for (name, one, two) in numbers {
            let isSame =
                if let one, let two {
                    (one - two).magnitude <= tolerance * max(1, one.magnitude, two.magnitude)
                } else { one == nil && two == nil }
            if isSame { continue }
            func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "nothing" }
            return "\(name) was \(text(one)), and then \(text(two))"
        }
        return nil
    }
}
