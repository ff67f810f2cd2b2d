import Testing

@testable import ArcKit

@Suite("When roll-ups are refreshed beside recording")
struct UpkeepStateTests {
    private let start = ContinuousClock.now

    private func after(_ seconds: Int) -> UpkeepState.Instant { start.advanced(by: .seconds(seconds)) }

    @Test("a process that has just begun leaves them alone, and then refreshes once a minute")
    func onceAMinute() {
        var state = UpkeepState(now: start)
        let at59 = state.wrote(now: after(59))
        #expect(!at59)
        let at60 = state.wrote(now: after(60))
        #expect(at60)
        state.refreshed(now: after(61))
        let at119 = state.wrote(now: after(119))
        #expect(!at119)
        let at120 = state.wrote(now: after(120))
        #expect(at120)
    }

    @Test("one refresh at a time, and after one that took long there is no debt of others")
    func oneAtATime() {
        var state = UpkeepState(now: start)
        let at60 = state.wrote(now: after(60))
        #expect(at60)
        let at300 = state.wrote(now: after(300))
        #expect(!at300)
        state.refreshed(now: after(300))
        let at300again = state.wrote(now: after(300))
        #expect(at300again)
        let at301 = state.wrote(now: after(301))
        #expect(!at301)
    }

    @Test("nothing is begun once the store is closed, also where a refresh ends after that")
    func closed() {
        var state = UpkeepState(now: start)
        let at60 = state.wrote(now: after(60))
        #expect(at60)
        state.close()
        state.refreshed(now: after(61))
        let at1000 = state.wrote(now: after(1000))
        #expect(!at1000)
    }
}
