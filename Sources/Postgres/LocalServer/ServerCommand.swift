import FoundationEssentials
import Subprocess

/// Runs PostgreSQL's programs, as the server's account.
struct ServerCommand: Sendable {
    /// What a program left behind when it ended.
    struct Outcome: Sendable {
        let succeeded: Bool
        /// Standard output and standard error together.
        let text: String
    }

    /// The directory of the programs.
    let programs: String
    /// The user to run them as; nil for the user of this process.
    let account: ServerAccount?

    /// What the programs see: nothing of the caller's `PG*` variables, English messages.
    var environment: Environment {
        .custom(["PATH": "\(programs):/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"])
    }

    /// A session of its own, so that Ctrl-C at a terminal doesn't reach the server.
    var platformOptions: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }

    /// The arguments of `sh` that run a program as the account.
    ///
    /// PostgreSQL's programs fail where they can't read the directory that they are started in, such as
    /// root's home; hence the `cd`. The account is taken on by setpriv(1), since `PlatformOptions.userID`
    /// isn't safe in a process with several threads: its child calls glibc's setgroups(3) after a bare
    /// clone(2), and that waits for threads which the child doesn't have.
    func arguments(_ program: String, _ arguments: [String]) -> Arguments {
        var prefix: [String] = []
        if let account {
            prefix = [
                "setpriv", "--reuid=\(account.userID)", "--regid=\(account.groupID)",
                "--groups=\(account.groupID)", "--",
            ]
        }
        return .init(["-c", "cd / && exec \"$@\"", "sh"] + prefix + [program] + arguments)
    }

    /// Runs a program to its end.
    ///
    /// The program must not leave anything behind that holds its output open: `pg_ctl start` needs `-l`.
    ///
    /// - Throws: `localServer` if it can't be run at all. A failing exit status isn't thrown.
    func run(_ program: String, _ arguments: [String], input: String = "") async throws(DatabaseError)
        -> Outcome
    {
        do {
            let result = try await Subprocess.run(
                .name("sh"), arguments: self.arguments(program, arguments),
                environment: environment, platformOptions: platformOptions,
                input: .string(input), output: .string(limit: 1 << 20), error: .combinedWithOutput)
            return Outcome(
                succeeded: result.terminationStatus.isSuccess, text: result.standardOutput)
        } catch {
            if Task.isCancelled { throw DatabaseError(.cancelled, "Cancelled while \(program) was running.") }
            throw DatabaseError(
                .localServer, "\(program) in \(programs) can't be run: \(error).",
                advice: account.map { "The server runs as the user \($0.name); check that \($0.name) may." })
        }
    }
}
