internal import DequeModule

/// What a pool knows and decides, without connections, tasks or clocks: everything that happens is told to
/// it, and it answers with what is to be done.
struct PoolState: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct ConnectionID: Sendable, Hashable { let number: Int }
    /// Somebody who wants a connection. Numbers are given in the order of arrival, and that is the order in
    /// which they are served.
    struct WaiterID: Sendable, Hashable { let number: Int }

    /// What is to be done, in order.
    enum Action: Sendable, Equatable {
        /// Hand the connection to the waiter, after a look whether it is alive.
        case lend(ConnectionID, to: WaiterID, Check)
        /// Open a connection, and tell `connected` or `connectFailed`.
        case connect(ConnectionID)
        /// Stop opening a connection, which is forgotten already.
        case abort(ConnectionID)
        /// Close a connection, which is forgotten already.
        case close(ConnectionID)
        /// Let the waiter go without a connection.
        case fail(WaiterID, Failure)
        /// Nothing is left of a pool that has been closed.
        case drained
    }

    /// How to make sure that a connection is alive before it is used.
    enum Check: Sendable, Equatable {
        /// It comes from somebody's hands, or nothing is ever to be looked at.
        case none
        /// See whether the server closed it: that costs no round trip.
        case look
        /// Have the server answer.
        case ping
    }

    enum Failure: Sendable, Equatable { case connectFailed, timedOut, closed }

    /// In what condition a connection comes back.
    enum Condition: Sendable, Equatable {
        /// As good as new.
        case usable
        /// Inside a transaction, which is to be rolled back first; if it still is, the connection is of no use.
        case inTransaction
        /// Lost.
        case broken
        /// Its session was changed, so nobody else may have it.
        case retired
    }

    private enum Phase {
        /// Lending. → `draining`, `closed`
        case open
        /// Waiting for what is lent to come back. → `closed`
        case draining
        /// Nothing left. Stays so.
        case closed
    }

    private enum Server {
        /// Nothing has been opened yet. → `reached`, `away`
        case untried
        /// The last attempt to connect succeeded. → `away`
        case reached
        /// The last attempt failed. → `reached`
        case away(PoolOutage)
    }

    private enum Slot {
        /// Being opened, alone in an outage if `probing`. → `idle`, `lent`, gone
        case connecting(probing: Bool)
        /// Free to be lent. → `lent`, gone
        case idle(since: Instant)
        /// In somebody's hands. → `idle`, `lent` (to another), gone
        case lent(since: Instant)
    }

    private struct Entry {
        var slot: Slot
        var opened: Instant?
    }

    private struct Waiter {
        let id: WaiterID
        /// When its time is over.
        let deadline: Instant
    }

    private let settings: PoolSettings
    private var phase = Phase.open
    private var server = Server.untried
    private var entries: [ConnectionID: Entry] = [:]
    /// The free connections, the one that came back last at the end; it is lent first.
    private var idle: Deque<ConnectionID> = []
    /// Those that wait, by number; one that gave up is only taken out of `waiting`, except at the front.
    private var queue: Deque<Waiter> = []
    private var waiting: Set<WaiterID> = []
    private var connecting = 0
    private var connectionNumbers = 0
    /// What has been idle since this or longer may be dead: another connection broke then.
    private var suspectedAt: Instant?

    init(settings: PoolSettings) { self.settings = settings }

    var inUseCount: Int { entries.count - idle.count - connecting }
    var idleCount: Int { idle.count }
    var connectingCount: Int { connecting }
    var waitingCount: Int { waiting.count }
    var overflowCount: Int { max(entries.count - settings.size, 0) }
    var isOpen: Bool { phase == .open }

    func isConnecting(_ connection: ConnectionID) -> Bool {
        if case .connecting? = entries[connection]?.slot { true } else { false }
    }

    /// Whether the last attempt to connect failed, and no connection is left.
    var isCutOff: Bool { outage != nil && entries.count == connecting }

    /// When `tick` has something to do, if nothing else happens before; nil for never.
    var nextTick: Instant? {
        var next = queue.first?.deadline
        if entries.count > settings.size, let oldest = idle.first, let since = idleSince(oldest) {
            next = earlier(next, since.advanced(by: settings.overflowGrace))
        }
        if let outage, !waiting.isEmpty, connecting == 0, entries.count < settings.limit {
            next = earlier(next, outage.retryAt)
        }
        return next
    }

    // MARK: - Asking and giving up

    /// Somebody wants a connection. Who asks again, because what it got was dead, keeps its number and with
    /// that its turn.
    ///
    /// Only if the last action lends to the waiter or fails it, it has its answer; else it waits: in an outage for the
    /// next attempt, a second at most, since the last one was made for somebody else and may be old news.
    mutating func request(_ waiter: WaiterID, deadline: Instant, now: Instant) -> [Action] {
        guard phase == .open else { return [.fail(waiter, .closed)] }
        var actions: [Action] = []
        while let connection = idle.popLast() {
            guard isTooOld(connection, now) else {
                actions.append(.lend(connection, to: waiter, check(connection, now)))
                entries[connection]?.slot = .lent(since: now)
                return actions
            }
            entries[connection] = nil
            actions.append(.close(connection))
        }
        waiting.insert(waiter)
        let later = queue.reversed().prefix { $0.id.number > waiter.number }.count
        queue.insert(Waiter(id: waiter, deadline: deadline), at: queue.count - later)
        return actions + connectForWaiters(now)
    }

    /// A waiter's task was cancelled. False if it doesn't wait (any more).
    mutating func giveUp(_ waiter: WaiterID) -> Bool {
        guard waiting.remove(waiter) != nil else { return false }
        while let first = queue.first, !waiting.contains(first.id) { queue.removeFirst() }
        // What gave up in the middle is skipped later; keep the queue from growing without bound.
        if queue.count > 64, queue.count > 2 * waiting.count {
            queue = Deque(queue.filter { waiting.contains($0.id) })
        }
        return true
    }

    /// Time has passed.
    mutating func tick(_ now: Instant) -> [Action] {
        guard phase == .open else { return [] }
        var actions: [Action] = []
        let reason = isCutOff ? Failure.connectFailed : .timedOut
        while let first = queue.first, first.deadline <= now {
            _ = nextWaiter()
            actions.append(.fail(first.id, reason))
        }
        while entries.count > settings.size, let oldest = idle.first, let since = idleSince(oldest),
            since.advanced(by: settings.overflowGrace) <= now
        {
            idle.removeFirst()
            entries[oldest] = nil
            actions.append(.close(oldest))
        }
        return actions + connectForWaiters(now)
    }

    // MARK: - Opening

    mutating func connected(_ connection: ConnectionID, now: Instant) -> [Action] {
        guard entries[connection] != nil else { return [.close(connection)] }
        connecting -= 1
        entries[connection]?.opened = now
        server = .reached
        return settle(connection, now) + connectForWaiters(now)
    }

    /// A connection could not be opened.
    ///
    /// Who waits may still be served: by a connection that is lent now and comes back, or, after a restart of a
    /// server that was there before, by one opened a little later. Only where neither can be expected, it is told.
    mutating func connectFailed(_ connection: ConnectionID, _ cause: PoolOutage.Cause, now: Instant)
        -> [Action]
    {
        guard case .connecting(let probing)? = entries.removeValue(forKey: connection)?.slot else {
            return []
        }
        connecting -= 1
        switch server {
        case .untried: server = .away(PoolOutage(cause, since: now, hope: .zero))
        case .reached: server = .away(PoolOutage(cause, since: now, hope: settings.timeout))
        case .away(var outage):
            if probing {
                outage.failedAgain(cause, now)
            } else {
                outage.alsoFailed(cause)
            }
            server = .away(outage)
        }
        return failIfHopeless(now)
    }

    // MARK: - Coming back

    /// A connection comes back.
    mutating func release(_ connection: ConnectionID, _ condition: Condition, now: Instant) -> [Action] {
        guard let entry = entries[connection], case .lent = entry.slot else { return [] }
        if condition == .usable, !isTooOld(connection, now) { return settle(connection, now) }
        if condition == .broken { suspectedAt = now }
        entries[connection] = nil
        return [.close(connection)] + afterLoss(now)
    }

    /// A connection gave no sign of life when it was to be lent. Those that have been idle for as long or longer
    /// are given up as well: that is how a pool heals at once after the server restarted.
    mutating func pingFailed(_ connection: ConnectionID, now: Instant) -> [Action] {
        guard case .lent(let since)? = entries[connection]?.slot else { return [] }
        // Those that came back while it was asked are at the end, and alive.
        var dead = [connection]
        while let other = idle.first, let rested = idleSince(other), rested <= since {
            dead.append(idle.removeFirst())
        }
        for other in dead { entries[other] = nil }
        return dead.map(Action.close) + afterLoss(now)
    }

    // MARK: - Closing

    /// Nobody gets a connection any more; what is lent may come back in peace.
    mutating func close() -> [Action] {
        guard phase == .open else { return phase == .closed ? [.drained] : [] }
        phase = .draining
        let opening = entries.filter { if case .connecting = $0.value.slot { true } else { false } }.keys
        let free = Array(idle)
        for connection in free + opening { entries[connection] = nil }
        idle = []
        connecting = 0
        let aborted = opening.sorted { $0.number < $1.number }.map(Action.abort)
        return failAll(.closed) + aborted + free.map(Action.close) + drainedIfEmpty()
    }

    /// Closes what hasn't come back in time.
    mutating func abandon() -> [Action] {
        guard phase != .closed else { return [] }
        let actions = close()
        guard phase == .draining else { return actions }
        let rest = entries.keys.sorted { $0.number < $1.number }
        entries = [:]
        phase = .closed
        return actions + rest.map(Action.close) + [.drained]
    }

    // MARK: - Steps

    /// A connection is free: for the first who waits, or to be kept.
    ///
    /// One beyond the pool's size is kept as well, for a moment: where the need goes up and down around the size,
    /// it would otherwise be closed and opened with every task, which costs a hundred times what the task does.
    private mutating func settle(_ connection: ConnectionID, _ now: Instant) -> [Action] {
        guard phase == .open else {
            entries[connection] = nil
            return [.close(connection)] + drainedIfEmpty()
        }
        if let waiter = nextWaiter() {
            entries[connection]?.slot = .lent(since: now)
            return [.lend(connection, to: waiter, .none)]
        }
        entries[connection]?.slot = .idle(since: now)
        idle.append(connection)
        return []
    }

    private mutating func afterLoss(_ now: Instant) -> [Action] {
        guard phase == .open else { return drainedIfEmpty() }
        return connectForWaiters(now) + failIfHopeless(now)
    }

    private func check(_ connection: ConnectionID, _ now: Instant) -> Check {
        guard settings.prePing, let since = idleSince(connection) else { return .none }
        if let suspectedAt, since <= suspectedAt { return .ping }
        return since.duration(to: now) > settings.pingAfter ? .ping : .look
    }

    /// Opens as many connections as there are waiters without one under way; in an outage one, when it is time.
    private mutating func connectForWaiters(_ now: Instant) -> [Action] {
        var allowed = min(waiting.count - connecting, settings.limit - entries.count)
        if let outage { allowed = min(allowed, connecting == 0 && outage.retryAt <= now ? 1 : 0) }
        guard allowed > 0 else { return [] }
        return (0..<allowed).map { _ in
            connectionNumbers += 1
            let connection = ConnectionID(number: connectionNumbers)
            entries[connection] = Entry(slot: .connecting(probing: outage != nil))
            connecting += 1
            return .connect(connection)
        }
    }

    /// Tells those who wait that the server is away, if there is nothing left to wait for.
    private mutating func failIfHopeless(_ now: Instant) -> [Action] {
        guard let outage, entries.isEmpty, outage.hopeEndsAt <= now else { return [] }
        return failAll(.connectFailed)
    }

    private mutating func nextWaiter() -> WaiterID? {
        var next: WaiterID?
        while next == nil, let first = queue.popFirst() { next = waiting.remove(first.id) }
        while let first = queue.first, !waiting.contains(first.id) { queue.removeFirst() }
        return next
    }

    private mutating func failAll(_ failure: Failure) -> [Action] {
        var actions: [Action] = []
        while let waiter = nextWaiter() { actions.append(.fail(waiter, failure)) }
        return actions
    }

    private mutating func drainedIfEmpty() -> [Action] {
        guard phase == .draining, entries.isEmpty else { return [] }
        phase = .closed
        return [.drained]
    }

    private var outage: PoolOutage? { if case .away(let outage) = server { outage } else { nil } }

    private func idleSince(_ connection: ConnectionID) -> Instant? {
        if case .idle(let since)? = entries[connection]?.slot { since } else { nil }
    }

    private func isTooOld(_ connection: ConnectionID, _ now: Instant) -> Bool {
        guard let recycle = settings.recycle, let opened = entries[connection]?.opened else { return false }
        return opened.duration(to: now) > recycle
    }

    private func earlier(_ one: Instant?, _ other: Instant) -> Instant { one.map { min($0, other) } ?? other }

    // MARK: - For tests

    /// What must hold whenever nothing is being done: nil, or what is wrong.
    var violation: String? {
        if entries.count > settings.limit { return "\(entries.count) connections, limit \(settings.limit)" }
        if connecting < 0 || inUseCount < 0 { return "negative counts" }
        if !idle.isEmpty, !waiting.isEmpty { return "somebody waits beside an idle connection" }
        if phase != .open, !waiting.isEmpty || !idle.isEmpty || connecting > 0 {
            return "closed, but not empty"
        }
        if zip(queue, queue.dropFirst()).contains(where: { $0.id.number >= $1.id.number }) {
            return "the queue isn't in the order of arrival"
        }
        if !waiting.isSubset(of: queue.map(\.id)) { return "somebody who waits isn't in the queue" }
        if let first = queue.first, !waiting.contains(first.id) {
            return "the queue begins with somebody gone"
        }
        if idle.contains(where: { idleSince($0) == nil }) { return "an idle connection is not idle" }
        let opening = entries.values.count { if case .connecting = $0.slot { true } else { false } }
        if opening != connecting { return "connecting is \(connecting), not \(opening)" }
        return stall
    }

    /// Somebody waits, there is room for a connection, and nothing is under way.
    private var stall: String? {
        let wanted = min(waiting.count, settings.limit - (entries.count - connecting))
        guard !waiting.isEmpty, connecting < wanted else { return nil }
        guard let outage else { return "\(waiting.count) wait, \(connecting) connections are being opened" }
        guard connecting == 0 else { return nil }
        guard let nextTick, nextTick <= outage.retryAt else { return "nobody will try to connect again" }
        return nil
    }
}
