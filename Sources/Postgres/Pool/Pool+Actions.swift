internal import Logging
internal import Synchronization

/// Doing what the state decided.
extension Pool {
    func change(_ transition: (inout PoolLedger) -> [PoolState.Action]) {
        let now = time.now()
        let effects = ledger.withLock { ledger in
            let actions = transition(&ledger)
            return ledger.resolve(actions, now: now)
        }
        perform(effects)
    }

    func perform(_ effects: [PoolLedger.Effect]) {
        for effect in effects {
            switch effect {
            case .resume(let continuation, let answer): continuation.resume(with: answer)
            case .connect(let id): open(id)
            case .abort(let task): task.cancel()
            case .close(let connection): Task { await self.close(connection) }
            case .closed(let closers): for closer in closers { closer.resume() }
            case .wake(let instant): wake(at: instant)
            }
        }
    }

    private func close(_ connection: Connection) async {
        await connection.close()
        change { ledger in
            ledger.closed()
            return []
        }
    }

    /// Who waits needs no timer of its own: the pool sees to whatever is due first.
    private func wake(at instant: ContinuousClock.Instant) {
        Task { [weak self, time] in
            do { try await time.sleep(instant) } catch { return }
            guard let self else { return }
            change { ledger in
                ledger.awoke(instant)
                return ledger.state.tick(max(time.now(), instant))
            }
        }
    }

    // MARK: - Opening

    /// Opens a connection for whoever is first in the queue when it is open, so nobody's cancelling ends it.
    private func open(_ id: PoolState.ConnectionID) {
        let task = Task { await connect(id) }
        let isWanted = ledger.withLock { ledger in
            guard ledger.state.isConnecting(id) else { return ledger.state.isOpen }
            ledger.opening[id] = task
            return true
        }
        if !isWanted { task.cancel() }
    }

    private func connect(_ id: PoolState.ConnectionID) async {
        do throws(DatabaseError) {
            let connection = try await Connection.connect(
                options, settings: settings.connection, logger: logger, metrics: metrics)
            let member = PoolLedger.Member(connection: connection, socket: await connection.socketNumber)
            change { ledger in
                ledger.opening[id] = nil
                ledger.members[id] = member
                ledger.counts.opened += 1
                ledger.failure = nil
                return ledger.state.connected(id, now: time.now())
            }
        } catch {
            failed(id, error)
        }
    }

    private func failed(_ id: PoolState.ConnectionID, _ error: DatabaseError) {
        let cause = error.outageCause
        var isNews = false
        change { ledger in
            ledger.opening[id] = nil
            guard ledger.state.isConnecting(id) else { return [] }
            isNews = ledger.failure != error
            ledger.failure = error
            ledger.counts.failedConnects += 1
            return ledger.state.connectFailed(id, cause, now: time.now())
        }
        if isNews { logger.warning("a connection of the pool could not be opened: \(error)") }
    }
}
