internal import Synchronization

extension Connection {
    /// Says that SQL of somebody's own runs in the session, which may leave in it what nobody can see in its text: a
    /// function may set anything, and a temporary table hides others of its name.
    public nonisolated func expose() { state.withLock { $0.expose() } }

    /// Takes back what such SQL may have left in the session: its role, settings, temporary tables and functions, cursors,
    /// advisory locks and subscriptions. Does nothing where none ran since, inside a transaction, and behind a pooler,
    /// where there is no session of one's own.
    ///
    /// - Throws: as ``query(_:_:timeout:)``, and `connectionLost` where the server refuses; the connection is broken then.
    public func cleanse() async throws(DatabaseError) {
        guard state.withLock({ $0.isExposed }), !isBehindPooler, transactionStatus == .idle else { return }
        do throws(DatabaseError) {
            try await interruptible(timeout: settings.commandTimeout) { exchange throws(DatabaseError) in
                // Not DISCARD ALL: the prepared statements are the connection's own.
                _ = try self.runScript(
                    """
                    RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *;
                    SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP
                    """, exchange)
                try self.applySettings(exchange)
            }
        } catch {
            breakDown()
            guard error.code == .server else { throw error }
            throw DatabaseError(
                .connectionLost,
                "The session couldn't be put in order after somebody's own SQL: \(error.message)")
        }
        state.withLock { $0.cleansed() }
    }
}
