import ArcKit
import LuaBridge
import Postgres

/// What a plugin failed at. The others go on, and whoever shows their results shows this beside them.
public struct PluginFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The plugin's name.
    public let plugin: String
    /// What of it failed, such as "metric slow_runs"; nil where the plugin can't be loaded.
    public let part: String?
    /// What happened, in one sentence that names the plugin, the part, and the simulation where it was about one.
    public let message: String
    /// How to go on, where there is something to say.
    public let advice: String?

    /// A failure of a plugin.
    public init(plugin: String, part: String?, message: String, advice: String? = nil) {
        self.plugin = plugin
        self.part = part
        self.message = message
        self.advice = advice
    }

    /// The failure that an error is; nil where the error is no fault of the plugin's: Ctrl-C, or a database that is away.
    init?(_ error: any Error, plugin: String, part: String?) {
        switch error {
        case let error as HostError:
            self.init(plugin: plugin, part: part, message: error.message, advice: error.advice)
        case is CancellationError: return nil
        case let error as DatabaseError where error.isOfServer: return nil
        case let error as LuaError where error.code == .cancelled: return nil
        default: self.init(plugin: plugin, part: part, message: "plugin \(plugin): \(error)")
        }
    }

    /// What happened, and on a line of its own how to go on.
    public var description: String { advice.map { "\(message)\n\($0)" } ?? message }
}

extension DatabaseError {
    /// Whether it is about the server or the way to it, or Ctrl-C. All else is about what was asked of it.
    var isOfServer: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .poolTimeout, .poolClosed, .localServer, .serverNotInstalled,
            .cancelled:
            true
        // Without a command it was the connecting that took too long.
        case .timedOut: sql == nil
        case .server, .invalidOptions, .unexpectedResult: false
        }
    }
}

/// What plugins gave, and what failed.
public struct PluginResults<Value: Sendable>: Sendable {
    /// What the others gave.
    public var values: [Value] = []
    /// Those that failed, each named.
    public var failures: [PluginFailure] = []

    /// Adds what `body` gives, or its failure.
    ///
    /// - Throws: What is no fault of the plugin's.
    mutating func collect(
        _ plugin: String, _ part: String?, _ body: () async throws -> Value
    ) async throws {
        do {
            values.append(try await body())
        } catch {
            guard let failure = PluginFailure(error, plugin: plugin, part: part) else { throw error }
            failures.append(failure)
        }
    }
}

extension PluginFailure {
    /// The failure as a JSON object: plugin, part, message and advice.
    var json: JSONValue {
        .members(
            ("plugin", .string(plugin)), ("part", part.map(JSONValue.string) ?? .null),
            ("message", .string(message)),
            ("advice", advice.map(JSONValue.string) ?? .null))
    }

    /// The failure for a script.
    var table: LuaTable {
        LuaTable([
            "plugin": .string(plugin), "part": .optional(part), "message": .string(message),
            "advice": .optional(advice),
        ])
    }
}
