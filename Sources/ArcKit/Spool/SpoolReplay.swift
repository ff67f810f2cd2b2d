internal import Dispatch
import Glibc
import Synchronization

/// What a replay of a spool did.
public struct ReplayReport: Sendable, Hashable {
    /// Outcomes that are in the database now, or were already.
    public var stored = 0
    /// Outcomes that the database refused; they are kept in files of their own, with the reasons.
    public var rejected = 0
    /// Lines that were torn by a crash or damaged; they are kept in files of their own.
    public var torn = 0
    /// Why some files are left as they are, such as one that can't be read.
    public var problems: [String] = []
    /// Whether another process replays this spool just now, and nothing was done.
    public var isBusy = false
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
    private let record: Record
    private let progress: @Sendable (ReplayReport) -> Void
    private let executor = SpoolExecutor()
    private var report = ReplayReport()
    /// Those of the segment at hand.
    private var rejections: [SpoolRejection] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ folder: SpoolFolder, progress: @escaping @Sendable (ReplayReport) -> Void, record: @escaping Record
    ) {
        self.folder = folder
        self.progress = progress
        self.record = record
    }

    func run(includingRejected: Bool, patience: Duration) async throws -> ReplayReport {
        guard access(folder.path, F_OK) == 0 else { return report }
        guard let lock = try await SpoolLock.acquire(folder.lock, patience: patience) else {
            report.isBusy = true
            return report
        }
        for file in try folder.files() where file.kind == .draft { unlink("\(folder.path)/\(file.stem).new") }
        if includingRejected { try takeUpRejected() }
        for stem in try await seal() {
            try Task.checkCancellation()
            do {
                try await replay(stem)
            } catch let unrecorded as Unrecorded {
                throw unrecorded.reason
            } catch let error as EvaluationError {
                // What is wrong with one file is no reason to hold the others back.
                report.problems.append(error.message)
            }
        }
        _ = consume lock
        return report
    }

    /// Recording failed, as opposed to something about a segment's files.
    private struct Unrecorded: Error {
        let reason: any Error
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
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
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

    /// Makes segments again of what was rejected.
    private func takeUpRejected() throws {
        for file in try folder.files() where file.kind == .rejected {
            // Where there is a segment, a crash came between the two: it is replayed as it is.
            if access(folder.sealed(file.stem), F_OK) != 0 {
                var segment = SpoolAside(folder.sealed(file.stem))
                var reader = try SpoolReader(folder.rejected(file.stem))
                while let line = try reader.next() {
                    try segment.add(SpoolRejection(line.bytes)?.line ?? line.bytes)
                }
                guard try segment.finish() else { continue }
                try folder.sync()
            }
            unlink(folder.rejected(file.stem))
        }
    }

    // MARK: - Replaying

    private func replay(_ stem: String) async throws {
        let path = folder.sealed(stem)
        let before = report
        rejections = []
        var torn = SpoolAside(folder.torn(stem))
        var newer: Int?
        var batches = SpoolBatches()
        do {
            var reader = try SpoolReader(path)
            while let line = try reader.next() {
                switch SpoolLine.decode(line.bytes) {
                case .entry(let entry):
                    for batch in batches.add(entry) { try await store(batch) }
                case .newer(let version): newer = version
                case .damaged:
                    report.torn += 1
                    try torn.add(line.bytes)
                }
            }
            for batch in batches.rest() { try await store(batch) }
            if let newer {
                throw EvaluationError(
                    .file, "\(path) has lines of version \(newer), which this arc doesn't know")
            }
            try finish(stem, &torn)
        } catch {
            // The segment stays, and what would have been set aside stays in it.
            (report.rejected, report.torn) = (before.rejected, before.torn)
            throw error
        }
        progress(report)
    }

    /// All of a segment is in the database or goes aside: its file can go.
    private func finish(_ stem: String, _ torn: inout SpoolAside) throws(EvaluationError) {
        var rejected = SpoolAside(folder.rejected(stem))
        for rejection in rejections { try rejected.add(rejection.bytes) }
        let isRejected = try rejected.finish()
        let isTorn = try torn.finish()
        if isRejected || isTorn { try folder.sync() }
        guard unlink(folder.sealed(stem)) == 0 else {
            throw .spool("\(folder.sealed(stem)) can't be removed", errno: errno)
        }
    }

    /// Records a batch; where a value is refused, its halves.
    private func store(_ batch: [SpoolLine.Entry]) async throws {
        guard let first = batch.first else { return }
        do {
            try Task.checkCancellation()
            try await record(first.simulation, batch.map(\.outcome))
            report.stored += batch.count
            progress(report)
        } catch {
            switch SpoolRefusal(error) {
            case nil: throw Unrecorded(reason: error)
            case .simulation(let reason): reject(batch, reason)
            case .value(let reason) where batch.count == 1: reject(batch, reason)
            case .value:
                try await store(Array(batch[..<(batch.count / 2)]))
                try await store(Array(batch[(batch.count / 2)...]))
            }
        }
    }

    private func reject(_ batch: [SpoolLine.Entry], _ reason: String) {
        rejections += batch.map { SpoolRejection(reason: reason, line: $0.bytes) }
        report.rejected += batch.count
    }
}

/// A lock on a file (flock), which the system lets go of when its holder ends in whatever way.
struct SpoolLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock of the file of that path, which is made where it is missing.
    ///
    /// - Returns: nil where another holds it all of `patience`.
    static func acquire(_ path: String, patience: Duration) async throws -> SpoolLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw EvaluationError.spool("\(path) can't be opened", errno: errno) }
        let taken = SpoolLock(descriptor: descriptor)
        guard try await lock(descriptor, patience: patience) else { return nil }
        return taken
    }

    /// Locks an open file. It is tried again and again, since a flock that waits can't be cancelled.
    static func lock(_ descriptor: Int32, patience: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        while !SpoolFolder.tryLock(descriptor) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    /// A child that is just being started shares the open file, and would hold the lock for a moment more.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
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
