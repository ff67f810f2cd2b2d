import FoundationEssentials
import Glibc

/// PostgreSQL's `postmaster.pid`: what a running server says about itself, and what one that was killed
/// leaves behind. (Its lines are those of PostgreSQL's miscadmin.h, LOCK_FILE_LINE_….)
struct PostmasterFile: Equatable {
    /// Who has the number that the file names.
    enum Holder: Equatable {
        /// The server of this data directory.
        case server
        /// Some other process, or one that is dead and that nobody has waited for: the file is stale, and
        /// PostgreSQL would take it for a live server's.
        case stranger
        /// Nobody: the file is stale, and PostgreSQL replaces it.
        case nobody
    }

    let pid: pid_t
    /// When the server started, in seconds since 1970.
    let startedAt: Int
    /// `starting`, `ready`, `stopping`, `standby`; empty before the server has come so far.
    let phase: String

    /// Reads the text of the file; nil if it doesn't begin with a process id.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let pid = lines.first.flatMap({ pid_t($0) }), pid > 0 else { return nil }
        self.pid = pid
        self.startedAt = lines.count > 2 ? Int(lines[2]) ?? 0 : 0
        self.phase = lines.count > 7 ? String(lines[7].prefix { $0 != " " }) : ""
    }

    /// The file of a data directory; nil if there is none.
    init?(data: String) {
        guard let text = try? String(contentsOfFile: Self.path(data), encoding: .utf8) else { return nil }
        self.init(text)
    }

    static func path(_ data: String) -> String { "\(data)/postmaster.pid" }

    /// Who has the process id now.
    ///
    /// A process id alone proves nothing: after a crash or a reboot it may be anybody's. The server is known
    /// by its command line, `…/postgres -D DATA`, which every user can read, also where root lacks the right
    /// to look at other things of another user's process (containers).
    func holder(data: String) -> Holder {
        guard let arguments = Self.arguments(of: pid), let program = arguments.first else {
            return kill(pid, 0) == 0 || errno == EPERM ? .stranger : .nobody
        }
        let isPostgres = program.split(separator: "/").last == "postgres"
        return isPostgres && arguments.dropFirst().contains { Self.same($0, data) } ? .server : .stranger
    }

    private static func arguments(of pid: pid_t) -> [Substring]? {
        let path = "/proc/\(pid)/cmdline"
        guard let bytes = FileManager.default.contents(atPath: path), !bytes.isEmpty else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\0")
    }

    private static func same(_ argument: Substring, _ data: String) -> Bool {
        if argument == data { return true }
        guard argument.hasPrefix("/") else { return false }
        return resolved(String(argument)) == resolved(data)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
