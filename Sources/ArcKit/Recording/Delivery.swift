import Postgres

/// Brings batches to the database, each on a connection and in a transaction of its own, and does so again where that
/// failed for a passing reason: recording is idempotent by the outcomes' ids.
struct Delivery: Sendable {
    /// How long an attempt waits for a connection: the spool is a better place to wait for a server that is away.
    private static let patience = Duration.seconds(5)

    let pool: Pool
    let known: Known
    let replica: ReplicaProgress

    /// - Throws: as `Session.write`, after the last attempt.
    func write(
        _ batch: OutcomeBatch, in simulation: SimulationReference, isLate: Bool = false
    ) async throws -> WrittenBatch {
        defer { replica.wrote() }
        var manner = RecordingManner(isRepeat: isLate, isLate: isLate)
        return try await pool.retrying(.idempotentWrite, patience: Self.patience) { connection in
            // Whether an attempt that lost its connection was committed nobody knows.
            defer { manner.isRepeat = true }
            try await connection.cleanse()
            return try await Session(connection: connection, known: known, isInTransaction: false)
                .write(batch, in: simulation, manner)
        }
    }

    /// Brings what waits in a spool.
    ///
    /// - Throws: as `Spool.replay`.
    func bring(
        _ spool: Spool, _ occasion: ReplayOccasion, includingRejected: Bool = false,
        patience: Duration = .zero,
        progress: @escaping @Sendable (ReplayReport) -> Void = { _ in }
    ) async throws -> ReplayReport {
        try await spool.replay(
            occasion, includingRejected: includingRejected, patience: patience, progress: progress,
            answers: { await answers() }
        ) { _ = try await record($1, late: $0) }
    }

    /// Whether the database answers at all.
    private func answers() async -> Bool {
        let answer: Void? = try? await pool.retrying(.read, patience: Self.patience) { try await $0.ping() }
        return answer != nil
    }

    /// Records outcomes that waited while the database was away, also in a simulation that has ended since: they were
    /// promised to be kept.
    ///
    /// - Throws: as `Session.record`.
    func record(_ outcomes: [Outcome], late simulation: SimulationReference) async throws -> RecordingReport {
        let batch = try OutcomeBatch(outcomes, places: nil)
        do {
            return try await write(batch, in: simulation, isLate: true).report(0..<outcomes.count)
        } catch let refused as RefusedOutcome {
            throw batch.complaint(about: refused)
        }
    }
}
