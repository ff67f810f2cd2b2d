public import Postgres
import Synchronization

/// The spool of a store's database, once it is known.
final class SpoolSlot: Sendable {
    private let known = Mutex<Spool?>(nil)

    var spool: Spool? { known.withLock { $0 } }

    /// The spool that is known; that one where none is yet.
    func settle(_ spool: Spool) -> Spool {
        known.withLock { known in
            known = known ?? spool
            return known ?? spool
        }
    }
}

extension Store {
    /// The spool of this store's database, the same one at every call. Asks the database for its id at the first call,
    /// so that is to be made while the database is there.
    ///
    /// - Returns: nil where outcomes aren't to be spooled, or the database's schema is older than its id.
    public func spool() async throws -> Spool? {
        guard let spools else { return nil }
        if let known = knownSpool.spool { return known }
        guard let id = try await pool.retrying(.read, { try await SchemaDeployer.databaseID($0) }) else {
            return nil
        }
        let options = pool.options
        let about = "\(options.database ?? "?") on \(options.host ?? "this machine"), port \(options.port)"
        return knownSpool.settle(spools.spool(of: id, about: about))
    }

    /// Records what waits in a spool.
    ///
    /// - Throws: as `Spool.replay`.
    public func replay(
        _ spool: Spool, _ occasion: ReplayOccasion = .asked, includingRejected: Bool = false,
        patience: Duration = .zero,
        progress: @escaping @Sendable (ReplayReport) -> Void = { _ in }
    ) async throws -> ReplayReport {
        try await delivery.bring(
            spool, occasion, includingRejected: includingRejected, patience: patience, progress: progress)
    }

    /// Replays what waits for this database. Whoever opens a store finds it there, unless that takes longer than
    /// `patience`: then it goes on in the task that is returned.
    ///
    /// - Parameter tell: is told how it went; not called where nothing waits.
    func catchUp(
        patience: Duration, _ tell: @escaping @Sendable (StoreEvent) -> Void
    ) async -> Task<Void, Never>? {
        // Asked for in any case: when the database is away, it can't be asked any more where its outcomes may wait.
        guard let spool = try? await spool(), spool.isWaiting else { return nil }
        let latest = LatestReport()
        let (ending, end) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            defer { end.finish() }
            do {
                let report = try await self.replay(spool, .opened, progress: { latest.set($0) })
                if !report.isBusy { tell(.done(report)) }
            } catch is CancellationError {
                // Whoever closes the store early knows; the rest waits for the next time.
            } catch {
                tell(.failed(error, latest.value))
            }
        }
        let timer = Task {
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            tell(.goesOn(latest.value))
            end.finish()
        }
        for await _ in ending {}
        timer.cancel()
        return task
    }
}

extension SchemaDeployer {
    /// The id of this database, by which clients file what waits for it; nil where it has no schema of arc's or one
    /// from before there was an id.
    public static func databaseID(_ connection: Connection) async throws -> String? {
        do {
            return try await connection.query("select database_id::text as id from arc_schema").first?.get(
                "id", as: String.self)
        } catch {
            // undefined_table, undefined_column
            guard ["42P01", "42703"].contains(error.sqlState) else { throw error }
            return nil
        }
    }
}
