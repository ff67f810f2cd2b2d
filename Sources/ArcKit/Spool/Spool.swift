internal import Dispatch
import Synchronization

/// Outcomes that wait for one database, which is away: lines of JSON in files under
/// `$XDG_STATE_HOME/arc/spool/DATABASE-ID`.
///
/// What `append` returned from is on the disk, and stays there until `replay` has handed it to the database and that
/// has it. Any number of tasks and processes may append and replay at once.
public final class Spool: Sendable {
    /// The folder of its files.
    public let path: String

    let folder: SpoolFolder
    /// Writes wait for the disk here, never on a thread of the cooperative pool.
    private let queue = DispatchQueue(label: "arc.spool")
    /// Only `queue` takes it; it is never contended.
    private let writer: Mutex<SpoolWriter>
    private let shared = Mutex(Shared())

    private struct Shared {
        var state = SpoolState()
        var callers: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    /// A spool in that folder, which is made when it is needed.
    ///
    /// - Parameters:
    ///   - folder: the folder of one database.
    ///   - about: which database that is, for people; never with a password.
    public init(folder: String, about: String? = nil) {
        path = folder
        self.folder = SpoolFolder(path: folder)
        writer = Mutex(SpoolWriter(self.folder, about: about))
    }

    /// Appends outcomes, and returns once all of them are on the disk. It takes a few milliseconds and isn't
    /// cancelled: appends of several tasks share a write and a sync.
    ///
    /// - Parameters:
    ///   - outcomes: checked, each with an id, which makes its replay idempotent, and a time.
    ///   - simulation: the simulation that they belong to.
    /// - Throws: `EvaluationError` with code `file` where the disk is full or the folder can't be written to, `invalid`
    ///   for an outcome without id or time. Nothing is kept of these outcomes then.
    public func append(_ outcomes: [Outcome], in simulation: SimulationReference) async throws {
        var lines: [UInt8] = []
        for outcome in outcomes { lines += try SpoolLine.encode(outcome, in: simulation) }
        guard !lines.isEmpty else { return }
        try await withCheckedThrowingContinuation { caller in
            let batch = shared.withLock { shared in
                let number = shared.state.newNumber()
                shared.callers[number] = caller
                return shared.state.append(.init(number: number, bytes: lines))
            }
            if let batch { start(batch) }
        }
    }

    private func start(_ batch: [SpoolState.Append]) {
        queue.async { [self] in
            var next: [SpoolState.Append]? = batch
            while let batch = next {
                let result = Result { try write(batch) }
                let (callers, following) = shared.withLock { shared in
                    let (told, following) = shared.state.ended()
                    return (told.compactMap { shared.callers.removeValue(forKey: $0) }, following)
                }
                for caller in callers { caller.resume(with: result) }
                next = following
            }
        }
    }

    private func write(_ batch: [SpoolState.Append]) throws {
        // One append alone is the common case, and isn't copied.
        let lines = batch.count == 1 ? batch[0].bytes : batch.flatMap(\.bytes)
        try writer.withLock { try $0.write(lines) }
    }

    /// What waits here and what was set aside.
    ///
    /// - Throws: `EvaluationError` with code `file` where the folder can't be read.
    public func status() async throws -> SpoolStatus {
        try await withCheckedThrowingContinuation { caller in
            DispatchQueue.global(qos: .utility).async { [folder] in
                caller.resume(with: Result { try SpoolStatus(folder) })
            }
        }
    }

    /// Whether outcomes wait here, at a glance: there is a segment that isn't empty, or something that is held.
    public var isWaiting: Bool { folder.isWaiting }

    /// Whether something is here that the database refused.
    public var hasRejected: Bool { ((try? folder.files()) ?? []).contains { $0.kind == .rejected } }

    /// Hands what waits to `record`, in the order in which each process appended it, and removes a file once all of it
    /// is in the database.
    ///
    /// An outcome may be handed over again, after a crash or a failure: recording has to be idempotent by its id. A
    /// batch holds outcomes of one simulation, no run and no id twice. Where `record` refuses a batch for a value, it
    /// is called with parts of it until the outcome is found, which is set aside; where it refuses the simulation, all
    /// of the batch is.
    ///
    /// What else it throws, such as a time limit, ends the replay where the database doesn't answer, and everything that
    /// isn't stored stays. Where it does, `record` is called with parts of the batch as well, and what it can't take is
    /// held: it stays in the spool with the reason, while the rest is recorded. That is only done where the database
    /// takes anything at all; else the replay ends and everything stays as it is.
    ///
    /// - Parameters:
    ///   - occasion: why it is replayed now.
    ///   - rejected: whether what was rejected before is tried once more.
    ///   - patience: how long to wait for another process that replays this spool.
    ///   - progress: is told what was done so far, after each batch.
    ///   - answers: whether the database answers, apart from what was to be recorded. Unless given, it doesn't.
    ///   - record: stores outcomes; returns once they are durable.
    /// - Throws: what `record` throws, unless that is a refusal; `EvaluationError` with code `file` where the folder
    ///   can't be used; `CancellationError`.
    public func replay(
        _ occasion: ReplayOccasion = .opened, includingRejected rejected: Bool = false,
        patience: Duration = .zero,
        progress: @escaping @Sendable (ReplayReport) -> Void = { _ in },
        answers: @escaping @Sendable () async -> Bool = { false },
        _ record: @escaping @Sendable (SimulationReference, [Outcome]) async throws -> Void
    ) async throws -> ReplayReport {
        try await SpoolReplay(folder, occasion, progress: progress, answers: answers, record: record)
            .run(includingRejected: rejected, patience: patience)
    }
}
