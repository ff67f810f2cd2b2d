import Testing

@testable import ArcKit

@Suite("Taking turns")
struct TurnstileTests {
    private actor Room {
        var inside = 0
        var most = 0
        var visits = 0

        func enter() {
            inside += 1
            visits += 1
            most = max(most, inside)
        }

        func leave() { inside -= 1 }
    }

    @Test("one at a time goes in for a key, and everybody gets a turn")
    func exclusive() async {
        let turnstile = Turnstile()
        let room = Room()
        await withTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    await turnstile.enter("a")
                    await room.enter()
                    await Task.yield()
                    await room.leave()
                    turnstile.leave("a")
                }
            }
        }
        #expect(await room.most == 1)
        #expect(await room.visits == 500)
    }

    @Test("another key doesn't wait, and a key is free again when all have left")
    func keys() async {
        let turnstile = Turnstile()
        await turnstile.enter("a")
        await turnstile.enter("b")
        turnstile.leave("a")
        await turnstile.enter("a")
        turnstile.leave("a")
        turnstile.leave("b")
    }
}

@Suite("Many tasks, one simulation")
struct ConcurrentRecordingTests {
    @Test("200 tasks that record single outcomes at once end with exact counters")
    func singles() async throws {
        try await withStore { store in
            let simulation = try await store.newSimulation(["a"], trials: 200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for trial in 1...200 {
                    group.addTask {
                        _ = try await store.record([.success("a", trial: trial)], in: simulation, places: nil)
                    }
                }
                try await group.waitForAll()
            }
            let status = try await store.status(of: simulation)
            #expect(status.completedRuns == 200 && status.completedScenarios == 1)
            #expect(status.statuses[.success] == 200)
        }
    }
}
