import Glibc

/// Appends to a segment of this process's own, and begins a new one where that isn't its own any more.
///
/// A segment is locked (flock) only while something is written to it. Whoever wants to replay it takes the lock,
/// gives it another name and lets go; the next write finds that the name is gone and begins a new segment. So an arc
/// that lives on without recording holds nothing back, and one that dies leaves no lock.
struct SpoolWriter: ~Copyable {
    private struct Segment {
        let descriptor: Int32
        let path: String
        /// Where the last whole line ends: everything before is on the disk.
        var end = 0
    }

    /// From this size on a new segment is begun, so that a replay that fails has little to do again.
    private let mostBytes: Int
    private let folder: SpoolFolder
    private let about: String?
    private var segment: Segment?

    init(_ folder: SpoolFolder, about: String? = nil, mostBytes: Int = 16 << 20) {
        self.folder = folder
        self.about = about
        self.mostBytes = mostBytes
    }

    deinit { if let segment { close(segment.descriptor) } }

    /// Writes whole lines; they are on the disk when this returns.
    ///
    /// - Throws: `EvaluationError` with code `file`. Nothing of the lines is in the spool then, or, where even taking
    ///   them back failed, the segment is left alone from now on.
    mutating func write(_ lines: [UInt8]) throws(EvaluationError) {
        let isNew = try lockSegment()
        guard var segment else { return }
        var failure: EvaluationError?
        if !SpoolFolder.write(lines, to: segment.descriptor, at: segment.end) {
            failure = .spool("outcomes can't be written to \(segment.path)", errno: errno)
        } else if fdatasync(segment.descriptor) != 0 {
            failure = .spool("outcomes in \(segment.path) can't be synced", errno: errno)
        } else if isNew {
            do { try folder.sync() } catch { failure = error }
        }
        if let failure {
            cutBack(segment, isNew: isNew)
            throw failure
        }
        segment.end += lines.count
        self.segment = segment
        flock(segment.descriptor, LOCK_UN)
    }

    /// Takes back what was written of lines that nobody will be told of. A segment that failed once gets nothing more:
    /// after a failed sync the system may have dropped pages that it can't write.
    private mutating func cutBack(_ segment: Segment, isNew: Bool) {
        let isCut = ftruncate(segment.descriptor, off_t(segment.end)) == 0
        if isNew, isCut { unlink(segment.path) }
        flock(segment.descriptor, LOCK_UN)
        close(segment.descriptor)
        self.segment = nil
    }

    /// Locks this process's segment, or a new one.
    ///
    /// - Returns: whether it is new.
    private mutating func lockSegment() throws(EvaluationError) -> Bool {
        if let segment {
            // Nobody is waited for: where another process is about to take the segment, a new one is begun.
            if segment.end < mostBytes, SpoolFolder.tryLock(segment.descriptor),
                SpoolFolder.isStill(segment.descriptor, at: segment.path)
            {
                return false
            }
            close(segment.descriptor)
            self.segment = nil
        }
        try folder.make()
        if let about { folder.describe(about) }
        for _ in 0..<100 {
            let path = folder.open(SpoolFolder.newStem())
            let descriptor = open(
                path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .spool("\(path) can't be made", errno: errno) }
            // Between the two a replay may have seen the file, and taken it away as an empty one.
            if SpoolFolder.tryLock(descriptor), SpoolFolder.isStill(descriptor, at: path) {
                segment = Segment(descriptor: descriptor, path: path)
                return true
            }
            close(descriptor)
        }
        throw EvaluationError(
            .file, "\(folder.path): another process takes every file away that is made there",
            advice: "See which one: fuser \(folder.path).")
    }
}
