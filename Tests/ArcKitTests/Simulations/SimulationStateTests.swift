import ArcKit
import Postgres
import TestServer
import Testing

@Suite("The states of a simulation")
struct SimulationStateTests {
    /// Every transition that is allowed; all others are forbidden.
    static let allowed: [SimulationState: Set<SimulationState>] = [
        .pending: [.running, .failed, .cancelled],
        .running: [.completed, .failed, .cancelled],
        .completed: [], .failed: [], .cancelled: [],
    ]

    /// A simulation that was brought to that state.
    static func simulation(_ state: SimulationState, in store: Store) async throws -> SimulationReference {
        let simulation = try await store.newSimulation(["a"])
        try await store.session { session in
            if state == .running || state == .completed { try await session.startSimulation(simulation) }
            if state == .completed { try await session.completeSimulation(simulation) }
            if state == .failed || state == .cancelled {
                try await session.abandonSimulation(simulation, as: state)
            }
        }
        return simulation
    }

    @Test("the state itself allows these transitions and no others")
    func pure() {
        for from in SimulationState.allCases {
            for to in SimulationState.allCases {
                #expect(from.canBecome(to) == Self.allowed[from]?.contains(to), "\(from) to \(to)")
            }
            #expect(from.isFinal == [.completed, .failed, .cancelled].contains(from))
        }
    }

    @Test("the database allows the same transitions and no others", arguments: SimulationState.allCases)
    func database(from: SimulationState) async throws {
        try await withStore { store in
            for to in SimulationState.allCases where to != from {
                let simulation = try await Self.simulation(from, in: store)
                let update: @Sendable () async throws -> Void = {
                    try await store.pool.query(
                        "update simulations set status = $2 where simulation_id = $1",
                        [.text(simulation.id), .text(to.rawValue)])
                }
                if Self.allowed[from]?.contains(to) == true {
                    try await update()
                    #expect(try await store.status(of: simulation).state == to)
                } else {
                    #expect(await sqlState(of: update) == "23000", "\(from) to \(to)")
                    #expect(try await store.status(of: simulation).state == from)
                }
            }
        }
    }

    @Test(
        "a session allows the same, and starting what runs is no error", arguments: SimulationState.allCases)
    func session(from: SimulationState) async throws {
        try await withStore { store in
            for to in SimulationState.allCases where to != .pending {
                let simulation = try await Self.simulation(from, in: store)
                let move: @Sendable () async throws -> Void = {
                    try await store.session { session in
                        switch to {
                        case .running: try await session.startSimulation(simulation)
                        case .completed: try await session.completeSimulation(simulation)
                        default: try await session.abandonSimulation(simulation, as: to)
                        }
                    }
                }
                let isRepeat = from == .running && to == .running
                if isRepeat || Self.allowed[from]?.contains(to) == true {
                    try await move()
                    #expect(try await store.status(of: simulation).state == to)
                } else {
                    let text = await refusal(.state, of: move)
                    #expect(text.contains("is \(from.rawValue) and cannot become \(to.rawValue)"))
                }
            }
        }
    }

    @Test("a simulation is abandoned as failed or cancelled, as nothing else")
    func abandon() async throws {
        try await withStore { store in
            for state in [SimulationState.pending, .running, .completed] {
                let simulation = try await store.newSimulation()
                let text = await refusal(.invalid) {
                    try await store.session { try await $0.abandonSimulation(simulation, as: state) }
                }
                #expect(text.contains("failed or cancelled"))
                #expect(try await store.status(of: simulation).state == .pending)
            }
        }
    }

    @Test("of ten sessions that end a simulation at once, one does")
    func race() async throws {
        try await withStore { store in
            let simulation = try await Self.simulation(.running, in: store)
            let won = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        do {
                            try await store.session { session in
                                if number.isMultiple(of: 2) {
                                    try await session.completeSimulation(simulation)
                                } else {
                                    try await session.abandonSimulation(simulation, as: .failed)
                                }
                            }
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
        }
    }
}
