import SeededRandom
import Testing

@testable import Postgres

@Suite("A pool's state, whatever happens")
struct PoolPropertyTests {
    @Test("random events in any order keep the invariants, and everybody is answered once")
    func properties() {
        for seed in 0..<400 as Range<UInt64> {
            var simulation = PoolSimulation(seed: seed)
            for _ in 0..<400 { simulation.step() }
            simulation.end()
            #expect(simulation.problems.isEmpty, "seed \(seed): \(simulation.problems.prefix(3))")
        }
    }

    @Test("with a server that answers, everybody who waits is served without anybody's time running out")
    func progress() {
        for seed in 0..<200 as Range<UInt64> {
            var simulation = PoolSimulation(seed: seed)
            for _ in 0..<200 { simulation.step() }
            let problem = simulation.serveAll()
            #expect(problem == nil, "seed \(seed): \(problem ?? "")")
            #expect(simulation.problems.isEmpty, "seed \(seed): \(simulation.problems.prefix(3))")
        }
    }
}

/// Plays owner and world for a pool's state: opens, breaks and returns connections at random.
private struct PoolSimulation {
    private var state: PoolState
    private var random: SeededGenerator
    private var now = ContinuousClock.now
    private var opening: Set<Int> = []
    private var open: Set<Int> = []
    private var lent: Set<Int> = []
    /// The waiter in whose hands a connection is, until it has used it.
    private var holders: [Int: (waiter: Int, deadline: PoolState.Instant)] = [:]
    private var waiting: [Int: PoolState.Instant] = [:]
    private var numbers = 0
    private var drained = 0
    private var failures = 0
    private(set) var problems: [String] = []
    private let settings: PoolSettings

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        settings = PoolSettings(
            size: .random(in: 1...4, using: &random), maxOverflow: .random(in: 0...4, using: &random),
            timeout: .seconds(Int.random(in: 2...30, using: &random)),
            recycle: Bool.random(using: &random) ? .seconds(20) : nil)
        state = PoolState(settings: settings)
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: ask()
        case 30..<36: giveUp()
        case 36..<60: finishOpening()
        case 60..<88: giveBack()
        case 88..<99: pass(.milliseconds(Int.random(in: 0...1500, using: &random)))
        default:
            if Int.random(in: 0..<20, using: &random) == 0 {
                perform(Bool.random(using: &random) ? state.close() : state.abandon())
            }
        }
        check()
    }

    private mutating func ask() {
        numbers += 1
        waiting[numbers] = now.advanced(by: settings.timeout)
        request(numbers)
    }

    private mutating func request(_ number: Int) {
        perform(state.request(.init(number: number), deadline: waiting[number] ?? now, now: now))
    }

    private mutating func giveUp() {
        guard let waiter = waiting.keys.sorted().randomElement(using: &random) else { return }
        if !state.giveUp(.init(number: waiter)) {
            problems.append("\(waiter) waits, and the state doesn't know")
        }
        waiting[waiter] = nil
        if state.giveUp(.init(number: waiter)) { problems.append("\(waiter) gave up twice") }
    }

    private mutating func finishOpening() {
        guard let connection = opening.sorted().randomElement(using: &random) else { return }
        let causes: [PoolOutage.Cause] = [.lasting, .absent, .absent, .passing, .passing, .passing, .passing]
        let cause = causes.randomElement(using: &random) ?? .passing
        opening.remove(connection)
        if Int.random(in: 0..<4, using: &random) > 0 {
            open.insert(connection)
            perform(state.connected(.init(number: connection), now: now))
        } else {
            perform(state.connectFailed(.init(number: connection), cause, now: now))
        }
    }

    private mutating func giveBack() {
        guard let connection = lent.sorted().randomElement(using: &random) else { return }
        lent.remove(connection)
        let holder = holders.removeValue(forKey: connection)
        let id = PoolState.ConnectionID(number: connection)
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            perform(state.pingFailed(id, now: now))
            // As the owner does: who found it dead asks again, with its number.
            if let holder {
                waiting[holder.waiter] = holder.deadline
                request(holder.waiter)
            }
        case 1: perform(state.release(id, .broken, now: now))
        case 2: perform(state.release(id, .retired, now: now))
        default: perform(state.release(id, .usable, now: now))
        }
    }

    /// Lets time pass, stopping wherever the state wants to be told.
    private mutating func pass(_ time: Duration) {
        let end = now.advanced(by: time)
        var ticks = 0
        while let next = state.nextTick, next <= end, ticks < 10_000 {
            now = max(now, next)
            perform(state.tick(now))
            ticks += 1
        }
        if ticks == 10_000 { problems.append("ticks without end") }
        now = end
        if let late = waiting.first(where: { $0.value <= now }) {
            problems.append("\(late.key) waits beyond its time")
        }
    }

    /// From now on the server answers and connections come back whole; returns who isn't served for all that.
    mutating func serveAll() -> String? {
        guard state.isOpen else { return nil }
        failures = 0
        var rounds = 0
        while !waiting.isEmpty {
            rounds += 1
            if rounds > 10_000 { return "\(waiting.count) are never served" }
            if let connection = opening.min() {
                opening.remove(connection)
                open.insert(connection)
                perform(state.connected(.init(number: connection), now: now))
            } else if let connection = lent.min() {
                lent.remove(connection)
                holders[connection] = nil
                perform(state.release(.init(number: connection), .usable, now: now))
            } else if let next = state.nextTick {
                // Nothing is under way: a pause after a failed attempt, a second at most.
                if now.duration(to: next) > .seconds(1) {
                    return "nothing happens for \(now.duration(to: next))"
                }
                now = max(now, next)
                perform(state.tick(now))
            } else {
                return "\(waiting.count) wait for nothing"
            }
            check()
        }
        return nil
    }

    /// Closes the pool; whatever is left comes back.
    mutating func end() {
        perform(state.close())
        for connection in lent.sorted() {
            lent.remove(connection)
            perform(state.release(.init(number: connection), .usable, now: now))
            check()
        }
        if !waiting.isEmpty { problems.append("\(waiting.count) were never answered") }
        if !opening.isEmpty { problems.append("\(opening.count) are still being opened") }
        if !open.isEmpty { problems.append("\(open.count) connections were never closed") }
        if drained == 0 { problems.append("never drained") }
        if state.nextTick != nil { problems.append("a closed pool still wants to be told of time") }
    }

    private mutating func perform(_ actions: [PoolState.Action]) {
        for action in actions {
            switch action {
            case .lend(let connection, let waiter, _):
                if waiting.keys.contains(where: { $0 < waiter.number }) {
                    problems.append("\(waiter) was served before its turn")
                }
                let deadline = waiting.removeValue(forKey: waiter.number)
                if deadline == nil { problems.append("\(waiter) was answered twice") }
                if !open.contains(connection.number) { problems.append("\(connection) isn't open") }
                if !lent.insert(connection.number).inserted {
                    problems.append("\(connection) was lent twice")
                }
                holders[connection.number] = (waiter.number, deadline ?? now)
            case .connect(let connection):
                if !opening.insert(connection.number).inserted {
                    problems.append("\(connection) is opened twice")
                }
            case .abort(let connection):
                if opening.remove(connection.number) == nil {
                    problems.append("\(connection) isn't being opened")
                }
                // It may have been opened at that very moment.
                if Bool.random(using: &random) {
                    open.insert(connection.number)
                    perform(state.connected(connection, now: now))
                }
            case .close(let connection):
                if open.remove(connection.number) == nil { problems.append("\(connection) closed twice") }
                if lent.remove(connection.number) != nil, state.isOpen {
                    problems.append("\(connection) was closed while lent")
                }
            case .fail(let waiter, let reason):
                failures += 1
                guard let deadline = waiting.removeValue(forKey: waiter.number) else {
                    problems.append("\(waiter) was answered twice")
                    continue
                }
                if reason == .timedOut, deadline > now { problems.append("\(waiter) failed before its time") }
                if reason == .connectFailed, deadline > now, !lent.isEmpty {
                    problems.append("\(waiter) was failed though a connection may come back")
                }
            case .drained: drained += 1
            }
        }
    }

    private mutating func check() {
        if let violation = state.violation { problems.append(violation) }
        if state.isOpen, opening.count + open.count > settings.limit {
            problems.append("too many connections")
        }
        if state.inUseCount != lent.count { problems.append("\(state.inUseCount) in use, not \(lent.count)") }
        if state.waitingCount != waiting.count { problems.append("\(state.waitingCount) wait") }
    }
}
