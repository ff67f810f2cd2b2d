import Testing

@testable import ArcShell

@Suite("The line of progress")
struct ProgressTests {
    private func work(_ done: Int, of total: Int? = 1000, _ unit: String = "scenarios") -> ProgressState.Work
    {
        ProgressState.Work(unit: unit, done: done, total: total)
    }

    @Test("work of under a second shows nothing")
    func short() {
        var state = ProgressState()
        #expect(state.count(work(0), now: .seconds(5)) == .nothing)
        #expect(state.count(work(900), now: .milliseconds(5999)) == .nothing)
        #expect(state.count(work(1000), now: .seconds(6)) == .nothing)
        #expect(!state.isShown)
    }

    @Test("longer work shows count, rate and what is left, ten times a second at most")
    func long() {
        var state = ProgressState()
        _ = state.count(work(0), now: .zero)
        #expect(
            state.count(work(100), now: .seconds(2))
                == .draw("100 of 1,000 scenarios, 50 a second, 18 s left"))
        #expect(state.count(work(103), now: .milliseconds(2050)) == .nothing)
        #expect(
            state.count(work(105), now: .milliseconds(2100))
                == .draw("105 of 1,000 scenarios, 50 a second, 18 s left"))
    }

    @Test(
        "what is slow shows its rate with a digit more; where the whole isn't known, nothing is said to be left"
    )
    func slow() {
        var state = ProgressState()
        let file = ProgressState.Work(subject: "a.jsonl", unit: "outcomes", done: 0, total: nil)
        _ = state.count(file, now: .zero)
        var later = file
        later.done = 3
        #expect(state.count(later, now: .seconds(2)) == .draw("a.jsonl: 3 outcomes, 1.5 a second"))
    }

    @Test("the line is wiped for output, comes back at the next count, and goes when the work is done")
    func wiping() {
        var state = ProgressState()
        _ = state.count(work(0), now: .zero)
        _ = state.count(work(100), now: .seconds(2))
        #expect(state.wipe() == .wipe)
        #expect(state.wipe() == .nothing)
        #expect(state.count(work(101), now: .milliseconds(2010)) != .nothing)
        #expect(state.count(work(1000), now: .seconds(3)) == .wipe)
        #expect(state.end() == .nothing)
    }

    @Test("works that go on side by side keep their own time, and one that begins anew begins anew")
    func sideBySide() {
        var state = ProgressState()
        _ = state.count(work(0), now: .zero)
        _ = state.count(work(0, of: 10, "files"), now: .seconds(1))
        #expect(state.count(work(5, of: 10, "files"), now: .milliseconds(1500)) == .nothing)
        #expect(
            state.count(work(100), now: .seconds(2))
                == .draw("100 of 1,000 scenarios, 50 a second, 18 s left"))
        #expect(state.count(work(1), now: .seconds(3)) == .nothing)
        #expect(state.end() == .wipe)
        #expect(state.count(work(500), now: .seconds(9)) == .nothing)
    }
}
