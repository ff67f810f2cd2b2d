internal import DequeModule

/// What a machine's tasks wait for, and who waits for them. Guarded by the core's mutex.
struct Schedule {
    /// An answer that came for a task.
    struct Answer {
        let task: UInt64
        let result: Result<[LuaValue], any Error>
    }

    /// A task that the host started.
    struct Root {
        let continuation: CheckedContinuation<Result<[LuaValue], LuaError>, Never>
        /// What surrounds the host's functions that it and the tasks within it call.
        let surroundings: CallSurroundings?
        /// Ends it when its time is over.
        let clock: Task<Void, Never>?
    }

    /// By the roots' numbers.
    var roots: [UInt64: Root] = [:]
    /// What goes on outside, by the numbers of the tasks and of the timed groups.
    var pending: [UInt64: Task<Void, Never>] = [:]
    /// To be delivered, in the order in which they came.
    var answers: Deque<Answer> = []
    var running = Running.idle

    /// Whether there is, or is about to be, somebody who resumes tasks.
    enum Running {
        /// To underway.
        case idle
        /// To idle or again.
        case underway
        /// Something became ready meanwhile; to underway.
        case again
    }

    /// Whether the owner has to begin a run.
    mutating func wake() -> Bool {
        defer { running = running == .idle ? .underway : .again }
        return running == .idle
    }

    /// Whether a run that found nothing to do is over.
    mutating func endRun() -> Bool {
        guard running != .again, answers.isEmpty else {
            running = .underway
            return false
        }
        running = .idle
        return true
    }

    /// The next answer to deliver. What it was waited for is over.
    mutating func nextAnswer() -> Answer? {
        guard let answer = answers.popFirst() else { return nil }
        pending[answer.task] = nil
        return answer
    }

    /// Forgets everything; what is left to end.
    mutating func removeAll() -> (roots: [Root], pending: [Task<Void, Never>]) {
        defer { (roots, pending, answers) = ([:], [:], []) }
        return (Array(roots.values), Array(pending.values))
    }

    /// Whether no task can ever go on: none is ready, and nothing that goes on outside will make one so.
    var isStuck: Bool { pending.isEmpty && answers.isEmpty && !roots.isEmpty }
}

/// What surrounds every host function that a call's tasks wait for: values of the caller's Swift task that the functions
/// are to see.
public struct CallSurroundings: Sendable {
    /// The work of a host function.
    public typealias Work = @Sendable () async throws -> [LuaValue]

    let around: @Sendable (Work) async throws -> [LuaValue]

    /// - Parameter around: runs the work once, and gives what it gives.
    public init(_ around: @escaping @Sendable (Work) async throws -> [LuaValue]) { self.around = around }
}
