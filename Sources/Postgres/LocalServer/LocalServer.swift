import FoundationEssentials
import Glibc

/// A private PostgreSQL server on this machine that nobody had to set up: made at the first start, on a Unix
/// socket that only its user can reach, left running for the next process.
///
/// Several processes may use one at once; each change is made under a lock that they share.
public struct LocalServer: Sendable {
    /// Where everything of the server is.
    public let directory: ServerDirectory
    /// What it is made with and how it runs.
    public let settings: ServerSettings
    /// Where to look for PostgreSQL's programs.
    public let search: ServerProgramSearch
    /// How long a start or a stop may take. Recovery after a crash can take a minute.
    var patience: Duration = .seconds(120)

    /// Describes a server; touches nothing yet.
    public init(
        _ directory: ServerDirectory, settings: ServerSettings = .init(),
        search: ServerProgramSearch = .init()
    ) {
        self.directory = directory
        self.settings = settings
        self.search = search
    }

    /// How to connect to the server when it runs.
    public var options: ConnectionOptions {
        get throws(DatabaseError) {
            try ConnectionOptions(keywords: [
                "host": directory.socket, "port": "5432", "user": settings.role, "dbname": settings.database,
            ])
        }
    }

    /// Brings the server up, making it first if need be. Does next to nothing if it runs already.
    ///
    /// - Returns: how to connect.
    /// - Throws: `serverNotInstalled` without PostgreSQL's programs; `localServer` if it doesn't come up, with
    ///   the last lines that the server wrote.
    @discardableResult
    public func start() async throws(DatabaseError) -> ConnectionOptions {
        if directory.look() == .init(data: .present, postmaster: .ready, socket: true) { return try options }
        try directory.makeAncestors()
        let lock = try await ServerLock.acquire(directory.lock)
        try directory.create()
        try await reach(.running)
        _ = consume lock
        return try options
    }

    /// Ends the server; connections are closed, what they had open is rolled back. Nothing happens if it
    /// isn't running.
    ///
    /// - Throws: `localServer` if it doesn't end in time.
    public func stop() async throws(DatabaseError) {
        guard directory.look().data != .absent else { return }
        let lock = try await ServerLock.acquire(directory.lock)
        try await reach(.stopped)
        _ = consume lock
    }

    /// Ends the server and removes its directory with all data in it.
    ///
    /// - Throws: `localServer`, having removed nothing, if there is anything in the directory that isn't a
    ///   server's.
    public func destroy() async throws(DatabaseError) {
        guard access(directory.root, F_OK) == 0 else { return }
        let lock = try await ServerLock.acquire(directory.lock)
        try directory.refuseStrangers()
        try await reach(.stopped)
        try directory.remove()
        _ = consume lock
    }

    /// One look at the server; starts nothing and waits for nothing.
    public func status() -> ServerStatus { directory.status() }

    /// Looks and acts until the goal is reached.
    private func reach(_ goal: LocalServerState.Goal) async throws(DatabaseError) {
        var state = LocalServerState(goal: goal, deadline: .now + patience)
        while true {
            var action = state.next(directory.look(), now: .now)
            if action == .launch {
                let launch = try await launch()
                if launch.succeeded { continue }
                action = state.launchFailed(memoryInUse: launch.memoryInUse, now: .now)
                if case .fail = action { throw launch.error(log: directory.log) }
            }
            switch action {
            case .initialise:
                directory.removeUnfinished()
                try await initialise()
            case .removePostmasterFile:
                unlink(PostmasterFile.path(directory.data))
            case .shutDown:
                try await shutDown()
            case .wait:
                try await pause()
            case .finish:
                return
            case .fail(let failure):
                throw directory.error(failure, goal: goal, patience: patience)
            case .launch:
                break
            }
        }
    }

    private func pause() async throws(DatabaseError) {
        do {
            try await Task.sleep(for: .milliseconds(100))
        } catch {
            throw DatabaseError(.cancelled, "Cancelled while waiting for the local server.")
        }
    }
}
