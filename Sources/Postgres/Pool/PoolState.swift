internal import DequeModule

/// What a pool knows and decides, without connections, tasks or clocks: everything that happens is told to
/// it, and it answers with what is to be done.
struct PoolState: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct ConnectionID: Sendable, Hashable { let number: Int }
    struct WaiterID: Sendable, Hashable { let number: Int }

    /// What is to be done, in order.
    enum Action: Sendable, Equatable {
        /// Hand the connection to the waiter; ask it for a sign of life before if `ping`.
        case lend(ConnectionID, to: WaiterID, ping: Bool)
        /// Open a connection, and tell `connected` or `connectFailed`.
        case connect(ConnectionID)
        /// Close a connection, which is forgotten already.
        case close(ConnectionID)
        /// Let the waiter go without a connection.
        case fail(WaiterID, Failure)
        /// Nothing is left of a pool that has been closed.
        case drained
    }

    enum Failure: Sendable, Equatable { case connectFailed, closed }

    private enum Phase {
        /// Lending. → `draining`, `closed`
        case open
        /// Waiting for what is lent to come back. → `closed`
        case draining
        /// Nothing left. Stays so.
        case closed
    }

    private enum Slot {
        /// Being opened. → `idle`, `lent`, gone
        case connecting
        /// Free to be lent. → `lent`, gone
        case idle(since: Instant)
        /// In somebody's hands. → `idle`, `lent` (to another), gone
        case lent
    }

    private struct Entry {
        var slot: Slot
        var opened: Instant?
    }

    private let settings: PoolSettings
    private var phase = Phase.open
    private var entries: [ConnectionID: Entry] = [:]
    /// The free connections, the one that came back last at the end; it is lent first.
    private var idle: [ConnectionID] = []
    /// Those that wait, in their order; one that gave up is only taken out of `waiting`.
    private var queue: Deque<WaiterID> = []
    private var waiting: Set<WaiterID> = []
    private var connecting = 0
    private var connectionNumbers = 0

    init(settings: PoolSettings) { self.settings = settings }

    var inUseCount: Int { entries.count - idle.count - connecting }
    var idleCount: Int { idle.count }
    var connectingCount: Int { connecting }
    var waitingCount: Int { waiting.count }
    var overflowCount: Int { max(entries.count - settings.size, 0) }
    var isOpen: Bool { phase == .open }

    // MARK: - Asking and giving up

    /// The short way for somebody who wants a connection: one that is free, if there is one. The last action
    /// lends it; without such an action the waiter has to `request`.
    mutating func requestIdle(_ waiter: WaiterID, now: Instant) -> [Action] {
        guard phase == .open else { return [.fail(waiter, .closed)] }
        var actions: [Action] = []
        while let connection = idle.popLast() {
            if isTooOld(connection, now) {
                entries[connection] = nil
                actions.append(.close(connection))
            } else {
                return actions + [lend(connection, to: waiter, now)]
            }
        }
        return actions
    }

    /// Somebody wants a connection. With `isFirst` it goes before all others: it had one, which turned out
    /// to be dead.
    mutating func request(_ waiter: WaiterID, isFirst: Bool = false, now: Instant) -> [Action] {
        let actions = requestIdle(waiter, now: now)
        switch actions.last {
        case .lend, .fail: return actions
        default: break
        }
        waiting.insert(waiter)
        if isFirst { queue.prepend(waiter) } else { queue.append(waiter) }
        return actions + connectForWaiters()
    }

    /// A waiter's time is over, or its task was cancelled. False if it doesn't wait (any more).
    mutating func giveUp(_ waiter: WaiterID) -> Bool {
        guard waiting.remove(waiter) != nil else { return false }
        // What gave up in the middle is skipped later; keep the queue from growing without bound.
        if queue.count > 64, queue.count > 2 * waiting.count {
            queue = Deque(queue.filter { waiting.contains($0) })
        }
        return true
    }

    // MARK: - Opening

    mutating func connected(_ connection: ConnectionID, now: Instant) -> [Action] {
        guard entries[connection] != nil else { return [.close(connection)] }
        connecting -= 1
        entries[connection]?.opened = now
        entries[connection]?.slot = .lent
        return settle(connection, now)
    }

    /// Waiters give up hope only when nothing is left that could serve them: a server that has no more room
    /// lets a pool work on with the connections it has.
    mutating func connectFailed(_ connection: ConnectionID) -> [Action] {
        guard entries.removeValue(forKey: connection) != nil else { return [] }
        connecting -= 1
        if phase == .draining { return drainedIfEmpty() }
        guard entries.isEmpty else { return [] }
        return failAll(.connectFailed)
    }

    // MARK: - Coming back

    /// A connection comes back; `isUsable` unless it is broken.
    mutating func release(_ connection: ConnectionID, isUsable: Bool, now: Instant) -> [Action] {
        guard let entry = entries[connection], case .lent = entry.slot else { return [] }
        guard isUsable, !isTooOld(connection, now) else {
            entries[connection] = nil
            return [.close(connection)] + (phase == .open ? connectForWaiters() : drainedIfEmpty())
        }
        return settle(connection, now)
    }

    /// A connection gave no sign of life when it was to be lent. Those that are idle have been so for as
    /// long or longer, so they are given up as well: that is how a pool heals after the server restarted.
    mutating func pingFailed(_ connection: ConnectionID) -> [Action] {
        guard entries.removeValue(forKey: connection) != nil else { return [] }
        let dead = [connection] + idle
        for other in idle { entries[other] = nil }
        idle = []
        return dead.map(Action.close) + (phase == .open ? connectForWaiters() : drainedIfEmpty())
    }

    // MARK: - Closing

    /// Nobody gets a connection any more; what is lent may come back in peace.
    mutating func close() -> [Action] {
        guard phase == .open else { return phase == .closed ? [.drained] : [] }
        phase = .draining
        let free = idle
        for connection in free { entries[connection] = nil }
        idle = []
        return failAll(.closed) + free.map(Action.close) + drainedIfEmpty()
    }

    /// Closes what hasn't come back in time.
    mutating func abandon() -> [Action] {
        guard phase != .closed else { return [] }
        let actions = close()
        guard phase == .draining else { return actions }
        let rest = entries.filter { if case .lent = $0.value.slot { true } else { false } }.keys
        entries = [:]
        connecting = 0
        phase = .closed
        return actions + rest.sorted { $0.number < $1.number }.map(Action.close) + [.drained]
    }

    // MARK: - Steps

    /// A connection is free: for the first who waits, or to be kept, or to be closed.
    private mutating func settle(_ connection: ConnectionID, _ now: Instant) -> [Action] {
        guard phase == .open else {
            entries[connection] = nil
            return [.close(connection)] + drainedIfEmpty()
        }
        if let waiter = nextWaiter() {
            return [.lend(connection, to: waiter, ping: false)]
        }
        if entries.count > settings.size {
            entries[connection] = nil
            return [.close(connection)]
        }
        entries[connection]?.slot = .idle(since: now)
        idle.append(connection)
        return []
    }

    private mutating func lend(_ connection: ConnectionID, to waiter: WaiterID, _ now: Instant) -> Action {
        var needsPing = false
        if settings.prePing, case .idle(let since)? = entries[connection]?.slot {
            needsPing = since.duration(to: now) > settings.pingAfter
        }
        entries[connection]?.slot = .lent
        return .lend(connection, to: waiter, ping: needsPing)
    }

    private mutating func connectForWaiters() -> [Action] {
        var actions: [Action] = []
        while connecting < waiting.count, entries.count < settings.limit {
            connectionNumbers += 1
            let connection = ConnectionID(number: connectionNumbers)
            entries[connection] = Entry(slot: .connecting)
            connecting += 1
            actions.append(.connect(connection))
        }
        return actions
    }

    private mutating func nextWaiter() -> WaiterID? {
        while let waiter = queue.popFirst() {
            if waiting.remove(waiter) != nil { return waiter }
        }
        return nil
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

    private func isTooOld(_ connection: ConnectionID, _ now: Instant) -> Bool {
        guard let recycle = settings.recycle, let opened = entries[connection]?.opened else { return false }
        return opened.duration(to: now) > recycle
    }

    /// What must always hold, for tests: nil, or what is wrong.
    var violation: String? {
        if entries.count > settings.limit { return "\(entries.count) connections, limit \(settings.limit)" }
        if connecting < 0 || inUseCount < 0 { return "negative counts" }
        if !idle.isEmpty, !waiting.isEmpty { return "somebody waits beside an idle connection" }
        if idle.count > settings.size { return "overflow connections are idle" }
        if phase != .open, !waiting.isEmpty || !idle.isEmpty { return "closed, but not empty" }
        if phase == .open, !waiting.isEmpty, entries.isEmpty { return "somebody waits for nothing" }
        if !waiting.isSubset(of: queue) { return "somebody who waits isn't in the queue" }
        for connection in idle {
            guard case .idle? = entries[connection]?.slot else { return "an idle connection is not idle" }
        }
        let opening = entries.values.count { if case .connecting = $0.slot { true } else { false } }
        return opening == connecting ? nil : "connecting is \(connecting), not \(opening)"
    }
}
