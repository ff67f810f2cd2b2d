import SeededRandom
import Testing

@testable import ArcKit

@Suite("What a recorder decides")
struct RecorderStateTests {
    private let start = ContinuousClock.now

    private func submission(_ id: Int, count: Int = 1, keys: [Int]? = nil) -> RecorderState.Submission {
        .init(id: id, count: count, weight: count * 10, keys: keys ?? [id])
    }

    @Test("what comes first is written at once")
    func first() {
        var state = RecorderState()
        #expect(state.submit(submission(1), now: start) == .write([1]))
        #expect(!state.isIdle)
        #expect(state.finished(now: start) == nil)
        #expect(state.isIdle)
    }

    @Test("what comes while a batch is written goes into the next one, together and in order")
    func gathered() {
        var state = RecorderState()
        _ = state.submit(submission(1), now: start)
        for id in 2...4 { #expect(state.submit(submission(id), now: start) == nil) }
        #expect(state.finished(now: start) == .write([2, 3, 4]))
    }

    @Test("after a crowd a batch waits a little for those that follow, and no longer")
    func gathering() {
        var state = RecorderState()
        _ = state.submit(submission(1), now: start)
        for id in 2...3 { _ = state.submit(submission(id), now: start) }
        _ = state.finished(now: start)
        _ = state.finished(now: start)
        let end = start.advanced(by: .milliseconds(2))
        #expect(state.submit(submission(4), now: start) == .wait(until: end))
        #expect(state.submit(submission(5), now: start) == nil)
        #expect(state.timePassed(now: start) == nil)
        #expect(state.timePassed(now: end) == .write([4, 5]))
        #expect(state.timePassed(now: end) == nil)
    }

    @Test("a batch that is full waits for nobody")
    func full() {
        var state = RecorderState(limits: .init(count: 3))
        _ = state.submit(submission(1), now: start)
        for id in 2...3 { _ = state.submit(submission(id), now: start) }
        #expect(state.finished(now: start) == .write([2, 3]))
        _ = state.finished(now: start)
        #expect(state.submit(submission(4), now: start) == .wait(until: start.advanced(by: .milliseconds(2))))
        #expect(state.submit(submission(5, count: 2), now: start) == .write([4, 5]))
    }

    @Test("who gives more than a batch holds gets a batch of one's own")
    func large() {
        var state = RecorderState(limits: .init(count: 10))
        _ = state.submit(submission(1), now: start)
        _ = state.submit(submission(2, count: 100), now: start)
        _ = state.submit(submission(3), now: start)
        #expect(state.finished(now: start) == .write([2]))
        #expect(state.finished(now: start) == .write([3]))
    }

    @Test("two outcomes of one run are never in one batch, and the first stays first")
    func twins() {
        var state = RecorderState()
        _ = state.submit(submission(1), now: start)
        _ = state.submit(submission(2, keys: [7]), now: start)
        _ = state.submit(submission(3, keys: [7]), now: start)
        _ = state.submit(submission(4, keys: [8]), now: start)
        #expect(state.finished(now: start) == .write([2]))
        #expect(state.finished(now: start) == .write([3, 4]))
    }

    @Test("the neighbours of one that was refused go first in the next batch")
    func returned() {
        var state = RecorderState()
        _ = state.submit(submission(1), now: start)
        for id in 2...4 { _ = state.submit(submission(id), now: start) }
        _ = state.finished(now: start)
        _ = state.submit(submission(5), now: start)
        let action = state.finished(returning: [submission(2), submission(4)], now: start)
        #expect(action == .wait(until: start.advanced(by: .milliseconds(2))))
        #expect(state.timePassed(now: start.advanced(by: .seconds(1))) == .write([2, 4, 5]))
    }

    @Test("who gives up is taken out of the queue, but not out of a batch")
    func withdrawn() {
        var state = RecorderState()
        _ = state.submit(submission(1), now: start)
        _ = state.submit(submission(2), now: start)
        let answers = [1, 2, 2].map { state.withdraw($0) }
        #expect(answers == [false, true, false])
        #expect(state.finished(now: start) == nil)
        #expect(state.isIdle)
    }

    @Test("whatever happens, everybody is written once, in order of arrival, and nothing is forgotten")
    func property() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var course = Course(seed: seed)
            for _ in 0..<200 { course.step(&random) }
            course.finish()
        }
    }

    /// A course of events, with what must be true of it.
    private struct Course {
        let seed: UInt64
        var state = RecorderState(limits: .init(count: 8, weight: 200, gathering: .milliseconds(2)))
        var now = ContinuousClock.now
        var next = 1
        var known: [Int: RecorderState.Submission] = [:]
        var waiting: [Int] = []
        var writing: [Int]?
        var wakeUp: ContinuousClock.Instant?
        var written: Set<Int> = []

        init(seed: UInt64) { self.seed = seed }

        mutating func step(_ random: inout SeededGenerator) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let submission = RecorderState.Submission(
                    id: next, count: .random(in: 1...10, using: &random),
                    weight: .random(in: 1...150, using: &random),
                    keys: [.random(in: 0..<30, using: &random)])
                next += 1
                known[submission.id] = submission
                waiting.append(submission.id)
                obey(state.submit(submission, now: now))
            case 5..<7: finishBatch(&random)
            case 7:
                if let id = waiting.randomElement(using: &random), state.withdraw(id) {
                    waiting.removeAll { $0 == id }
                }
            default:
                now = now.advanced(by: .milliseconds(.random(in: 0...3, using: &random)))
                if let end = wakeUp, now >= end { passTime(end) }
            }
            #expect(state.violation == nil, "seed \(seed)")
            #expect(state.waiting == waiting.count, "seed \(seed)")
        }

        mutating func finishBatch(_ random: inout SeededGenerator) {
            guard let batch = writing else { return }
            writing = nil
            let refused =
                batch.count > 1 && Bool.random(using: &random) ? batch.randomElement(using: &random) : nil
            guard let refused else {
                written.formUnion(batch)
                return obey(state.finished(now: now))
            }
            written.insert(refused)
            let rest = batch.filter { $0 != refused }
            waiting = rest + waiting
            obey(state.finished(returning: rest.compactMap { known[$0] }, now: now))
        }

        mutating func passTime(_ end: ContinuousClock.Instant) {
            wakeUp = nil
            obey(state.timePassed(now: now))
        }

        mutating func obey(_ action: RecorderState.Action?) {
            switch action {
            case .write(let batch):
                #expect(writing == nil, "seed \(seed): two batches at once")
                #expect(
                    !batch.isEmpty && batch == Array(waiting.prefix(batch.count)),
                    "seed \(seed): out of order")
                let keys = batch.flatMap { known[$0]?.keys ?? [] }
                #expect(Set(keys).count == keys.count, "seed \(seed): two of one run in a batch")
                if batch.count > 1 {
                    #expect(batch.reduce(0) { $0 + (known[$1]?.count ?? 0) } <= 8, "seed \(seed): too large")
                }
                waiting.removeFirst(batch.count)
                writing = batch
                wakeUp = nil
            case .wait(let end): wakeUp = end
            case nil: break
            }
        }

        mutating func finish() {
            for _ in 0..<2000 where writing != nil || !waiting.isEmpty {
                if let batch = writing {
                    writing = nil
                    written.formUnion(batch)
                    obey(state.finished(now: now))
                } else if let end = wakeUp {
                    now = end
                    passTime(end)
                } else {
                    Issue.record("seed \(seed): \(waiting.count) wait for nothing")
                    return
                }
            }
            #expect(state.isIdle && waiting.isEmpty, "seed \(seed)")
        }
    }
}
