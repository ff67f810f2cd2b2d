import Logging

/// What arc's parts log: to standard error, and only where ARC_LOG asks for it. What a user has to know is an error or
/// a note, never a line of a log.
enum Logs {
    /// Sets logging up, once: `ARC_LOG` is one of swift-log's levels (trace, debug, info, notice, warning, error).
    static func start(environment: [String: String]) {
        let level = environment["ARC_LOG"].flatMap { Logger.Level(rawValue: $0) }
        LoggingSystem.bootstrap { label in
            guard let level else { return SwiftLogNoOpLogHandler() }
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
