import SeededRandom
import Testing

@testable import Postgres

@Suite("A pool's state")
struct PoolStateTests {
    private typealias ID = PoolState.ConnectionID
    private typealias Waiter = PoolState.WaiterID
    private let start = ContinuousClock.now

    @Test("random events in any order keep the invariants, and everybody is answered once")
    func properties() {
        for seed in 0..<400 as Range<UInt64> {
            var simulation = PoolSimulation(seed: seed)
            for _ in 0..<300 { simulation.step() }
            simulation.end()
            #expect(simulation.problems.isEmpty, "seed \(seed): \(simulation.problems.prefix(3))")
        }
    }

    @Test("who came first is served first")
    func order() {
        var state = PoolState(settings: PoolSettings(size: 1, maxOverflow: 0))
        expect(state.request(Waiter(number: 1), now: start), [.connect(ID(number: 1))])
        expect(state.request(Waiter(number: 2), now: start), [])
        expect(state.request(Waiter(number: 3), now: start), [])
        let first = lent(state.connected(ID(number: 1), now: start))
        #expect(first == 1)
        let answers = [state.giveUp(Waiter(number: 2)), state.giveUp(Waiter(number: 2))]
        #expect(answers == [true, false])
        let next = lent(state.release(ID(number: 1), isUsable: true, now: start))
        #expect(next == 3)
    }

    @Test("overflow connections are closed when nobody waits, the others kept")
    func overflow() {
        var state = PoolState(settings: PoolSettings(size: 1, maxOverflow: 1))
        for number in 1...2 {
            _ = state.request(Waiter(number: number), now: start)
            _ = state.connected(ID(number: number), now: start)
        }
        #expect(state.overflowCount == 1)
        expect(state.release(ID(number: 2), isUsable: true, now: start), [.close(ID(number: 2))])
        expect(state.release(ID(number: 1), isUsable: true, now: start), [])
        #expect(state.idleCount == 1)
    }

    @Test("a broken connection is replaced for who waits")
    func broken() {
        var state = PoolState(settings: PoolSettings(size: 1, maxOverflow: 0))
        _ = state.request(Waiter(number: 1), now: start)
        _ = state.connected(ID(number: 1), now: start)
        _ = state.request(Waiter(number: 2), now: start)
        let actions = state.release(ID(number: 1), isUsable: false, now: start)
        #expect(actions == [.close(ID(number: 1)), .connect(ID(number: 2))])
    }

    @Test("only a connection that was idle for a while is pinged, and an old one is not lent")
    func age() {
        let settings = PoolSettings(size: 2, maxOverflow: 0, recycle: .seconds(100))
        var state = PoolState(settings: settings)
        _ = state.request(Waiter(number: 1), now: start)
        _ = state.connected(ID(number: 1), now: start)
        _ = state.release(ID(number: 1), isUsable: true, now: start)
        let soon = state.request(Waiter(number: 2), now: start.advanced(by: .milliseconds(900)))
        #expect(soon == [.lend(ID(number: 1), to: Waiter(number: 2), ping: false)])
        _ = state.release(ID(number: 1), isUsable: true, now: start)
        let later = state.request(Waiter(number: 3), now: start.advanced(by: .seconds(2)))
        #expect(later == [.lend(ID(number: 1), to: Waiter(number: 3), ping: true)])
        _ = state.release(ID(number: 1), isUsable: true, now: start)
        let old = state.request(Waiter(number: 4), now: start.advanced(by: .seconds(101)))
        #expect(old == [.close(ID(number: 1)), .connect(ID(number: 2))])
    }

    @Test("one dead connection condemns those that were idle beside it")
    func healing() {
        var state = PoolState(settings: PoolSettings(size: 3, maxOverflow: 0))
        for number in 1...3 {
            _ = state.request(Waiter(number: number), now: start)
            _ = state.connected(ID(number: number), now: start)
        }
        for number in 1...3 { _ = state.release(ID(number: number), isUsable: true, now: start) }
        _ = state.request(Waiter(number: 4), now: start.advanced(by: .seconds(5)))
        let closed = state.pingFailed(ID(number: 3))
        #expect(closed.count == 3)
        #expect(state.idleCount == 0)
        expect(state.request(Waiter(number: 5), isFirst: true, now: start), [.connect(ID(number: 4))])
    }

    @Test("a connection that can't be made fails those who wait only if nothing else can serve them")
    func connectFailed() {
        var state = PoolState(settings: PoolSettings(size: 2, maxOverflow: 0))
        _ = state.request(Waiter(number: 1), now: start)
        _ = state.connected(ID(number: 1), now: start)
        _ = state.request(Waiter(number: 2), now: start)
        expect(state.connectFailed(ID(number: 2)), [])
        let actions = state.release(ID(number: 1), isUsable: false, now: start)
        #expect(actions == [.close(ID(number: 1)), .connect(ID(number: 3))])
        expect(state.connectFailed(ID(number: 3)), [.fail(Waiter(number: 2), .connectFailed)])
    }

    private func expect(
        _ actions: [PoolState.Action], _ expected: [PoolState.Action],
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(actions == expected, sourceLocation: location)
    }

    private func lent(_ actions: [PoolState.Action]) -> Int? {
        if case .lend(_, let waiter, _)? = actions.first { waiter.number } else { nil }
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
    private var waiting: Set<Int> = []
    private var order: [Int] = []
    private var numbers = 0
    private var drained = 0
    private(set) var problems: [String] = []
    private let settings: PoolSettings

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        settings = PoolSettings(
            size: .random(in: 1...4, using: &random), maxOverflow: .random(in: 0...4, using: &random),
            recycle: Bool.random(using: &random) ? .seconds(20) : nil)
        state = PoolState(settings: settings)
    }

    mutating func step() {
        now = now.advanced(by: .milliseconds(Int.random(in: 0...1500, using: &random)))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40:
            numbers += 1
            waiting.insert(numbers)
            order.append(numbers)
            perform(state.request(.init(number: numbers), now: now))
        case 40..<50:
            if let waiter = waiting.sorted().randomElement(using: &random) {
                if state.giveUp(.init(number: waiter)) {
                    waiting.remove(waiter)
                    order.removeAll { $0 == waiter }
                } else {
                    problems.append("\(waiter) waits, and the state doesn't know")
                }
            }
        case 50..<70:
            if let connection = opening.sorted().randomElement(using: &random) {
                opening.remove(connection)
                if Int.random(in: 0..<4, using: &random) > 0 {
                    open.insert(connection)
                    perform(state.connected(.init(number: connection), now: now))
                } else {
                    perform(state.connectFailed(.init(number: connection)))
                }
            }
        case 70..<98:
            if let connection = lent.sorted().randomElement(using: &random) {
                lent.remove(connection)
                switch Int.random(in: 0..<10, using: &random) {
                case 0: perform(state.pingFailed(.init(number: connection)))
                case 1: perform(state.release(.init(number: connection), isUsable: false, now: now))
                default: perform(state.release(.init(number: connection), isUsable: true, now: now))
                }
            }
        case 98: break
        default: if Int.random(in: 0..<20, using: &random) == 0 { perform(state.close()) }
        }
        check()
    }

    /// Closes the pool; whatever is left comes back.
    mutating func end() {
        perform(state.close())
        for connection in opening.sorted() {
            opening.remove(connection)
            open.insert(connection)
            perform(state.connected(.init(number: connection), now: now))
            check()
        }
        for connection in lent.sorted() {
            lent.remove(connection)
            perform(state.release(.init(number: connection), isUsable: true, now: now))
            check()
        }
        if !waiting.isEmpty { problems.append("\(waiting.count) were never answered") }
        if !open.isEmpty { problems.append("\(open.count) connections were never closed") }
        if drained == 0 { problems.append("never drained") }
    }

    private mutating func perform(_ actions: [PoolState.Action]) {
        for action in actions {
            switch action {
            case .lend(let connection, let waiter, _):
                if waiting.remove(waiter.number) == nil { problems.append("\(waiter) was answered twice") }
                if order.first != waiter.number { problems.append("\(waiter) was served before its turn") }
                order.removeAll { $0 == waiter.number }
                if !open.contains(connection.number) { problems.append("\(connection) isn't open") }
                if !lent.insert(connection.number).inserted {
                    problems.append("\(connection) was lent twice")
                }
            case .connect(let connection): opening.insert(connection.number)
            case .close(let connection):
                if open.remove(connection.number) == nil { problems.append("\(connection) closed twice") }
                if lent.contains(connection.number) { problems.append("\(connection) was closed while lent") }
            case .fail(let waiter, _):
                if waiting.remove(waiter.number) == nil { problems.append("\(waiter) was answered twice") }
                order.removeAll { $0 == waiter.number }
            case .drained: drained += 1
            }
        }
    }

    private mutating func check() {
        if let violation = state.violation { problems.append(violation) }
        if opening.count + open.count > settings.limit { problems.append("too many connections") }
        if state.inUseCount != lent.count { problems.append("\(state.inUseCount) in use, not \(lent.count)") }
        if state.waitingCount != waiting.count { problems.append("\(state.waitingCount) wait") }
    }
}
