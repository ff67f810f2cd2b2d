/// Everything of a pool that changes, behind one lock; what has to be done is done after the lock is released.
struct PoolLedger {
    typealias Instant = ContinuousClock.Instant

    /// A connection, with what is needed to look at it while nobody uses it.
    struct Member {
        let connection: Connection
        /// The number of its socket.
        let socket: Int32
    }

    /// A connection in somebody's hands.
    struct Loan {
        let id: PoolState.ConnectionID
        let member: Member
        let check: PoolState.Check

        var connection: Connection { member.connection }
    }

    typealias Answer = Result<Loan, any Error>

    /// Somebody whose request couldn't be met at once.
    struct Waiter {
        enum Place {
            /// On its way to sleep. → `asleep`, `answered`
            case coming
            /// Waiting. → gone
            case asleep(CheckedContinuation<Loan, any Error>)
            /// Answered before it slept. → gone
            case answered(Answer)
        }

        /// When it began to wait.
        let since: Instant
        var place = Place.coming
    }

    /// An action with the objects that it concerns, to be performed outside of the lock.
    enum Effect {
        case resume(CheckedContinuation<Loan, any Error>, with: Answer)
        case connect(PoolState.ConnectionID)
        case abort(Task<Void, Never>)
        case close(Connection)
        case closed([CheckedContinuation<Void, Never>])
        case wake(at: Instant)
    }

    /// What is counted.
    struct Counts {
        var opened = 0
        var closed = 0
        var broken = 0
        var failedConnects = 0
        var rolledBack = 0
        var retries = 0
        var waits = 0
        var failedWaits = 0
        var waitTimes = Histogram()
        var longestWait: Duration?
    }

    let settings: PoolSettings
    var state: PoolState
    var counts = Counts()
    var members: [PoolState.ConnectionID: Member] = [:]
    /// The attempts to connect that are under way.
    var opening: [PoolState.ConnectionID: Task<Void, Never>] = [:]
    var waiters: [PoolState.WaiterID: Waiter] = [:]
    /// Why no connection could be opened the last time.
    var failure: DatabaseError?
    /// Those who wait for the pool to be closed.
    var closers: [CheckedContinuation<Void, Never>] = []
    /// Whether nobody waits any more for what is lent.
    var isAbandoned = false
    private var isDrained = false
    private var closing = 0
    private var waiterNumbers = 0
    /// When somebody will wake up and see what time has brought.
    private var alarms: [Instant] = []

    init(settings: PoolSettings) {
        self.settings = settings
        state = PoolState(settings: settings)
    }

    /// What a request came to: a loan, or else a number to wait with.
    struct Request {
        let waiter: PoolState.WaiterID
        var loan: Loan?
        var effects: [Effect] = []
    }

    /// Somebody wants a connection; `known` if it asks again.
    mutating func request(_ known: PoolState.WaiterID?, since: Instant, now: Instant) -> Request {
        var request = Request(waiter: known ?? nextWaiter())
        let deadline = since.advanced(by: settings.timeout)
        var actions = state.request(request.waiter, deadline: deadline, now: now)
        if case .lend(let id, _, let check)? = actions.last, let member = members[id] {
            request.loan = Loan(id: id, member: member, check: check)
            actions.removeLast()
            if actions.isEmpty { return request }
        } else {
            if known == nil, state.isOpen { counts.waits += 1 }
            waiters[request.waiter] = Waiter(since: since)
        }
        request.effects = resolve(actions, now: now)
        return request
    }

    private mutating func nextWaiter() -> PoolState.WaiterID {
        waiterNumbers += 1
        return PoolState.WaiterID(number: waiterNumbers)
    }

    // MARK: - What the state decided

    /// The effects of `actions`, and an alarm for what only time will bring.
    mutating func resolve(_ actions: [PoolState.Action], now: Instant) -> [Effect] {
        var effects: [Effect] = []
        for action in actions {
            switch action {
            case .lend(let id, let waiter, let check):
                guard let member = members[id] else { preconditionFailure("what is lent doesn't exist") }
                answer(waiter, .success(Loan(id: id, member: member, check: check)), now, &effects)
            case .fail(let waiter, let reason):
                counts.failedWaits += 1
                answer(waiter, .failure(error(reason)), now, &effects)
            case .connect(let id): effects.append(.connect(id))
            case .abort(let id):
                if let task = opening.removeValue(forKey: id) { effects.append(.abort(task)) }
            case .close(let id):
                guard let member = members.removeValue(forKey: id) else { continue }
                closing += 1
                counts.closed += 1
                effects.append(.close(member.connection))
            case .drained: isDrained = true
            }
        }
        if isDrained, closing == 0 || isAbandoned, !closers.isEmpty {
            effects.append(.closed(closers))
            closers = []
        }
        if let due = state.nextTick, alarms.allSatisfy({ due < $0 }) {
            alarms.append(due)
            effects.append(.wake(at: due))
        }
        return effects
    }

    /// The alarm of `instant` has gone off.
    mutating func awoke(_ instant: Instant) {
        if let index = alarms.firstIndex(of: instant) { alarms.remove(at: index) }
    }

    /// A connection has been closed.
    mutating func closed() { closing -= 1 }

    private mutating func answer(
        _ waiter: PoolState.WaiterID, _ answer: Answer, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard let known = waiters.removeValue(forKey: waiter) else { return }
        let time = known.since.duration(to: now)
        counts.waitTimes.add(time)
        counts.longestWait = max(counts.longestWait ?? .zero, time)
        deliver(answer, to: waiter, known, &effects)
    }

    private mutating func deliver(
        _ answer: Answer, to waiter: PoolState.WaiterID, _ known: Waiter, _ effects: inout [Effect]
    ) {
        if case .asleep(let continuation) = known.place {
            effects.append(.resume(continuation, with: answer))
        } else {
            waiters[waiter] = Waiter(since: known.since, place: .answered(answer))
        }
    }

    /// The waiter goes to sleep; or gets the answer that came before it slept.
    mutating func sleep(
        _ waiter: PoolState.WaiterID, _ continuation: CheckedContinuation<Loan, any Error>
    ) -> Answer? {
        if case .answered(let answer)? = waiters[waiter]?.place {
            waiters[waiter] = nil
            return answer
        }
        waiters[waiter]?.place = .asleep(continuation)
        return nil
    }

    /// The waiter's task was cancelled. One that has its answer already gets that.
    mutating func cancel(_ waiter: PoolState.WaiterID) -> [Effect] {
        guard state.giveUp(waiter), let known = waiters.removeValue(forKey: waiter) else { return [] }
        var effects: [Effect] = []
        deliver(.failure(Pool.cancelledError), to: waiter, known, &effects)
        return effects
    }

    // MARK: - Reports

    private func error(_ reason: PoolState.Failure) -> DatabaseError {
        switch reason {
        case .closed: return DatabaseError(.poolClosed, "The pool of connections is closed.")
        case .connectFailed: if let failure { return failure }
        case .timedOut: break
        }
        // Where others are lent the server is there: it is the pool's time that is over, but that isn't all there is to say.
        let reason = failure.map { " No more could be opened: \($0.message)" } ?? ""
        return DatabaseError(
            .poolTimeout,
            "No connection became free within \(settings.timeout.shortText): \(state.inUseCount) of "
                + "\(settings.limit) are in use, \(state.connectingCount) are being opened, and "
                + "\(state.waitingCount) more wait.\(reason)",
            advice: failure?.advice
                ?? "Run fewer tasks at once, keep connections for a shorter time, or use a larger pool.")
    }

    func statistics(_ commands: CommandMetrics.Counts) -> PoolStatistics {
        var statistics = PoolStatistics()
        statistics.inUse = state.inUseCount
        statistics.idle = state.idleCount
        statistics.connecting = state.connectingCount
        statistics.overflow = state.overflowCount
        statistics.waiting = state.waitingCount
        statistics.opened = counts.opened
        statistics.closed = counts.closed
        statistics.broken = counts.broken
        statistics.failedConnects = counts.failedConnects
        statistics.rolledBack = counts.rolledBack
        statistics.waits = counts.waits
        statistics.failedWaits = counts.failedWaits
        statistics.averageWait = counts.waitTimes.average
        statistics.waitP95 = counts.waitTimes.percentile(0.95)
        statistics.longestWait = counts.longestWait
        statistics.queries = commands.commands
        statistics.failures = commands.failures
        statistics.retries = counts.retries
        statistics.averageTime = commands.times.average
        statistics.p50 = commands.times.percentile(0.5)
        statistics.p95 = commands.times.percentile(0.95)
        statistics.p99 = commands.times.percentile(0.99)
        return statistics
    }
}
