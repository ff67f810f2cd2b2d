internal import Dispatch
import Glibc
import Postgres
import Synchronization

/// What a replay of a spool did.
public struct ReplayReport: Sendable, Hashable {
    /// Outcomes that are in the database now, or were already.
    public var stored = 0
    /// Outcomes that the database refused; they are kept in files of their own, with the reasons.
    public var rejected = 0
    /// Outcomes that the database couldn't take, although it answers and takes others: they still wait.
    public var held = 0
    /// Why it couldn't, each once.
    public var heldReasons: [String] = []
    /// Lines that were torn by a crash or damaged; they are kept in files of their own.
    public var torn = 0
    /// Why some files are left as they are, such as one that can't be read.
    public var problems: [String] = []
    /// Whether another process replays this spool just now, and nothing was done.
    public var isBusy = false
}

/// Why a spool is replayed.
public enum ReplayOccasion: Sendable, Hashable {
    /// The database is back after an absence, and somebody waits to go on: what is held, which may cost a time limit
    /// each, is left for another occasion.
    case returned
    /// A store was opened: what is held is tried as well, after everything else.
    case opened
    /// Somebody asked for it. As before; and where the database answers but takes nothing, what waits is held with the
    /// reason.
    case asked
}

/// What a replay that is under way has done.
final class LatestReport: Sendable {
    private let report = Mutex(ReplayReport())
    var value: ReplayReport { report.withLock { $0 } }
    func set(_ latest: ReplayReport) { report.withLock { $0 = latest } }
}

/// One replay of a spool. Its files are read on a thread of its own.
///
/// Only one process replays a folder at a time (`replay.lock`). Segments are sealed first: whoever appends to one
/// finds its name gone and begins another. A sealed segment is read, recorded, and removed once all of it is durable;
/// a crash anywhere before repeats it.
actor SpoolReplay {
    typealias Record = @Sendable (SimulationReference, [Outcome]) async throws -> Void

    private let folder: SpoolFolder
    private let occasion: ReplayOccasion
    private let record: Record
    private let answers: @Sendable () async -> Bool
    private let progress: @Sendable (ReplayReport) -> Void
    private let executor = SpoolExecutor()
    private var report = ReplayReport()
    private var narrowing: NarrowingState
    /// What of the segment at hand the database refused.
    private var rejections: [SpoolFailure] = []
    /// What of it the database couldn't take: that which was part of a batch, and that which was tried alone.
    private var held: (together: [SpoolFailure], alone: [SpoolFailure]) = ([], [])
    /// Why it couldn't take the last of that.
    private var reason: (any Error)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ folder: SpoolFolder, _ occasion: ReplayOccasion,
        progress: @escaping @Sendable (ReplayReport) -> Void,
        answers: @escaping @Sendable () async -> Bool, record: @escaping Record
    ) {
        self.folder = folder
        self.occasion = occasion
        self.progress = progress
        self.answers = answers
        self.record = record
        narrowing = NarrowingState(isTrusted: occasion == .asked)
    }

    func run(includingRejected: Bool, patience: Duration) async throws -> ReplayReport {
        guard access(folder.path, F_OK) == 0 else { return report }
        guard let lock = try await SpoolLock.acquire(folder.lock, patience: patience) else {
            report.isBusy = true
            return report
        }
        for file in try folder.files() where file.kind == .draft { unlink("\(folder.path)/\(file.stem).new") }
        if includingRejected { try takeUp(.rejected) { folder.rejected($0) } }
        // What may fail again, and may take long for it, comes last.
        let again = occasion == .returned ? [] : try takeUp(.held) { folder.held($0) }
        let stems = try await seal()
        try await replay(stems.filter { !again.contains($0) } + stems.filter(again.contains))
        _ = consume lock
        return report
    }

    private func replay(_ stems: [String]) async throws {
        var suspects: [String] = []
        for stem in stems {
            try Task.checkCancellation()
            if let reason, narrowing.phase == .hopeless { throw reason }
            do {
                try await replay(stem)
            } catch let unrecorded as Unrecorded {
                guard unrecorded.isSuspect else { throw unrecorded.reason }
                suspects.append(stem)
            } catch let error as EvaluationError {
                // What is wrong with one file is no reason to hold the others back.
                report.problems.append(error.message)
            }
        }
        guard let reason, !suspects.isEmpty else { return }
        // Where the database took others meanwhile, it is those outcomes that are at fault.
        guard narrowing.takesOutcomes else { throw reason }
        try await replay(suspects)
    }

    /// Recording failed, as opposed to something about a segment's files.
    private struct Unrecorded: Error {
        let reason: any Error
        /// Whether that may be the outcomes' fault, and others may well be recorded.
        var isSuspect = false
    }

    // MARK: - Sealing

    /// Seals the segments that are open, and returns the names of all, oldest first.
    private func seal() async throws -> [String] {
        var stems: Set<String> = []
        for file in try folder.files() {
            switch file.kind {
            case .sealed: stems.insert(file.stem)
            case .open: if try await seal(file.stem) { stems.insert(file.stem) }
            default: break
            }
        }
        return stems.sorted()
    }

    /// Gives an open segment its final name, while nobody writes to it.
    private func seal(_ stem: String) async throws -> Bool {
        let path = folder.open(stem)
        let descriptor = SpoolFolder.openToRead(path)
        guard descriptor >= 0 else {
            // Its owner took it back after a write that failed.
            if errno != ENOENT {
                report.problems.append("\(path) can't be opened: \(String(cString: strerror(errno)))")
            }
            return false
        }
        defer {
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
        // Held for a write and a sync at most.
        guard try await SpoolLock.lock(descriptor, patience: .seconds(5)) else {
            report.problems.append(
                "\(path) is being written to by another process, and is left for the next time")
            return false
        }
        guard SpoolFolder.isStill(descriptor, at: path) else { return false }
        var entry = stat()
        if fstat(descriptor, &entry) == 0, entry.st_size == 0 {
            unlink(path)
            return false
        }
        guard rename(path, folder.sealed(stem)) == 0 else {
            throw EvaluationError.spool("\(path) can't be renamed", errno: errno)
        }
        return true
    }

    /// Makes segments again of what was set aside in files of that kind, and returns their names.
    @discardableResult
    private func takeUp(_ kind: SpoolFolder.Kind, _ path: (String) -> String) throws -> Set<String> {
        var stems: Set<String> = []
        for file in try folder.files() where file.kind == kind {
            // Where there is a segment of that name, its lines stay: a crash came between the two, or it was made of
            // what was set aside for another reason.
            var segment = SpoolAside(folder.sealed(file.stem))
            var reader = try SpoolReader(path(file.stem))
            while let line = try reader.next() {
                try segment.add(SpoolFailure(line.bytes)?.line ?? line.bytes)
            }
            guard try segment.finish() else { continue }
            try folder.sync()
            unlink(path(file.stem))
            stems.insert(file.stem)
        }
        return stems
    }

    // MARK: - Replaying

    private func replay(_ stem: String) async throws {
        let path = folder.sealed(stem)
        let before = report
        (rejections, held) = ([], ([], []))
        var torn = SpoolAside(folder.torn(stem))
        var newer: Int?
        var batches = SpoolBatches()
        do {
            var reader = try SpoolReader(path)
            while let line = try reader.next() {
                switch SpoolLine.decode(line.bytes) {
                case .entry(let entry):
                    for batch in batches.add(entry) { try await begin(batch) }
                case .newer(let version): newer = version
                case .damaged:
                    report.torn += 1
                    try torn.add(line.bytes)
                }
            }
            for batch in batches.rest() { try await begin(batch) }
            if let reason, !(held.together + held.alone).isEmpty, !narrowing.takesOutcomes {
                throw Unrecorded(reason: reason, isSuspect: true)
            }
            if let newer {
                throw EvaluationError(
                    .file, "\(path) has lines of version \(newer), which this arc doesn't know")
            }
            try finish(stem, &torn)
        } catch {
            // The segment stays, and what would have been set aside stays in it.
            (report.rejected, report.torn) = (before.rejected, before.torn)
            (report.held, report.heldReasons) = (before.held, before.heldReasons)
            throw error
        }
        progress(report)
    }

    /// All of a segment is in the database or goes aside: its file can go.
    private func finish(_ stem: String, _ torn: inout SpoolAside) throws(EvaluationError) {
        var rejected = SpoolAside(folder.rejected(stem))
        for rejection in rejections { try rejected.add(rejection.bytes) }
        var waiting = SpoolAside(folder.held(stem))
        // Those that are at fault by themselves come last, so that they don't use up the attempts of the others.
        for failure in held.together + held.alone { try waiting.add(failure.bytes) }
        let isRejected = try rejected.finish()
        let isHeld = try waiting.finish()
        let isTorn = try torn.finish()
        if isRejected || isHeld || isTorn { try folder.sync() }
        guard unlink(folder.sealed(stem)) == 0 else {
            throw .spool("\(folder.sealed(stem)) can't be removed", errno: errno)
        }
    }

    private func begin(_ batch: [SpoolLine.Entry]) async throws {
        narrowing.began()
        if let reason, !narrowing.isPromising {
            hold(batch, reason, isTried: false)
        } else {
            try await store(batch)
        }
    }

    /// Records a batch; where that can't be done, parts of it.
    private func store(_ batch: [SpoolLine.Entry]) async throws {
        guard let first = batch.first else { return }
        do {
            try Task.checkCancellation()
            try await record(first.simulation, batch.map(\.outcome))
            narrowing.recorded()
            report.stored += batch.count
            progress(report)
        } catch {
            switch SpoolRefusal(error) {
            case nil: try await narrow(batch, error)
            case .simulation(let reason): reject(batch, reason)
            case .value(let reason) where batch.count == 1: reject(batch, reason)
            case .value:
                try await store(Array(batch[..<(batch.count / 2)]))
                try await store(Array(batch[(batch.count / 2)...]))
            }
        }
    }

    private func reject(_ batch: [SpoolLine.Entry], _ reason: String) {
        rejections += batch.map { SpoolFailure(reason: reason, line: $0.bytes) }
        report.rejected += batch.count
    }

    /// A batch failed for a reason that says nothing about its outcomes.
    private func narrow(_ batch: [SpoolLine.Entry], _ error: any Error) async throws {
        guard Self.mayBeTheirs(error), await answers() else { throw Unrecorded(reason: error) }
        switch narrowing.failed(count: batch.count) {
        case .giveUp: throw Unrecorded(reason: error)
        case .hold: hold(batch, error)
        case .split:
            let size = (batch.count + NarrowingState.parts - 1) / NarrowingState.parts
            for start in stride(from: 0, to: batch.count, by: size) {
                let part = Array(batch[start..<min(start + size, batch.count)])
                if narrowing.isPromising { try await store(part) } else { hold(part, error, isTried: false) }
            }
        }
    }

    /// Whether an outcome may have brought about that error: it has to have come as far as the server.
    private static func mayBeTheirs(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError: false
        case let error as DatabaseError:
            ![.cancelled, .connectionFailed, .poolClosed, .poolTimeout].contains(error.code)
        case let error as EvaluationError: error.code == .database
        default: true
        }
    }

    private func hold(_ batch: [SpoolLine.Entry], _ error: any Error, isTried: Bool = true) {
        let reason = (error as? DatabaseError)?.message ?? "\(error)"
        let failures = batch.map { SpoolFailure(reason: reason, line: $0.bytes) }
        if isTried, batch.count == 1 { held.alone += failures } else { held.together += failures }
        self.reason = error
        report.held += batch.count
        if !report.heldReasons.contains(reason) { report.heldReasons.append(reason) }
    }
}

/// Runs a replay's jobs on a queue of its own, where they may wait for a disk.
final class SpoolExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "arc.spool.replay")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
