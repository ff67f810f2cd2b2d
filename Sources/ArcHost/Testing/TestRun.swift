import LuaBridge
import Synchronization

/// How one test of a plugin ended.
public struct PluginTestResult: Sendable, Hashable {
    /// The names of what it stands in, and its own.
    public let path: [String]
    /// Why it failed; nil where it passed.
    public let failure: String?
    /// Where it failed: file and line.
    public let place: String?
    /// How long it took.
    public let seconds: Double

    /// "slow runs › counts those over ten seconds"
    public var name: String { path.joined(separator: " › ") }
}

/// What the tests of one plugin came to.
public struct PluginTestReport: Sendable {
    /// The plugin's name.
    public let plugin: String
    /// Each test in the order of the file.
    public var results: [PluginTestResult] = []
    /// The golden documents that were written, by path.
    public var written: [String] = []

    /// How many failed.
    public var failures: Int { results.count { $0.failure != nil } }
}

/// Which tests are run, and how.
public struct PluginTestOptions: Sendable {
    /// Whether golden documents are written instead of compared.
    public var updates = false
    /// Only tests whose name has this in it; nil for all.
    public var filter: String?

    /// Every test, compared.
    public init() {}
}

extension Host {
    /// Runs a plugin's `test.lua`, in a machine with the limits and grants of the plugin's own.
    ///
    /// - Throws: `HostError` with code `plugin` where the plugin has no tests, or they can't be loaded.
    public func test(
        _ manifest: PluginManifest, _ options: PluginTestOptions = PluginTestOptions()
    ) async throws -> PluginTestReport {
        let standing = try plugins.standing(of: manifest)
        let files = PluginFiles(manifest, contents: standing.contents)
        let tests = TestList()
        let golden = GoldenDocuments(manifest, updates: options.updates)
        var configuration = pluginConfiguration(for: manifest, standing, files)
        configuration.preludes.append(Self.testing)
        configuration.functions += [
            .immediate("host.add_test") { call in
                guard let body = call[1].function else { return [] }
                tests.add((call[0].table?.array ?? []).compactMap(\.stringValue), body)
                return []
            }
        ]
        configuration.functions += TestSubject(manifest: manifest, host: self).functions
        configuration.functions += TestFixtures(files: files, host: self, golden: golden).functions
        configuration.functions.append(golden.function)
        let machine = try Machine(configuration)
        do {
            let report = try await run(tests, on: machine, manifest, files, options, golden)
            await machine.close()
            return report
        } catch {
            await machine.close()
            throw error
        }
    }

    private static let testing = LuaSource(
        name: "=[testing]", text: String(decoding: PackageResources.testing_lua, as: UTF8.self))

    private func run(
        _ tests: TestList, on machine: Machine, _ manifest: PluginManifest, _ files: PluginFiles,
        _ options: PluginTestOptions, _ golden: GoldenDocuments
    ) async throws -> PluginTestReport {
        guard let source = try? files.source("test.lua") else {
            throw HostError(
                .plugin, "plugin \(manifest.name) has no tests: \(manifest.folder)/test.lua can't be read",
                advice: "`arc plugin new` writes one; docs/plugins.md shows what it may have.")
        }
        do {
            _ = try await machine.run(source.text, name: source.name)
        } catch {
            if error.code == .cancelled { throw error }
            throw HostError(
                .plugin, "the tests of plugin \(manifest.name) don't load: \(error.placed)",
                advice: error.advice)
        }
        var report = PluginTestReport(plugin: manifest.name)
        for (path, body) in tests.all {
            let name = path.joined(separator: " › ")
            if let filter = options.filter, !name.contains(filter) { continue }
            report.results.append(try await Self.run(path, body, on: machine))
        }
        report.written = golden.written
        return report
    }

    /// Runs one test; it may take as long as a call of the plugin may.
    private static func run(
        _ path: [String], _ body: LuaFunction, on machine: Machine
    ) async throws -> PluginTestResult {
        let start = ContinuousClock.now
        var failure: String?
        var place: String?
        do {
            _ = try await machine.call(body)
        } catch {
            if error.code == .cancelled { throw error }
            failure = error.message + (error.advice.map { "\n\($0)" } ?? "")
            place = error.chunk.map { "\($0):\(error.line ?? 0)" }
        }
        return PluginTestResult(
            path: path, failure: failure, place: place,
            seconds: start.duration(to: .now) / .seconds(1))
    }
}

/// The tests that a `test.lua` names, in their order.
private final class TestList: Sendable {
    private let tests = Mutex<[(path: [String], body: LuaFunction)]>([])

    var all: [(path: [String], body: LuaFunction)] { tests.withLock { $0 } }

    func add(_ path: [String], _ body: LuaFunction) { tests.withLock { $0.append((path, body)) } }
}
