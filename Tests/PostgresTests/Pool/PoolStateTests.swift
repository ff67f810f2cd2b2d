import Testing

@testable import Postgres

@Suite("A pool's state")
struct PoolStateTests {
    private typealias ID = PoolState.ConnectionID
    private typealias Waiter = PoolState.WaiterID
    private let start = ContinuousClock.now

    /// A state in which so many have come and have a connection each.
    private func state(_ settings: PoolSettings, lent count: Int) -> PoolState {
        var state = PoolState(settings: settings)
        for number in 0..<count {
            request(&state, number + 1)
            _ = state.connected(ID(number: number + 1), now: start)
        }
        return state
    }

    @discardableResult
    private func request(_ state: inout PoolState, _ number: Int, after: Duration = .zero) -> [PoolState
        .Action]
    {
        let now = start.advanced(by: after)
        return state.request(Waiter(number: number), deadline: now.advanced(by: .seconds(30)), now: now)
    }

    private func expect(
        _ actions: [PoolState.Action], _ expected: [PoolState.Action],
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(actions == expected, sourceLocation: location)
    }

    @Test("who came first is served first")
    func order() {
        var state = PoolState(settings: PoolSettings(size: 1, maxOverflow: 0))
        expect(request(&state, 1), [.connect(ID(number: 1))])
        expect(request(&state, 2), [])
        expect(request(&state, 3), [])
        expect(
            state.connected(ID(number: 1), now: start), [.lend(ID(number: 1), to: Waiter(number: 1), .none)])
        let answers = [state.giveUp(Waiter(number: 2)), state.giveUp(Waiter(number: 2))]
        #expect(answers == [true, false])
        expect(
            state.release(ID(number: 1), .usable, now: start),
            [.lend(ID(number: 1), to: Waiter(number: 3), .none)])
    }

    @Test("who asks again because its connection was dead keeps its turn")
    func turn() {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        request(&state, 2)
        request(&state, 3)
        expect(
            state.pingFailed(ID(number: 1), now: start), [.close(ID(number: 1)), .connect(ID(number: 2))])
        expect(request(&state, 1), [])
        expect(
            state.connected(ID(number: 2), now: start), [.lend(ID(number: 2), to: Waiter(number: 1), .none)])
    }

    @Test("a wait that is too long fails, in time and in order")
    func deadline() {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        request(&state, 2, after: .seconds(1))
        request(&state, 3, after: .seconds(2))
        #expect(state.nextTick == start.advanced(by: .seconds(31)))
        expect(state.tick(start.advanced(by: .seconds(30))), [])
        expect(state.tick(start.advanced(by: .seconds(31))), [.fail(Waiter(number: 2), .timedOut)])
        #expect(state.nextTick == start.advanced(by: .seconds(32)))
    }

    @Test("overflow connections are closed when they have been idle for a moment, the others kept")
    func overflow() {
        var state = state(PoolSettings(size: 1, maxOverflow: 2), lent: 3)
        #expect(state.overflowCount == 2)
        expect(state.release(ID(number: 1), .usable, now: start), [])
        expect(state.release(ID(number: 2), .usable, now: start.advanced(by: .seconds(1))), [])
        // A burst that comes back at once finds them open.
        expect(
            request(&state, 4, after: .seconds(1)), [.lend(ID(number: 2), to: Waiter(number: 4), .look)])
        expect(state.release(ID(number: 2), .usable, now: start.advanced(by: .seconds(1))), [])
        #expect(state.nextTick == start.advanced(by: .seconds(2)))
        expect(state.tick(start.advanced(by: .seconds(2))), [.close(ID(number: 1))])
        expect(state.tick(start.advanced(by: .seconds(3))), [.close(ID(number: 2))])
        #expect(state.nextTick == nil)
        expect(state.release(ID(number: 3), .usable, now: start), [])
        #expect(state.nextTick == nil && state.idleCount == 1 && state.overflowCount == 0)
    }

    @Test("a broken or retired connection is replaced for who waits", arguments: [true, false])
    func broken(_ isBroken: Bool) {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        request(&state, 2)
        expect(
            state.release(ID(number: 1), isBroken ? .broken : .retired, now: start),
            [.close(ID(number: 1)), .connect(ID(number: 2))])
    }

    @Test(
        "how a connection is looked at before it is lent depends on how long it was idle",
        arguments: [
            (Duration.zero, PoolState.Check.look), (.milliseconds(11), .look),
            (.milliseconds(1000), .look), (.milliseconds(1001), .ping),
        ])
    func check(_ rest: Duration, _ check: PoolState.Check) {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        _ = state.release(ID(number: 1), .usable, now: start)
        expect(request(&state, 2, after: rest), [.lend(ID(number: 1), to: Waiter(number: 2), check)])
        var careless = PoolState(settings: PoolSettings(size: 1, prePing: false))
        request(&careless, 1)
        _ = careless.connected(ID(number: 1), now: start)
        _ = careless.release(ID(number: 1), .usable, now: start)
        expect(request(&careless, 2, after: rest), [.lend(ID(number: 1), to: Waiter(number: 2), .none)])
    }

    @Test("a connection that is too old is not lent")
    func age() {
        var state = state(PoolSettings(size: 2, maxOverflow: 0, recycle: .seconds(100)), lent: 1)
        _ = state.release(ID(number: 1), .usable, now: start)
        expect(
            request(&state, 2, after: .seconds(101)), [.close(ID(number: 1)), .connect(ID(number: 2))])
    }

    @Test("a connection that broke makes those suspect that were idle then, and no others")
    func suspects() {
        var state = state(PoolSettings(size: 3, maxOverflow: 0), lent: 3)
        _ = state.release(ID(number: 1), .usable, now: start)
        _ = state.release(ID(number: 2), .broken, now: start.advanced(by: .milliseconds(1)))
        _ = state.release(ID(number: 3), .usable, now: start.advanced(by: .milliseconds(2)))
        expect(
            request(&state, 4, after: .milliseconds(3)), [.lend(ID(number: 3), to: Waiter(number: 4), .look)])
        expect(
            request(&state, 5, after: .milliseconds(3)), [.lend(ID(number: 1), to: Waiter(number: 5), .ping)])
    }

    @Test("a dead connection condemns those that were idle as long, not one that was in use since")
    func healing() {
        var state = state(PoolSettings(size: 4, maxOverflow: 0), lent: 4)
        for number in 1...3 { _ = state.release(ID(number: number), .usable, now: start) }
        request(&state, 5, after: .seconds(5))
        _ = state.release(ID(number: 4), .usable, now: start.advanced(by: .seconds(6)))
        let actions = state.pingFailed(ID(number: 3), now: start.advanced(by: .seconds(7)))
        #expect(actions == [.close(ID(number: 3)), .close(ID(number: 1)), .close(ID(number: 2))])
        #expect(state.idleCount == 1)
    }

    // MARK: - Outages

    @Test("a server that was never reached fails who waits at once, and who comes right after a moment later")
    func neverReached() {
        var state = PoolState(settings: PoolSettings(size: 2, maxOverflow: 0))
        for number in 1...3 { request(&state, number) }
        expect(state.connectFailed(ID(number: 1), .passing, now: start), [])
        let failed = state.connectFailed(ID(number: 2), .passing, now: start)
        #expect(failed == (1...3).map { .fail(Waiter(number: $0), .connectFailed) })
        // Nobody asks the server within the pause, and nobody is told without it being asked.
        expect(request(&state, 4, after: .milliseconds(10)), [])
        expect(request(&state, 5, after: .milliseconds(49)), [])
        #expect(state.nextTick == start.advanced(by: .milliseconds(50)))
        expect(state.tick(start.advanced(by: .milliseconds(50))), [.connect(ID(number: 3))])
        let again = state.connectFailed(
            ID(number: 3), .passing, now: start.advanced(by: .milliseconds(50)))
        #expect(again == (4...5).map { .fail(Waiter(number: $0), .connectFailed) })
    }

    @Test("after a restart who waits is kept, and the server is asked by one at a time, ever more rarely")
    func restart() {
        var state = state(PoolSettings(size: 5, maxOverflow: 0), lent: 1)
        expect(
            state.release(ID(number: 1), .broken, now: start), [.close(ID(number: 1))])
        var connection = 2
        expect(request(&state, 2), [.connect(ID(number: connection))])
        request(&state, 3)
        expect(state.connectFailed(ID(number: 2), .passing, now: start), [])
        expect(state.connectFailed(ID(number: 3), .passing, now: start), [])
        connection = 4
        var now = start
        for pause in [50, 100, 200, 400, 800, 1000, 1000] {
            let next = now.advanced(by: .milliseconds(pause))
            #expect(state.nextTick == next)
            expect(state.tick(next.advanced(by: .milliseconds(-1))), [])
            expect(state.tick(next), [.connect(ID(number: connection))])
            expect(state.tick(next), [])
            expect(state.connectFailed(ID(number: connection), .passing, now: next), [])
            connection += 1
            now = next
        }
        now = now.advanced(by: .seconds(1))
        expect(state.tick(now), [.connect(ID(number: connection))])
        let actions = state.connected(ID(number: connection), now: now)
        #expect(
            actions == [
                .lend(ID(number: connection), to: Waiter(number: 2), .none),
                .connect(ID(number: connection + 1)),
            ])
    }

    @Test("a server that stays away is told to who waited so long, by its error")
    func staysAway() {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        _ = state.release(ID(number: 1), .broken, now: start)
        request(&state, 2)
        expect(state.connectFailed(ID(number: 2), .passing, now: start), [])
        expect(request(&state, 3, after: .seconds(29)), [.connect(ID(number: 3))])
        let end = start.advanced(by: .seconds(30))
        expect(state.tick(end), [.fail(Waiter(number: 2), .connectFailed)])
        // No hope is left after that long, for those who came late neither.
        expect(
            state.connectFailed(ID(number: 3), .passing, now: end),
            [.fail(Waiter(number: 3), .connectFailed)])
    }

    @Test("where nobody listens who waits is told after a moment, and who tries again at the first attempt")
    func absent() {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        _ = state.release(ID(number: 1), .broken, now: start)
        request(&state, 2)
        expect(state.connectFailed(ID(number: 2), .absent, now: start), [])
        for (connection, after) in [(3, 50), (4, 150)] {
            let now = start.advanced(by: .milliseconds(after))
            expect(state.tick(now), [.connect(ID(number: connection))])
            expect(state.connectFailed(ID(number: connection), .absent, now: now), [])
        }
        var now = start.advanced(by: .milliseconds(350))
        expect(state.tick(now), [.connect(ID(number: 5))])
        expect(
            state.connectFailed(ID(number: 5), .absent, now: now), [.fail(Waiter(number: 2), .connectFailed)])
        expect(request(&state, 3, after: .milliseconds(1350)), [.connect(ID(number: 6))])
        now = start.advanced(by: .milliseconds(1350))
        expect(
            state.connectFailed(ID(number: 6), .absent, now: now), [.fail(Waiter(number: 3), .connectFailed)])
    }

    @Test("a server that was absent and says that it starts is waited for again")
    func startsAfterAbsence() {
        var state = state(PoolSettings(size: 1, maxOverflow: 0), lent: 1)
        _ = state.release(ID(number: 1), .broken, now: start)
        request(&state, 2)
        expect(state.connectFailed(ID(number: 2), .absent, now: start), [])
        let now = start.advanced(by: .seconds(1))
        expect(state.tick(now), [.connect(ID(number: 3))])
        expect(state.connectFailed(ID(number: 3), .passing, now: now), [])
        #expect(state.waitingCount == 1 && state.nextTick == now.advanced(by: .milliseconds(100)))
    }

    @Test("a refusal that will last fails who waits at once, unless a lent connection may come back")
    func lasting() {
        var state = state(PoolSettings(size: 2, maxOverflow: 0), lent: 1)
        request(&state, 2)
        expect(state.connectFailed(ID(number: 2), .lasting, now: start), [])
        #expect(state.waitingCount == 1)
        var other = state
        expect(
            state.release(ID(number: 1), .usable, now: start),
            [.lend(ID(number: 1), to: Waiter(number: 2), .none)])
        expect(
            other.release(ID(number: 1), .broken, now: start),
            [.close(ID(number: 1)), .fail(Waiter(number: 2), .connectFailed)])
    }

    // MARK: - Closing

    @Test("closing stops what is being opened, and waits for what is lent")
    func closing() {
        var state = state(PoolSettings(size: 3, maxOverflow: 0), lent: 2)
        request(&state, 3)
        request(&state, 4)
        _ = state.release(ID(number: 1), .usable, now: start)
        let actions = state.close()
        #expect(actions == [.fail(Waiter(number: 4), .closed), .abort(ID(number: 3))])
        expect(request(&state, 5), [.fail(Waiter(number: 5), .closed)])
        expect(state.connected(ID(number: 3), now: start), [.close(ID(number: 3))])
        expect(state.release(ID(number: 1), .usable, now: start), [.close(ID(number: 1))])
        expect(
            state.release(ID(number: 2), .usable, now: start), [.close(ID(number: 2)), .drained])
        expect(state.close(), [.drained])
    }
}
