import Glibc
public import Postgres

/// What waits in one database's spool, and what was set aside there.
public struct SpoolStatus: Sendable, Hashable {
    /// What waits of one simulation.
    public struct Simulation: Sendable, Hashable {
        /// Its id.
        public let id: String
        /// Its name, where it has one.
        public let name: String?
        /// How many outcomes wait.
        public var outcomes = 0
        /// How many bytes they take.
        public var bytes: Int64 = 0
        /// When the oldest file that holds some was begun.
        public var oldest: Timestamp?
    }

    /// The folder.
    public let folder: String
    /// The id of the database.
    public let databaseID: String
    /// Which database it is, for people; nil where nobody knows any more.
    public let about: String?
    /// How many files hold what waits.
    public var files = 0
    /// How many bytes those files take.
    public var bytes: Int64 = 0
    /// When the oldest of them was begun.
    public var oldest: Timestamp?
    /// What waits, by simulation; the oldest first.
    public var simulations: [Simulation] = []
    /// How many lines are torn or damaged: those set aside, and those that the next replay sets aside.
    public var torn = 0
    /// How many outcomes the database refused.
    public var rejected = 0
    /// Why they were, each once.
    public var reasons: [String] = []
    /// How many outcomes wait that the database couldn't take the last time, although it took others.
    public var held = 0
    /// Why it couldn't, each once.
    public var heldReasons: [String] = []
    /// How many lines are of a version that this arc doesn't know.
    public var newer = 0
    /// Why something can't be told, such as a file that can't be read.
    public var problems: [String] = []

    /// How many outcomes wait, without those that are held.
    public var outcomes: Int { simulations.reduce(0) { $0 + $1.outcomes } }

    /// Whether there is nothing of any kind.
    public var isEmpty: Bool {
        files == 0 && torn == 0 && rejected == 0 && held == 0 && problems.isEmpty
    }
}

extension SpoolStatus {
    /// Looks at every line of the folder. Takes no lock that anybody would wait for, and changes nothing.
    init(_ folder: SpoolFolder) throws(EvaluationError) {
        self.folder = folder.path
        databaseID = String(folder.path.split(separator: "/").last ?? "")
        about = folder.description
        for file in try folder.files() {
            do {
                switch file.kind {
                case .open: try look(at: folder.open(file.stem), file.stem)
                case .sealed: try look(at: folder.sealed(file.stem), file.stem)
                case .torn: torn += try Self.lines(of: folder.torn(file.stem)).count
                case .rejected: rejected += try Self.count(folder.rejected(file.stem), &reasons)
                case .held: held += try Self.count(folder.held(file.stem), &heldReasons)
                case .draft: break
                }
            } catch {
                problems.append(error.message)
            }
        }
        simulations.sort { ($0.oldest?.microseconds ?? 0, $0.id) < ($1.oldest?.microseconds ?? 0, $1.id) }
    }

    private mutating func look(at path: String, _ stem: String) throws(EvaluationError) {
        var entry = stat()
        guard stat(path, &entry) == 0, entry.st_size > 0 else { return }
        let begun = SpoolFolder.beginning(of: stem).flatMap { Timestamp(unixMicroseconds: Int64($0 * 1e6)) }
        files += 1
        bytes += Int64(entry.st_size)
        oldest = [oldest, begun].compactMap { $0 }.min()
        var reader = try SpoolReader(path)
        while let line = try reader.next() {
            switch SpoolLine.decode(line.bytes) {
            case .entry(let entry): count(entry, begun)
            case .newer: newer += 1
            case .damaged: if line.isEnded || !Self.isBeingWritten(path) { torn += 1 }
            }
        }
    }

    private mutating func count(_ entry: SpoolLine.Entry, _ begun: Timestamp?) {
        let id = entry.simulation.id
        let index =
            simulations.firstIndex { $0.id == id }
            ?? {
                simulations.append(Simulation(id: id, name: entry.simulation.name))
                return simulations.count - 1
            }()
        simulations[index].outcomes += 1
        simulations[index].bytes += Int64(entry.bytes.count + 1)
        simulations[index].oldest = [simulations[index].oldest, begun].compactMap { $0 }.min()
    }

    /// A line without its end may be one that is on its way just now.
    private static func isBeingWritten(_ path: String) -> Bool {
        let descriptor = SpoolFolder.openToRead(path)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// How many lines a file of failures has; adds their reasons, each once.
    private static func count(_ path: String, _ reasons: inout [String]) throws(EvaluationError) -> Int {
        let lines = try lines(of: path)
        for reason in lines.compactMap({ SpoolFailure($0)?.reason }) where !reasons.contains(reason) {
            reasons.append(reason)
        }
        return lines.count
    }

    private static func lines(of path: String) throws(EvaluationError) -> [[UInt8]] {
        var reader = try SpoolReader(path)
        var lines: [[UInt8]] = []
        while let line = try reader.next() { lines.append(line.bytes) }
        return lines
    }
}

extension SpoolFolder {
    /// Whether there is a segment that isn't empty, or something that is held.
    var isWaiting: Bool {
        let files = (try? files()) ?? []
        return files.contains { file in
            var entry = stat()
            switch file.kind {
            case .open: return stat(open(file.stem), &entry) == 0 && entry.st_size > 0
            case .sealed, .held: return true
            default: return false
            }
        }
    }

    /// Writes down which database this is, for people, unless that is there already.
    func describe(_ about: String) {
        let descriptor = Glibc.open(self.about, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var json = JSONBytes()
        json.open()
        json.member("database", about)
        json.close()
        // Nothing depends on it: where it can't be written, the id has to do.
        _ = Self.write(json.bytes + [UInt8(ascii: "\n")], to: descriptor, at: 0)
    }

    /// What `describe` wrote down.
    var description: String? {
        guard var reader = try? SpoolReader(about), let line = try? reader.next() else { return nil }
        return (try? JSONReader.value(of: line.bytes))?["database"]?.string
    }
}
