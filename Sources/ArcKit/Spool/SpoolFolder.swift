import Glibc

/// The folder of one database's spool, and what the names of its files say.
///
///     UUID.PID.open.jsonl      a segment that the process PID appends to, or did when it ended
///     UUID.PID.jsonl           a segment that nobody appends to any more
///     UUID.PID.torn            lines of that segment that a crash tore or something damaged, as they are
///     UUID.PID.rejected.jsonl  lines of that segment that the database refused, each with the reason
///     UUID.PID.held.jsonl      lines of that segment that it couldn't take, each with the reason: they still wait
///     *.new                    a file of the last three kinds that is being made
///     replay.lock              held while the spool is replayed
///     about.json               which database this is, for people
///
/// UUIDs of version 7 sort by time, so names do.
struct SpoolFolder: Sendable {
    /// What a file is.
    enum Kind: Sendable, Equatable { case open, sealed, torn, rejected, held, draft }

    /// A file of the folder.
    struct File: Sendable, Equatable {
        let kind: Kind
        /// The name up to the ending that says the kind.
        let stem: String

        init?(name: String) {
            let endings: [(String, Kind)] = [
                (".new", .draft), (".open.jsonl", .open), (".rejected.jsonl", .rejected),
                (".held.jsonl", .held), (".jsonl", .sealed), (".torn", .torn),
            ]
            guard let (ending, kind) = endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
            self.kind = kind
            stem = String(name.dropLast(ending.count))
        }
    }

    let path: String

    func open(_ stem: String) -> String { "\(path)/\(stem).open.jsonl" }
    func sealed(_ stem: String) -> String { "\(path)/\(stem).jsonl" }
    func torn(_ stem: String) -> String { "\(path)/\(stem).torn" }
    func rejected(_ stem: String) -> String { "\(path)/\(stem).rejected.jsonl" }
    func held(_ stem: String) -> String { "\(path)/\(stem).held.jsonl" }
    var lock: String { path + "/replay.lock" }
    var about: String { path + "/about.json" }

    /// A name that no other segment has.
    static func newStem() -> String { "\(Identifier.make()).\(getpid())" }

    /// When the segment of that name was begun, in seconds since 1970; nil for a name that isn't arc's.
    static func beginning(of stem: String) -> Double? {
        let digits = stem.prefix(13).filter { $0 != "-" }
        return digits.count == 12 ? UInt64(digits, radix: 16).map { Double($0) / 1000 } : nil
    }

    /// The names of what a folder holds, in no order. None where there is no folder.
    ///
    /// - Throws: `EvaluationError` with code `file` where the folder can't be read.
    static func names(in path: String) throws(EvaluationError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .spool("\(path) can't be read", errno: errno)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    /// The files, by name. None where there is no folder.
    ///
    /// - Throws: `EvaluationError` with code `file` where the folder can't be read.
    func files() throws(EvaluationError) -> [File] {
        var files: [File] = []
        for name in try Self.names(in: path) {
            if let file = File(name: name) { files.append(file) }
        }
        return files.sorted { ($0.stem, "\($0.kind)") < ($1.stem, "\($1.kind)") }
    }

    /// Makes the folder and those above it that are missing, for their owner alone, and syncs what holds them: a file
    /// is only as safe as the names that lead to it.
    func make() throws(EvaluationError) {
        var parent = ""
        for part in path.split(separator: "/") {
            let folder = "\(parent)/\(part)"
            if mkdir(folder, 0o700) == 0 {
                try Self.sync(parent.isEmpty ? "/" : parent)
            } else {
                let reason = errno
                // A parent that may only be passed answers EACCES or EROFS although the folder is there.
                guard reason == EEXIST || access(folder, X_OK) == 0 else {
                    throw .spool("\(folder) can't be made", errno: reason)
                }
            }
            parent = folder
        }
    }

    /// Syncs this folder and the two above it, `spool` and `arc`: the names in them are on the disk afterwards. Those
    /// above may have been made a moment ago by a process that hasn't synced them yet.
    func sync() throws(EvaluationError) {
        var folder = path[...]
        for _ in 0..<3 where folder.count > 1 {
            try Self.sync(String(folder))
            folder = folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]
        }
    }

    private static func sync(_ folder: String) throws(EvaluationError) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .spool("\(folder) can't be opened", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .spool("\(folder) can't be synced", errno: errno) }
    }

    /// Opens one of its files to read it; -1, and `errno`, where that fails. A pipe of such a name would have whoever opens
    /// it wait for somebody to write.
    static func openToRead(_ path: String) -> Int32 {
        Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }

    /// Whether the open file is the one that has that name.
    static func isStill(_ descriptor: Int32, at path: String) -> Bool {
        var mine = stat()
        var named = stat()
        return fstat(descriptor, &mine) == 0 && lstat(path, &named) == 0 && mine.st_ino == named.st_ino
            && mine.st_dev == named.st_dev
    }

    /// Takes an exclusive lock on an open file if nobody holds one.
    static func tryLock(_ descriptor: Int32) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }

    /// Writes all bytes at that place of a file.
    static func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = pwrite(
                    descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                if count == 0 { errno = ENOSPC }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}

extension EvaluationError {
    /// A file of the spool couldn't be used.
    static func spool(_ what: String, errno reason: Int32) -> EvaluationError {
        let advice =
            switch reason {
            case ENOSPC, EDQUOT, EFBIG:
                "Make room on its disk, or name another folder with XDG_STATE_HOME; `arc spool flush` empties "
                    + "the spool."
            case EACCES, EPERM, EROFS:
                "The spool needs a folder that it may write to: check its owner and mode, or name another with "
                    + "XDG_STATE_HOME."
            default: "See `arc doctor`."
            }
        return EvaluationError(.file, "\(what): \(String(cString: strerror(reason)))", advice: advice)
    }
}
