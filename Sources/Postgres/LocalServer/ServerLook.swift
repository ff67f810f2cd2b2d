import FoundationEssentials
import Glibc

/// What there is in a server's directory: looking, and removing.
extension ServerDirectory {
    /// What of a server is here, and what it is doing.
    func look() -> LocalServerState.Sighting {
        let file = PostmasterFile(data: data)
        let postmaster: LocalServerState.Sighting.Postmaster =
            switch (file?.holder(data: data), file?.phase) {
            case (nil, _), (.nobody, _): .none
            case (.stranger, _): .impostor
            case (.server, "ready"), (.server, "standby"): .ready
            case (.server, "stopping"): .stopping
            case (.server, _): .starting
            }
        return .init(
            data: lookAtData(), postmaster: postmaster, socket: access(socketFile, F_OK) == 0)
    }

    private func lookAtData() -> LocalServerState.Sighting.Data {
        if dataVersion != nil { return .present }
        return access(data, F_OK) == 0 ? .foreign : .absent
    }

    /// The major version of PostgreSQL that the data belongs to; nil if there is no data.
    var dataVersion: Int? {
        guard let text = try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8) else {
            return nil
        }
        return Int(text.prefix { $0.isNumber })
    }

    func status() -> ServerStatus {
        let seen = look()
        let file = PostmasterFile(data: data)
        let phase: ServerStatus.Phase =
            switch (seen.data, seen.postmaster) {
            case (.absent, _), (.foreign, _): .notInitialised
            case (.present, .starting): .starting(pid: file?.pid ?? 0)
            case (.present, .ready): .running(pid: file?.pid ?? 0, since: file?.startedAt ?? 0)
            case (.present, .stopping): .stopping(pid: file?.pid ?? 0)
            case (.present, .none), (.present, .impostor): .stopped
            }
        return ServerStatus(
            phase: phase, version: dataVersion.map(String.init), data: data, socket: socket, log: log,
            account: account?.name, note: note)
    }

    /// Throws if something here isn't a server's, so that nothing else is ever removed.
    func refuseStrangers() throws(DatabaseError) {
        let strangers = names().filter { name in
            switch name {
            case "data": dataVersion == nil || access("\(data)/global/pg_control", F_OK) != 0
            case "log", "log.1", "socket": false
            default: !name.hasPrefix(Self.unfinished)
            }
        }
        guard strangers.isEmpty else {
            throw DatabaseError(
                .localServer,
                "\(root) isn't a local server's directory and is left as it is: it holds "
                    + "\(strangers.sorted().prefix(5).joined(separator: ", ")).",
                advice: "Move away what isn't the server's, or remove the directory yourself.")
        }
    }

    /// Removes everything that is the server's.
    func remove() throws(DatabaseError) {
        for path in [data, socket, root] where Self.owner(of: path) == account?.userID ?? geteuid() {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                throw DatabaseError(
                    .localServer, "\(path) can't be removed: \(error).",
                    advice: "Remove it yourself; the server is stopped.")
            }
        }
    }

    /// Removes data directories that somebody began to make and didn't finish.
    func removeUnfinished() {
        for name in names() where name.hasPrefix(Self.unfinished) {
            try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
        }
    }

    private func names() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    }

    func error(
        _ failure: LocalServerState.Failure, goal: LocalServerState.Goal, patience: Duration
    ) -> DatabaseError {
        switch failure {
        case .foreignData:
            return DatabaseError(
                .localServer, "\(data) is there and isn't a PostgreSQL data directory.",
                advice: "Move it away; a new one is made at the next start.")
        case .noEffect:
            return DatabaseError(
                .localServer,
                "The local server in \(root) can't be \(goal == .running ? "started" : "stopped").",
                advice: "Check that its files may be changed and its process may be signalled; see \(log).")
        case .timeout, .launch:
            let what = goal == .running ? "come up" : "end"
            return DatabaseError(
                .localServer, "The local server in \(root) didn't \(what) within \(patience).",
                advice: "It may be recovering from a crash: look at \(log), and try again.")
        }
    }
}
