import Foundation
import Logging
import Postgres
import Synchronization

/// Keeps the plans of everything that a connection's server runs, as `EXPLAIN (ANALYZE, BUFFERS, VERBOSE)` shows them: of
/// every command, and of the statements within functions too. They come as messages of PostgreSQL's own module auto_explain.
final class PlanRecorder: Sendable {
    private let texts = Mutex<[String]>([])

    /// A connection whose plans are kept. Its role must be a superuser's.
    func connect(_ options: ConnectionOptions) async throws -> Connection {
        var logger = Logger(label: "plans") { _ in PlanLog(recorder: self) }
        logger.logLevel = .trace
        let connection = try await Connection.connect(options, logger: logger)
        try await connection.script(
            """
            load 'auto_explain';
            set auto_explain.log_min_duration = 0;
            set auto_explain.log_analyze = on;
            set auto_explain.log_buffers = on;
            set auto_explain.log_timing = off;
            set auto_explain.log_verbose = on;
            set auto_explain.log_nested_statements = on;
            set auto_explain.log_format = json;
            set client_min_messages = log
            """)
        return connection
    }

    fileprivate func note(_ message: String) {
        // "duration: 0.1 ms  plan:" and JSON.
        guard message.hasPrefix("duration:"), let start = message.firstIndex(of: "{") else { return }
        texts.withLock { $0.append(String(message[start...])) }
    }

    /// The plans since this was last asked.
    func plans() throws -> [RecordedPlan] {
        let taken = texts.withLock { texts in
            defer { texts = [] }
            return texts
        }
        return try taken.map(RecordedPlan.init)
    }
}

private struct PlanLog: LogHandler {
    let recorder: PlanRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { recorder.note("\(event.message)") }
}
