import ArcHost
import ArcKit
import Glibc
import Postgres

/// What can be said about this machine without any database.
struct MachineChecks: Sendable {
    let environment: [String: String]
    let folders: Folders

    /// PostgreSQL's programs, which the local server needs.
    func programs(_ local: LocalServer, isNeeded: Bool) async -> Check {
        let name = "postgresql"
        let version = local.status().version.flatMap { Int($0) }
        do {
            let found = try await ServerPrograms.find(local.search, dataVersion: version)
            return .ok(name, "\(found.version), its programs in \(found.directory)")
        } catch {
            guard isNeeded else {
                return .warn(name, "\(error.message) Only a local server would need them.", error.advice)
            }
            return .fail(name, error)
        }
    }

    /// Whether texts that aren't ASCII can be typed and shown.
    var locale: Check {
        let variable = ["LC_ALL", "LC_CTYPE", "LANG"].first { environment[$0]?.isEmpty == false }
        guard let variable, let value = environment[variable] else {
            return .warn("locale", "none is set", "Set one with UTF-8, such as LANG=C.UTF-8.")
        }
        let letters = value.uppercased().filter { $0.isLetter || $0.isNumber }
        guard letters.contains("UTF8") else {
            return .warn(
                "locale", "\(variable)=\(value) isn't UTF-8",
                "Set one with UTF-8, such as LANG=C.UTF-8: the prompt can't take other letters than ASCII's.")
        }
        return .ok("locale", "\(variable)=\(value)")
    }

    /// arc's own folders: whether they can be written to, and whether they are private.
    var ownFolders: [Check] {
        [("state folder", folders.state, true), ("data folder", folders.data, false)].map {
            folder($0.0, $0.1, isPrivate: $0.2)
        }
    }

    private func folder(_ name: String, _ path: String, isPrivate: Bool) -> Check {
        var entry = stat()
        guard stat(path, &entry) == 0 else {
            guard errno == ENOENT, let parent = Self.nearest(path), access(parent, W_OK) == 0 else {
                return .fail(
                    name, "\(path) can't be made or looked at",
                    "Check the owner and mode of the folders above it, or name another place with "
                        + "XDG_\(name == "state folder" ? "STATE" : "DATA")_HOME.")
            }
            return .ok(name, "\(path), not made yet")
        }
        let mode = String(entry.st_mode & 0o7777, radix: 8)
        guard access(path, W_OK | X_OK) == 0 else {
            return .fail(
                name, "\(path) can't be written to (mode \(mode), owner \(entry.st_uid))",
                "Make it yours: chown and chmod u+rwx.")
        }
        if isPrivate, entry.st_mode & 0o022 != 0 {
            return .warn(
                name, "\(path) can be changed by others (mode \(mode))", "Run: chmod go-w \(path)")
        }
        return .ok(name, "\(path) (mode \(mode))")
    }

    /// The room on the disks that outcomes and the local server are kept on.
    func room(localData: String) -> [Check] {
        [("disk of the spool", SpoolFolders(folders).base), ("disk of the local server", localData)]
            .compactMap {
                name, path in
                guard let parent = Self.nearest(path) else { return nil }
                var disk = statvfs()
                guard statvfs(parent, &disk) == 0 else { return nil }
                return Self.room(name, parent, free: Int64(disk.f_bavail) * Int64(disk.f_frsize))
            }
    }

    static func room(_ name: String, _ path: String, free: Int64) -> Check {
        let finding = "\(Figure.bytes(free)) free at \(path)"
        if free < 64 << 20 { return .fail(name, finding, "Make room before you record anything.") }
        if free < 1 << 30 { return .warn(name, finding, "Make room: a night's outcomes may take more.") }
        return .ok(name, finding)
    }

    /// The path, or the nearest folder above it that is there.
    private static func nearest(_ path: String) -> String? {
        var path = path[...]
        while !path.isEmpty, access(String(path), F_OK) != 0 {
            path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        }
        return path.isEmpty ? "/" : String(path)
    }

    /// What waits in the spools of all databases.
    var spools: [Check] {
        get async {
            do {
                var checks: [Check] = []
                for spool in try SpoolFolders(folders).all() {
                    checks += Self.checks(try await spool.status())
                }
                return checks.isEmpty ? [.ok("spool", "nothing waits")] : checks
            } catch {
                return [.fail("spool", error)]
            }
        }
    }

    static func checks(_ status: SpoolStatus) -> [Check] {
        let database = status.about ?? "database \(status.databaseID)"
        var checks: [Check] = []
        if status.outcomes > 0 {
            checks.append(
                .warn(
                    "spool",
                    "\(StoreNotes.outcomes(status.outcomes)) (\(Figure.bytes(status.bytes))) wait for \(database)",
                    "`arc spool flush` records them, as does the next command that connects to it."))
        }
        if status.held > 0 {
            checks.append(
                .warn(
                    "spool",
                    "\(StoreNotes.outcomes(status.held)) wait that \(database) couldn't take, although it took others: "
                        + status.heldReasons.prefix(3).joined(separator: "; "),
                    "See to that, and `arc spool flush`; so does the next command that connects to it."))
        }
        if status.rejected > 0 {
            checks.append(
                .warn(
                    "spool",
                    "\(StoreNotes.outcomes(status.rejected)) were refused by \(database): "
                        + status.reasons.prefix(3).joined(separator: "; "),
                    "They are in \(status.folder)/*.rejected.jsonl; `arc spool flush --rejected` tries again."
                ))
        }
        if status.torn > 0 {
            checks.append(
                .warn(
                    "spool",
                    "\(Figure.count(status.torn, "line", "lines")) for \(database) were torn by a crash or damaged",
                    "Nobody was told that these were kept, unless a disk failed. After a flush they are in "
                        + "\(status.folder)/*.torn; remove those files when you have seen them."))
        }
        if status.newer > 0 {
            checks.append(
                .warn(
                    "spool", "\(Figure.count(status.newer, "line", "lines")) were written by a newer arc",
                    "Flush with that one."))
        }
        return checks
            + status.problems.map { .fail("spool", $0, "Check the owner and mode of \(status.folder).") }
    }
}
