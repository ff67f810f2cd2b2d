import Testing

@testable import Postgres

@Suite("The steps of a local server")
struct LocalServerStateTests {
    typealias Sighting = LocalServerState.Sighting
    typealias State = LocalServerState

    static let sightings: [Sighting] = [Sighting.Data.absent, .present].flatMap { data in
        [Sighting.Postmaster.none, .impostor, .starting, .ready, .stopping].flatMap { postmaster in
            [true, false].map { Sighting(data: data, postmaster: postmaster, socket: $0) }
        }
    }

    /// What becomes of a machine that is told to do `action`.
    static func world(_ seen: Sighting, after action: State.Action) -> Sighting {
        var seen = seen
        switch action {
        case .initialise: seen.data = .present
        case .removePostmasterFile: seen.postmaster = .none
        case .launch: (seen.postmaster, seen.socket) = (.ready, true)
        case .shutDown: (seen.postmaster, seen.socket) = (.none, false)
        case .wait: seen.postmaster = seen.postmaster == .starting ? .ready : .none
        case .finish, .fail: break
        }
        return seen
    }

    @Test("whatever is found, the steps lead to a server that runs", arguments: sightings)
    func running(_ found: Sighting) throws {
        var state = State(goal: .running, deadline: .now + .seconds(1))
        var seen = found
        var actions: [State.Action] = []
        while actions.last != .finish, actions.count < 10 {
            actions.append(state.next(seen, now: .now))
            seen = Self.world(seen, after: try #require(actions.last))
        }
        #expect(actions.last == .finish, "\(actions)")
        #expect(seen == Sighting(data: .present, postmaster: .ready, socket: true))
    }

    @Test("whatever is found, the steps lead to a server that is stopped", arguments: sightings)
    func stopped(_ found: Sighting) throws {
        var state = State(goal: .stopped, deadline: .now + .seconds(1))
        var seen = found
        var actions: [State.Action] = []
        while actions.last != .finish, actions.count < 10 {
            actions.append(state.next(seen, now: .now))
            seen = Self.world(seen, after: try #require(actions.last))
        }
        #expect(actions.last == .finish, "\(actions)")
        #expect(seen.data == .absent || seen.postmaster == .none)
        #expect(!actions.contains(.launch) && !actions.contains(.initialise))
    }

    @Test("a server that runs is left alone")
    func alone() {
        var state = State(goal: .running, deadline: .now)
        #expect(state.next(.init(data: .present, postmaster: .ready, socket: true), now: .now) == .finish)
    }

    @Test(
        "a server that neither comes up nor goes down in time is given up",
        arguments: [
            State.Goal.running, .stopped,
        ])
    func timeout(_ goal: State.Goal) {
        let start = ContinuousClock.now
        var state = State(goal: goal, deadline: start + .seconds(5))
        let seen = Sighting(data: .present, postmaster: .stopping, socket: true)
        #expect(state.next(seen, now: start + .seconds(4)) == .wait)
        #expect(state.next(seen, now: start + .seconds(5)) == .fail(.timeout))
    }

    @Test("a launch is tried again only while a dead server's processes hold its memory")
    func relaunch() {
        let start = ContinuousClock.now
        var state = State(goal: .running, deadline: start + .seconds(5))
        let stopped = Sighting(data: .present, postmaster: .none, socket: false)
        #expect(state.next(stopped, now: start) == .launch)
        #expect(state.launchFailed(memoryInUse: true, now: start) == .wait)
        #expect(state.next(stopped, now: start) == .launch)
        #expect(state.launchFailed(memoryInUse: true, now: start + .seconds(5)) == .fail(.launch))
        #expect(state.launchFailed(memoryInUse: false, now: start) == .fail(.launch))
    }

    @Test(
        "something else in the place of the data is never touched",
        arguments: [
            State.Goal.running, .stopped,
        ])
    func foreign(_ goal: State.Goal) {
        var state = State(goal: goal, deadline: .now)
        let seen = Sighting(data: .foreign, postmaster: .ready, socket: true)
        #expect(state.next(seen, now: .now) == .fail(.foreignData))
    }

    @Test(
        "what has no effect is an error, not a loop",
        arguments: [
            (Sighting(data: .absent, postmaster: .none, socket: false), State.Action.initialise),
            (Sighting(data: .present, postmaster: .impostor, socket: false), .removePostmasterFile),
            (Sighting(data: .present, postmaster: .ready, socket: false), .shutDown),
        ])
    func noEffect(_ seen: Sighting, _ action: State.Action) {
        var state = State(goal: .running, deadline: .now + .seconds(1))
        #expect(state.next(seen, now: .now) == action)
        #expect(state.next(seen, now: .now) == .fail(.noEffect))
    }
}
