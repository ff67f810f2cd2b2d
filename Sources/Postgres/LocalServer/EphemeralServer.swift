import FoundationEssentials
import Glibc
import Subprocess
import Synchronization

/// A throw-away server in a temporary directory. It ends and leaves nothing behind when ``stop()`` is
/// called, and also when this process ends in whatever way, `kill -9` included: a small process beside it
/// waits on a pipe that only this process holds open.
public final class EphemeralServer: Sendable {
    /// How to connect to it.
    public let options: ConnectionOptions
    /// The temporary directory that holds everything of the server.
    public let directory: String
    private let watcher: Watcher

    /// Makes and starts a server; about a second.
    ///
    /// - Parameters:
    ///   - settings: ``ServerSettings/durable`` is taken as false, whatever it says.
    ///   - search: where to look for PostgreSQL's programs.
    ///   - temporary: where to make the directory; the first of `TMPDIR`, `/tmp` and `/var/tmp` that the
    ///     server's user can write to unless given.
    /// - Throws: `serverNotInstalled` without PostgreSQL's programs; `localServer` if the server doesn't
    ///   start.
    public init(
        settings: ServerSettings = .init(), search: ServerProgramSearch = .init(), temporary: String? = nil
    ) async throws(DatabaseError) {
        let programs = try await ServerPrograms.find(search)
        let base = try Self.freePath(in: temporary)
        let place = try ServerDirectory(base: base, rootBase: base)
        watcher = Watcher(
            command: ServerCommand(programs: programs.directory, account: place.account), base: base,
            place: place)
        directory = base
        guard await watcher.hasMade(base) else {
            await watcher.finish()
            throw DatabaseError(
                .localServer, "The temporary directory \(base) can't be made.",
                advice: "Set TMPDIR to a directory that has room and can be written to.")
        }
        var settings = settings
        settings.durable = false
        do {
            options = try await LocalServer(place, settings: settings, search: search).start()
        } catch {
            await watcher.finish()
            throw error
        }
    }

    /// Ends the server and waits until its directory is gone. May be called more than once.
    public func stop() async { await watcher.finish() }

    /// A path for the server's directory. The watcher makes it: whatever is there is then watched already.
    private static func freePath(in given: String?) throws(DatabaseError) -> String {
        let account = try ServerAccount.forThisProcess()
        let standard = [getenv("TMPDIR").map { String(cString: $0) }, "/tmp", "/var/tmp"]
        for parent in given.map({ [$0] }) ?? standard.compactMap(\.self) {
            guard access(parent, W_OK) == 0, account?.canWrite(in: parent) ?? true else { continue }
            return "\(parent)/pg-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        }
        throw DatabaseError(
            .localServer, "There is no temporary directory for a server.",
            advice: "Set TMPDIR to a directory that \(account?.name ?? "you") can write to.")
    }
}

/// The process that cleans up after an ephemeral server.
private final class Watcher: Sendable {
    private let process: Task<Void, Never>
    private let finished: AsyncStream<Void>.Continuation
    private let hasEnded = Flag()

    /// Makes the directory, and cleans up on a line or the end of its input. The server may only just be starting, or its directory be
    /// filling, when its owner dies: hence the repetition.
    private static let script = """
        trap '' HUP INT TERM
        mkdir -m 700 "$2" || exit 1
        read -r line
        tries=0
        while [ -e "$2" ] && [ $tries -lt 100 ]; do
            pg_ctl stop --pgdata "$1" --mode=immediate --silent --wait --timeout 10
            rm -rf "$3" "$2" && [ ! -e "$2" ] && break
            tries=$((tries + 1))
            sleep 0.1
        done
        """

    init(command: ServerCommand, base: String, place: ServerDirectory) {
        let (asked, finished) = AsyncStream<Void>.makeStream()
        self.finished = finished
        let hasEnded = hasEnded
        process = Task.detached {
            _ = try? await Subprocess.run(
                .name("sh"),
                arguments: command.arguments(
                    "sh", ["-c", Self.script, "sh", place.data, base, place.socket]),
                environment: command.environment, platformOptions: command.platformOptions,
                input: .inputWriter, output: .discarded, error: .discarded
            ) { execution in
                for await _ in asked {}
                try await execution.standardInputWriter.finish()
            }
            hasEnded.set()
        }
    }

    /// Waits until the directory is there; false where the watcher ended without making it.
    func hasMade(_ base: String) async -> Bool {
        while access(base, F_OK) != 0 {
            if hasEnded.isSet { return access(base, F_OK) == 0 }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    func finish() async {
        finished.finish()
        await process.value
    }
}

/// Something that happens once.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
