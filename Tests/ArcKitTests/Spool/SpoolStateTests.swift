import SeededRandom
import Testing

@testable import ArcKit

@Suite("Which appends share a write")
struct SpoolStateTests {
    @Test(
        "random appends and ends: one write at a time, in order, each told once, none too large",
        arguments: 1...300)
    func properties(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var state = SpoolState(mostBytes: 100)
        var underWay: [SpoolState.Append]?
        var asked: [Int] = []
        var written: [Int] = []
        var told: [Int] = []
        func begin(_ batch: [SpoolState.Append]) {
            #expect(underWay == nil && !batch.isEmpty)
            #expect(batch.count == 1 || batch.reduce(0) { $0 + $1.bytes.count } <= 100)
            written += batch.map(\.number)
            underWay = batch
        }
        func end() {
            let (callers, next) = state.ended()
            #expect(callers == underWay?.map(\.number) ?? [])
            told += callers
            underWay = nil
            if let next { begin(next) }
        }
        for _ in 0..<200 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let number = state.newNumber()
                asked.append(number)
                let size = Int.random(in: 0...150, using: &random)
                if let batch = state.append(.init(number: number, bytes: .init(repeating: 0, count: size))) {
                    begin(batch)
                }
            } else {
                end()
            }
            // Nobody waits while nothing is written.
            #expect((underWay == nil) == state.isIdle)
            #expect(!state.isIdle || state.waitingCount == 0)
        }
        while underWay != nil { end() }
        #expect(told == asked && written == asked && state.isIdle)
    }

    @Test("what comes during a write goes with the next one, all together")
    func together() {
        var state = SpoolState()
        let first = SpoolState.Append(number: 1, bytes: [1])
        let second = SpoolState.Append(number: 2, bytes: [2])
        let third = SpoolState.Append(number: 3, bytes: [3])
        #expect(state.append(first) == [first])
        #expect(state.append(second) == nil && state.append(third) == nil)
        let (told, next) = state.ended()
        #expect(told == [1] && next == [second, third])
        let last = state.ended()
        #expect(last.told == [2, 3] && last.next == nil)
    }
}
