import FoundationEssentials
import Glibc
import Testing

@testable import Postgres

/// A directory of its own for a test of the local server, in which nothing is left running or lying about.
struct Scratch {
    let base: String

    /// The directory that is removed in the end; the base is in it.
    var top: String { "/" + base.split(separator: "/").prefix(2).joined(separator: "/") }

    var directory: ServerDirectory {
        get throws { try ServerDirectory(base: base, rootBase: base, socketBase: top) }
    }

    func server(_ search: ServerProgramSearch = .init()) throws -> LocalServer {
        LocalServer(try directory, search: search)
    }

    /// Runs `body` with a directory that every user can pass through, since root's server isn't root's.
    static func with(_ name: String = "base", _ body: (Scratch) async throws -> Void) async throws {
        var template = Array("/tmp/scratch-XXXXXX".utf8CString)
        let made = mkdtemp(&template).map { String(cString: $0) }
        let top = try #require(made)
        chmod(top, 0o755)
        let scratch = Scratch(base: "\(top)/\(name)")
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(scratch))
        } catch {
            result = .failure(error)
        }
        try? await scratch.server().stop()
        try? FileManager.default.removeItem(atPath: top)
        try result.get()
    }

    /// One value from the server, as text.
    func ask(_ server: LocalServer, _ sql: String) async throws -> String {
        let programs = try await ServerPrograms.find()
        let command = ServerCommand(programs: programs.directory, account: server.directory.account)
        let said = try await command.run(
            "psql", ["-XAtq", "-h", server.directory.socket, "-U", "arc", "-d", "arc", "-c", sql])
        try #require(said.succeeded, "\(said.text)")
        return String(said.text.prefix { !$0.isNewline })
    }
}

extension LocalServer {
    /// The process id of the server; a failure of the test if it isn't running.
    func runningPID() throws -> pid_t {
        guard case .running(let pid, _) = status().phase else {
            Issue.record("the server is \(status().phase)")
            throw DatabaseError(.localServer, "not running")
        }
        return pid
    }
}

/// Whether a process is there and isn't a zombie.
func isAlive(_ pid: pid_t) -> Bool {
    guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
    return !line.isEmpty
}

/// Waits for something that another process does; nothing tells us when.
func eventually(within limit: Duration = .seconds(30), _ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(20))
    }
    return true
}
