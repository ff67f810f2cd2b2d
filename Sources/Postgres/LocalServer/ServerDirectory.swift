import FoundationEssentials
import Glibc

/// Where a local server keeps what is its own.
///
///     BASE/server.lock          held while the server is being started, stopped or removed
///     BASE/server/data          PostgreSQL's data directory
///     BASE/server/data.new-…    a data directory that is being made
///     BASE/server/log           what the server says; log.1 is what it said before
///     BASE/server/socket/       the Unix socket; elsewhere if its path would be too long
public struct ServerDirectory: Sendable, Equatable {
    /// The directory that holds everything of the server except the lock.
    public let root: String
    /// The directory of the Unix socket: mode 0700, the server's account's own.
    public let socket: String
    /// Why the server isn't where it was asked to be; nil if it is.
    public let note: String?
    /// The user whom the server runs as; nil for the user of this process.
    let account: ServerAccount?

    var data: String { "\(root)/data" }
    var log: String { "\(root)/log" }
    var lock: String { "\(root).lock" }
    var socketFile: String { Self.socketFile(in: socket) }
    /// What the name of an unfinished data directory begins with.
    static let unfinished = "data.new-"
    /// The longest path of a Unix socket, in bytes (`sun_path` of unix(7), less the closing zero).
    static let longestSocketPath = 107

    /// The server's place under `base`, or under `rootBase` if `base` can't be reached by the unprivileged
    /// user whom root's server runs as. Only looks; creates nothing.
    ///
    /// - Parameters:
    ///   - base: an absolute path; need not exist yet.
    ///   - rootBase: an absolute path that every user can reach, such as `/var/lib/NAME`.
    ///   - socketBase: where a directory for the socket is made if it can't be under `base`.
    /// - Throws: `localServer` if there is no place that the server's account can reach.
    public init(
        base: String, rootBase: String, socketBase: String = "/tmp"
    ) throws(DatabaseError) {
        var account = try ServerAccount.forThisProcess()
        var chosen = base
        var note: String?
        if account != nil {
            // A server that is there stays its owner's, for example under `sudo` with the caller's HOME.
            let owner = [base, rootBase].lazy.compactMap { Self.owner(of: "\($0)/server") }.first { $0 != 0 }
            account = owner.flatMap { ServerAccount(userID: $0) } ?? account
        }
        if let account, !account.canReach(base) {
            guard account.canReach(rootBase) else {
                throw DatabaseError(
                    .localServer,
                    "Root's server runs as the user \(account.name), who can reach neither \(base) "
                        + "nor \(rootBase).",
                    advice: "Make one of them passable (chmod o+x on it and the directories above it).")
            }
            chosen = rootBase
            note = "\(base) can't be reached by the user \(account.name), whom root's server runs as."
        }
        self.account = account
        self.note = note
        self.root = "\(chosen)/server"
        // pg_ctl writes it into a shell command between double quotes, and into a file of lines.
        guard !root.unicodeScalars.contains(where: { "\"\\$`".unicodeScalars.contains($0) || $0.value < 32 })
        else {
            throw DatabaseError(
                .localServer, "The path \(root) has a character that PostgreSQL's programs can't take.",
                advice: "Choose a directory without \" \\ $ ` and control characters in its path.")
        }
        let inside = "\(root)/socket"
        // libpq takes a comma for the end of one host and the beginning of the next.
        if Self.socketFile(in: inside).utf8.count <= Self.longestSocketPath, !inside.contains(",") {
            self.socket = inside
        } else {
            let owner = account?.userID ?? geteuid()
            self.socket = "\(socketBase)/pg-\(owner)-\(Self.hash("\(root)/data"))"
        }
    }

    /// Makes the directories that are missing, with the right owners.
    ///
    /// - Throws: `localServer` naming the directory that can't be made or is somebody else's.
    func create() throws(DatabaseError) {
        try makeAncestors()
        try makePrivate(root)
        try makePrivate(socket)
    }

    /// Makes a directory with mode 0700 that belongs to the server's account, or sees that it is one.
    private func makePrivate(_ path: String) throws(DatabaseError) {
        let user = account?.userID ?? geteuid()
        let made = mkdir(path, 0o700) == 0
        guard made || errno == EEXIST else { throw Self.failure("can't be made", path) }
        var entry = stat()
        guard lstat(path, &entry) == 0 else { throw Self.failure("can't be looked at", path) }
        guard entry.st_mode & S_IFMT == S_IFDIR else {
            throw DatabaseError(
                .localServer, "\(path) should be a directory of the local server, and isn't one.",
                advice: "Move it away.")
        }
        // Root's own is one that it had no time to give away.
        if let account, entry.st_uid == 0 {
            guard lchown(path, account.userID, account.groupID) == 0 else {
                throw Self.failure("can't be given to \(account.name)", path)
            }
            entry.st_uid = user
        }
        guard entry.st_uid == user else {
            throw DatabaseError(
                .localServer,
                "\(path) belongs to another user (id \(entry.st_uid)), not to the local server's "
                    + "(id \(user)).",
                advice: "Work as that user, or choose another directory.")
        }
        guard entry.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw Self.failure("can't be made private", path)
        }
    }

    /// Makes the directories down to the one that the lock is in.
    func makeAncestors() throws(DatabaseError) {
        var ancestor = ""
        for part in root.split(separator: "/").dropLast() {
            ancestor += "/\(part)"
            if mkdir(ancestor, 0o755) == 0 {
                // Whatever the umask: the server's account must get through.
                if account != nil { chmod(ancestor, 0o755) }
            } else {
                guard errno == EEXIST || access(ancestor, X_OK) == 0 else {
                    throw Self.failure("can't be made", ancestor)
                }
            }
        }
    }

    private static func socketFile(in directory: String) -> String { "\(directory)/.s.PGSQL.5432" }

    static func owner(of path: String) -> uid_t? {
        var entry = stat()
        return lstat(path, &entry) == 0 ? entry.st_uid : nil
    }

    /// FNV-1a, 64 bits, in hexadecimal: the same in every process, which Swift's Hasher isn't.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(value, radix: 16)
    }

    static func failure(_ what: String, _ path: String) -> DatabaseError {
        let reason = String(cString: strerror(errno))
        return DatabaseError(
            .localServer, "\(path) \(what): \(reason).",
            advice: "The local server needs a directory that it can write to.")
    }
}
