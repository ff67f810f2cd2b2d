import Glibc

/// The unprivileged user that the server runs as when this process is root's. PostgreSQL refuses to be root.
public struct ServerAccount: Sendable, Equatable {
    /// The user's name.
    public let name: String
    /// The user's id.
    public let userID: UInt32
    /// The id of the user's own group.
    public let groupID: UInt32

    /// The account for this process: nil unless it is root's; then `postgres` if there is such a user, else
    /// `nobody`.
    ///
    /// - Throws: `localServer` if root has neither user.
    public static func forThisProcess() throws(DatabaseError) -> ServerAccount? {
        guard geteuid() == 0 else { return nil }
        if let account = ServerAccount(named: "postgres") ?? ServerAccount(named: "nobody") { return account }
        throw DatabaseError(
            .localServer,
            "PostgreSQL doesn't run as root, and there is neither a user postgres nor a user nobody.",
            advice: "Add one (useradd --system postgres), or run this as an ordinary user.")
    }

    init?(named name: String) {
        self.init { getpwnam_r(name, $0, $1, $2, $3) }
    }

    init?(userID: UInt32) {
        self.init { getpwuid_r(userID, $0, $1, $2, $3) }
    }

    private typealias Lookup = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> CInt

    private init?(_ look: Lookup) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var text = [CChar](repeating: 0, count: 16384)
        let name = text.withUnsafeMutableBufferPointer { buffer -> String? in
            guard look(&entry, buffer.baseAddress!, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return String(cString: entry.pw_name)
        }
        guard let name else { return nil }
        self.name = name
        self.userID = entry.pw_uid
        self.groupID = entry.pw_gid
    }

    /// Whether the user may pass through every directory on the way to `path`, itself included if it is
    /// there. Access control lists aren't looked at: what only they allow counts as closed.
    func canReach(_ path: String) -> Bool {
        var ancestor = ""
        for part in path.split(separator: "/") {
            ancestor += "/\(part)"
            var entry = stat()
            guard stat(ancestor, &entry) == 0 else { return errno == ENOENT }
            guard permissions(entry) & 0o1 != 0 else { return false }
        }
        return true
    }

    /// Whether the user may make and remove things in a directory that is there.
    func canWrite(in directory: String) -> Bool {
        var entry = stat()
        return canReach(directory) && stat(directory, &entry) == 0 && permissions(entry) & 0o2 != 0
    }

    /// What the user may do, as three bits: read, write, pass through.
    private func permissions(_ entry: stat) -> mode_t {
        if entry.st_uid == userID { return entry.st_mode >> 6 & 0o7 }
        return (entry.st_gid == groupID ? entry.st_mode >> 3 : entry.st_mode) & 0o7
    }
}
