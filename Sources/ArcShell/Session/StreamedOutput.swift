import ArcHost
import Postgres

/// Prints rows as they arrive, in the memory of a few of them.
struct StreamedOutput: Sendable {
    /// Nobody reads what is printed any more.
    private struct ReaderLeft: Error {}

    /// So much is gathered before it is printed, while rows come fast.
    private static let most = 1 << 16
    /// So long a row waits at most for the next.
    private static let patience = Duration.milliseconds(100)

    private var writer: RowWriter
    private var lastTime = ContinuousClock.now

    init(_ writer: RowWriter) { self.writer = writer }

    /// Runs a command and prints its rows, or, where it returns none, what it did.
    func run(_ sql: String, on connection: Connection) async throws {
        do {
            var (output, summary) = try await connection.streamed(sql, into: self) { output, row in
                try output.add(row)
            }
            guard !summary.columns.isEmpty else { return Output.note(summary.commandTag) }
            output.writer.begin(summary.columns.map(\.name))
            output.writer.end()
            Output.write(output.writer.bytes)
        } catch is ReaderLeft {}
    }

    private mutating func add(_ row: borrowing StreamedRow) throws {
        writer.add(row)
        let now = ContinuousClock.now
        guard writer.bytes.count >= Self.most || now - lastTime > Self.patience else { return }
        Output.write(writer.bytes)
        Output.flush()
        writer.removeAll()
        lastTime = now
        if !Output.hasReader { throw ReaderLeft() }
    }
}
