public import ArcKit
import FoundationEssentials
import LuaBridge
import Postgres

/// What to import.
public struct ImportRequest: Sendable {
    /// The file.
    public var path: String
    /// The importer's name; nil finds one by the file's beginning.
    public var format: String?
    /// What to call the simulation; the file's name where nil.
    public var name: String?
    /// The configuration that was evaluated; it is called as the simulation is where nil.
    public var configuration: String?
    /// Options of the importer's own.
    public var options: [String: String] = [:]
    /// The score from which a run passes.
    public var passThreshold = 0.7

    /// A request to import that file.
    public init(path: String) { self.path = path }
}

/// What an import did.
public struct ImportReport: Sendable {
    /// The simulation that has the results.
    public var simulation: SimulationReference
    /// The configuration that they are of; nil where nothing was added.
    public var configuration: String?
    /// Whether these results were there before, and nothing was added.
    public var wasThere: Bool
    /// The importer.
    public var format: String
    /// How many outcomes were recorded.
    public var outcomes = 0
    /// How many scenarios they are of.
    public var scenarios = 0
    /// How often each scenario was run.
    public var trials = 0
}

extension Host {
    /// Imports a file of results as one completed simulation, in one transaction: all of it, or nothing.
    ///
    /// - Parameter progress: called now and then with the number of outcomes so far.
    /// - Throws: `HostError` that names the file and the record where its contents are wrong.
    public func importFile(
        _ request: ImportRequest, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        guard let contents = FileContents(path: request.path) else {
            throw HostError.unreadable(request.path)
        }
        do {
            return try await importContents(contents, request, progress)
        } catch  where Self.isOfFile(error) {
            throw Self.inFile(request.path, error)
        }
    }

    /// Whether an error is about what the file holds; Ctrl-C and a lost database aren't.
    private static func isOfFile(_ error: any Error) -> Bool {
        switch error {
        case let error as LuaError: error.code != .cancelled
        // Class 22 is "data exception": a text that no column can hold.
        case let error as DatabaseError: error.sqlState?.hasPrefix("22") == true
        default: error is EvaluationError || error is HostError
        }
    }

    private func importContents(
        _ contents: FileContents, _ request: ImportRequest, _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> ImportReport {
        guard contents.data.contains(where: { !" \t\r\n".utf8.contains($0) }) else {
            throw HostError(.input, "the file is empty")
        }
        let (plugin, importer) = try await importer(for: contents.data, request)
        try Self.check(request.options, for: importer)
        let hash = contents.sha256()
        let store = try await store()
        if let known = try await store.session(.read, { try await $0.findSimulation(importedFrom: hash) }) {
            return ImportReport(simulation: known, wasThere: true, format: importer.name)
        }
        let source = ImportSource(path: request.path, contents: contents, options: request.options)
        let next = try await importing(importer, source, of: plugin)
        do {
            return try await record(
                next, of: plugin, request, source.name, hash, format: importer.name, progress)
        } catch let repeated as RepeatedRun {
            let again = ImportSource(path: request.path, contents: contents, options: request.options)
            throw repeated.error(first: try await first(of: repeated, importer, again, of: plugin))
        } catch let error as EvaluationError where error.code == .exists {
            // Somebody else imported the same file meanwhile.
            let there = try await store.session(.read) { try await $0.findSimulation(importedFrom: hash) }
            guard let there else { throw error }
            return ImportReport(simulation: there, wasThere: true, format: importer.name)
        }
    }

    /// The function that hands out what an importer yields for a source, so many at a time; an empty list after the last.
    func importing(
        _ importer: Plugin.Part, _ source: ImportSource, of plugin: Plugin
    ) async throws -> LuaFunction {
        let next = try await plugin.using { machine in
            guard let read = importer.function("read") else { return LuaValue.nil }
            return try await machine.run(
                Self.batches, name: "=[import]", arguments: [.function(read), .object(source)]
            ).first ?? .nil
        }
        guard let next = next.function else {
            throw HostError(.plugin, "importer \(importer.name): read must be a function")
        }
        return next
    }

    /// Where a run was given first: the file is read once more, since places aren't kept.
    private func first(
        of repeated: RepeatedRun, _ importer: Plugin.Part, _ source: ImportSource, of plugin: Plugin
    ) async throws -> String? {
        let next = try await importing(importer, source, of: plugin)
        var count = 0
        return try await plugin.using { machine in
            while let batch = try await machine.call(next).first?.table?.array, !batch.isEmpty {
                for value in batch {
                    count += 1
                    let place = ImportWork.place(value, number: count)
                    let outcome = try Outcome(value, place: place, function: place)
                    if outcome.scenario.id == repeated.scenario, outcome.trial == repeated.trial {
                        return place
                    }
                }
            }
            return nil
        }
    }

    /// Records what an importer hands out, in one transaction.
    private func record(
        _ next: LuaFunction, of plugin: Plugin, _ request: ImportRequest, _ name: String, _ hash: String,
        format: String, _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> ImportReport {
        let store = try await store()
        let report = try await store.transaction { session in
            var work = ImportWork(
                session: session, host: self, format: format, passThreshold: request.passThreshold)
            try await work.start(request, name: name, hash: hash)
            try await plugin.using { machine in
                while case let batch = try await Self.batch(next, of: plugin, format, in: machine),
                    !batch.isEmpty
                {
                    try await work.record(batch)
                    progress(work.report?.outcomes ?? 0)
                }
            }
            return try await work.finish()
        }
        await store.refreshRollupsInPassing()
        return report
    }

    /// What the importer yields next. What it says itself is about the file; other errors are its plugin's, which they name.
    private static func batch(
        _ next: LuaFunction, of plugin: Plugin, _ format: String, in machine: Machine
    ) async throws -> [LuaValue] {
        do {
            return try await machine.call(next).first?.table?.array ?? []
        } catch {
            let isAboutFile = error.underlying != nil || error.value.stringValue != nil
            guard !isAboutFile || error.code == .timeLimit || error.code == .memory else { throw error }
            throw plugin.failure(error, in: "plugin \(plugin.manifest.name), importer \(format)")
        }
    }

    /// Runs an importer's `read` as a generator and hands out what it yields, so many at a time.
    private static let batches = """
        local read, source = ...
        local running, generator = true, coroutine.create(read)
        return function()
          local batch = {}
          while running and #batch < 500 do
            local ok, record = coroutine.resume(generator, source)
            if not ok then error(record, 0) end
            running = coroutine.status(generator) ~= "dead"
            if record ~= nil then batch[#batch + 1] = record end
          end
          return batch
        end
        """

    private func importer(for contents: Data, _ request: ImportRequest) async throws -> (Plugin, Plugin.Part)
    {
        if let format = request.format { return try await plugins.part("importers", named: format, on: self) }
        let head = LuaValue.string(String(decoding: contents.prefix(4096), as: UTF8.self))
        let providers = try await plugins.providers(of: "importers", on: self)
        plugins.note(providers.failures)
        for plugin in providers.values {
            for part in plugin.parts("importers") {
                guard let detect = part.function("detect") else { continue }
                let place = "plugin \(plugin.manifest.name), \(part.title)"
                var answer = PluginResults<Bool>()
                try await answer.collect(plugin.manifest.name, part.title) {
                    try await plugin.call(detect, [head], in: place).isTruthy
                }
                plugins.note(answer.failures)
                if answer.values == [true] { return (plugin, part) }
            }
        }
        let names = plugins.names(of: "importers")
        guard !names.isEmpty else {
            throw HostError(
                .input, "there is no importer: no plugin that provides one was found",
                advice: "arc plugin list shows which plugins there are, and where arc looks for them.")
        }
        throw HostError(
            .input, "no importer knows this format",
            advice: "Name one: arc import FORMAT FILE, with FORMAT one of \(names.joined(separator: ", ")).")
    }

    private static func check(_ options: [String: String], for importer: Plugin.Part) throws {
        let known = (importer.fields["options"].table?.fields ?? []).compactMap(\.name)
        for name in options.keys.sorted() where !known.contains(name) {
            throw HostError(
                .argument, "importer \(importer.name) has no option \"\(name)\"",
                advice: known.isEmpty ? "It has none." : "It has: \(known.joined(separator: ", ")).")
        }
    }

    /// The error with the file's name before it.
    private static func inFile(_ path: String, _ error: any Error) -> HostError {
        let script = (error as? LuaError)?.underlying as? any ScriptError ?? error as? any ScriptError
        return HostError(
            .input, "\(path): \(script?.scriptMessage ?? "\(error)")", advice: script?.scriptAdvice)
    }
}
