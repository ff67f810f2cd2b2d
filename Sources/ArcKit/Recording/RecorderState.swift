import DequeModule

/// How a recorder gathers the outcomes of one simulation, without tasks, connections or clocks: what happens is told to
/// it, and it answers with what is to be done.
///
/// One batch is written at a time. What comes meanwhile goes into the next one together, so the more tasks record at once
/// the larger the batches are; whoever records waits until its own outcomes are durable, which keeps the queue as long as
/// there are tasks. Where several came together before, the next batch waits a little for those that follow.
struct RecorderState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What one caller records: it is durable as a whole or refused as a whole.
    struct Submission: Sendable, Hashable {
        let id: Int
        /// How many outcomes it has.
        var count: Int
        /// How much they weigh, in bytes.
        var weight: Int
        /// Numbers that stand for its runs and ids: two of the same mustn't be in one batch.
        var keys: [Int]
    }

    struct Limits: Sendable {
        /// How many outcomes a batch has at most, unless one caller gives more.
        var count = 1000
        /// How much a batch weighs at most, in bytes, unless one caller gives more.
        var weight = 8 << 20
        /// How long a batch waits for further outcomes.
        var gathering = Duration.milliseconds(2)
    }

    enum Action: Sendable, Equatable {
        /// Write these together, and tell `finished`.
        case write([Int])
        /// Tell `timePassed` at that time.
        case wait(until: Instant)
    }

    private enum Phase: Equatable {
        /// Nothing to do. → `gathering`, `writing`
        case idle
        /// Waiting for more to write together. → `writing`, `idle`
        case gathering(until: Instant)
        /// A batch is being written. → `gathering`, `writing`, `idle`
        case writing
    }

    private let limits: Limits
    private var phase = Phase.idle
    private var queue: Deque<Submission> = []
    private var count = 0
    private var weight = 0
    /// Whether the last batch had outcomes of several callers.
    private var isCrowded = false

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether nothing waits and nothing is being written.
    var isIdle: Bool { phase == .idle }

    /// How many callers wait to be written.
    var waiting: Int { queue.count }

    mutating func submit(_ submission: Submission, now: Instant) -> Action? {
        queue.append(submission)
        count += submission.count
        weight += submission.weight
        switch phase {
        case .idle: return next(now)
        case .gathering: return isFull ? write() : nil
        case .writing: return nil
        }
    }

    /// The time that was waited for has come.
    mutating func timePassed(now: Instant) -> Action? {
        guard case .gathering(let end) = phase, now >= end else { return nil }
        return write()
    }

    /// A caller gives up. False where its outcomes are being written, or were.
    mutating func withdraw(_ id: Int) -> Bool {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return false }
        forget(queue.remove(at: index))
        if queue.isEmpty, phase != .writing { phase = .idle }
        return true
    }

    /// The batch has been written, or refused, or put on the disk.
    ///
    /// - Parameter returned: those of its callers who have to be written again, since a neighbour was refused.
    mutating func finished(returning returned: [Submission] = [], now: Instant) -> Action? {
        guard phase == .writing else { return nil }
        for submission in returned.reversed() {
            queue.prepend(submission)
            count += submission.count
            weight += submission.weight
        }
        phase = .idle
        return queue.isEmpty ? nil : next(now)
    }

    // MARK: - Steps

    private var isFull: Bool { count >= limits.count || weight >= limits.weight }

    private mutating func next(_ now: Instant) -> Action {
        guard isCrowded, !isFull else { return write() }
        let end = now.advanced(by: limits.gathering)
        phase = .gathering(until: end)
        return .wait(until: end)
    }

    private mutating func write() -> Action {
        var batch: [Int] = []
        var keys: Set<Int> = []
        var (batchCount, batchWeight) = (0, 0)
        while let submission = queue.first {
            let fits =
                batchCount + submission.count <= limits.count
                && batchWeight + submission.weight <= limits.weight
            guard batch.isEmpty || fits && keys.isDisjoint(with: submission.keys) else { break }
            queue.removeFirst()
            forget(submission)
            batch.append(submission.id)
            keys.formUnion(submission.keys)
            batchCount += submission.count
            batchWeight += submission.weight
        }
        isCrowded = batch.count > 1
        phase = .writing
        return .write(batch)
    }

    private mutating func forget(_ submission: Submission) {
        count -= submission.count
        weight -= submission.weight
    }

    /// What must always hold, for tests: nil, or what is wrong.
    var violation: String? {
        if count != queue.reduce(0, { $0 + $1.count }) { return "the count is wrong" }
        if weight != queue.reduce(0, { $0 + $1.weight }) { return "the weight is wrong" }
        switch phase {
        case .idle: return queue.isEmpty ? nil : "somebody waits for nothing"
        case .gathering:
            return queue.isEmpty ? "gathers nothing" : isFull ? "gathers although it is full" : nil
        case .writing: return nil
        }
    }
}
