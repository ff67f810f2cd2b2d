import Foundation
import Glibc
import Postgres
import TestServer

/// The real `arc`, run with pipes, in a home and with an environment of its own.
final class Program: Sendable {
    /// How a program ended, and what it wrote.
    struct Result: Sendable {
        /// The exit status: 128 and the signal that ended it, where one did.
        let status: Int32
        let output: String
        let notes: String
    }

    /// A wait that was in vain.
    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    /// `arc`, which lies beside the tests.
    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "arc").path
    }()

    /// The package's folder.
    static let package = String(#filePath.dropLast("/Tests/ArcShellTests/Program.swift".count))

    /// The variables that every arc of the tests has; nothing of the person's who runs the tests.
    static func environment(home: String, url: String? = nil, _ more: [String: String] = [:]) -> [String:
        String]
    {
        var variables = [
            "HOME": home, "XDG_STATE_HOME": home + "/state", "XDG_DATA_HOME": home + "/data",
            "XDG_CONFIG_HOME": home + "/config", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        ]
        for name in ["ARC_PG_BIN", "LD_LIBRARY_PATH", "TMPDIR"] {
            variables[name] = getenv(name).map { String(cString: $0) }
        }
        variables["ARC_DATABASE_URL"] = url
        return variables.merging(more) { $1 }
    }

    private let process: pid_t
    private let files: TemporaryDirectory
    private let notes: NoteReader

    /// Starts a program in a folder.
    init(
        program: String = Program.path, _ arguments: [String], environment: [String: String],
        input: String = "",
        folder: String
    ) throws {
        files = try TemporaryDirectory()
        let (input, output, notes) = try Self.prepare(files.path, input)
        self.notes = try NoteReader(notes)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, notes, O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSIGDEF: whoever runs the tests may ignore Ctrl-C, arc must not inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, 0x04)

        var argv = (["env", "-C", folder, program] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var started: pid_t = 0
        let failure = posix_spawn(&started, "/usr/bin/env", &actions, &attributes, &argv, &envp)
        guard failure == 0 else { throw Timeout(description: "posix_spawn \(program): \(failure)") }
        process = started
    }

    /// Files for the three descriptors. Standard error is a FIFO, so that it can be waited for; the program opens
    /// it by its path, so that no other program holds it open.
    private static func prepare(
        _ folder: String, _ input: String
    ) throws -> (input: String, output: String, notes: String) {
        let paths = (folder + "/input", folder + "/output", folder + "/notes")
        try Data(input.utf8).write(to: URL(filePath: paths.0))
        guard mkfifo(paths.2, 0o600) == 0 else { throw Timeout(description: "mkfifo: \(errno)") }
        return paths
    }

    /// Runs a program to its end.
    static func run(
        _ arguments: [String], environment: [String: String], input: String = "", folder: String
    ) async throws -> Result {
        try await Program(arguments, environment: environment, input: input, folder: folder).end()
    }

    /// What everybody on the machine sees of the program's command line, and of those that it started.
    var commandLines: String {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.filter { $0 == process || Self.parent(of: $0) == process }
            .compactMap { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") }
            .map { String(decoding: $0, as: UTF8.self).replacing("\0", with: " ") }.joined(separator: "\n")
    }

    private static func parent(of process: Int32) -> Int32? {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        let fields =
            String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 1 ? Int32(fields[1]) : nil
    }

    /// Presses Ctrl-C.
    func interrupt() { Glibc.kill(process, SIGINT) }

    /// Ends it without a chance to do anything more.
    func kill() { Glibc.kill(process, SIGKILL) }

    /// The most memory that the program had at once until now; nil once it has ended.
    var peakKilobytes: Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else {
            return nil
        }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split { !$0.isNumber }.first.flatMap { Int($0) }
    }

    /// Waits until the program has written that to standard error.
    func waitForNote(_ text: String, within seconds: Double = 30) async throws {
        try await OwnThread.run { [notes] in try notes.wait(within: seconds) { $0.contains(text) } }
    }

    /// Waits until the program has written that to standard output.
    func waitForOutput(_ text: String, within seconds: Double = 30) async throws {
        let file = URL(filePath: files.path + "/output")
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self).contains(text) {
            guard ContinuousClock.now < deadline else {
                throw Timeout(description: "waited for \(text) in vain")
            }
            await Task.yield()
        }
    }

    /// Waits for the program to end. It is killed, and the test fails, where that takes too long.
    func end(within seconds: Double = 60) async throws -> Result {
        try await OwnThread.run { [self] in
            do { try notes.wait(within: seconds) { _ in false } } catch {
                kill()
                var status: Int32 = 0
                waitpid(process, &status, 0)
                throw error
            }
            var status: Int32 = 0
            waitpid(process, &status, 0)
            let data = try Data(contentsOf: URL(filePath: files.path + "/output"))
            return Result(
                status: status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F),
                output: String(decoding: data, as: UTF8.self), notes: notes.text)
        }
    }
}

/// Reads a FIFO, and waits for what comes.
private final class NoteReader: @unchecked Sendable {
    // `lock` guards `bytes`; the descriptor never changes.
    private let lock = NSLock()
    private var bytes: [UInt8] = []
    private let descriptor: Int32

    /// A reader of the FIFO of that path.
    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        if descriptor < 0 { throw Program.Timeout(description: "\(path): \(errno)") }
    }

    deinit { close(descriptor) }

    var text: String { lock.withLock { String(decoding: bytes, as: UTF8.self) } }

    /// Reads until the text is as expected or ends.
    func wait(within seconds: Double, until isSo: (String) -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !isSo(text) {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&waiting, 1, Int32(left.rounded(.up))) > 0 else {
                throw Program.Timeout(description: "waited \(seconds) s in vain; standard error is: \(text)")
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            lock.withLock { bytes += buffer[..<count] }
        }
    }
}

/// A home folder and a database with arc's schema, for the commands of one test.
struct World: Sendable {
    let home: TemporaryDirectory
    let database: TestDatabase

    /// A world; with the example results `baseline` and `candidate` where they are asked for.
    static func make(_ hint: String, results: Bool = false) async throws -> World {
        let world = World(home: try TemporaryDirectory(), database: try await TestDatabase.create(hint))
        var result = try await world.arc("db", "deploy")
        guard result.status == 0 else { throw Program.Timeout(description: result.notes) }
        if results {
            let folder = Program.package + "/examples/results"
            result = try await world.arc("import", folder + "/baseline.jsonl", folder + "/candidate.jsonl")
            guard result.status == 0 else { throw Program.Timeout(description: result.notes) }
        }
        return world
    }

    /// The world of the tests that only read, with the example results.
    static func reading() async throws -> World { try await shared.value }
    private static let shared = Task { try await make("shell_reading", results: true) }

    var environment: [String: String] { Program.environment(home: home.path, url: database.url) }

    /// Runs `arc` with these arguments.
    func arc(
        _ arguments: String..., input: String = "", environment more: [String: String] = [:]
    ) async throws -> Program.Result {
        try await Program.run(
            arguments, environment: environment.merging(more) { $1 }, input: input, folder: home.path)
    }

    /// Writes a file into the home folder, and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        let path = home.path + "/" + name
        let folder = URL(filePath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Writes a plugin into the home folder, version 1.0.0.
    ///
    /// - Parameter manifest: the other members of its plugin.json.
    func plugin(_ name: String, _ manifest: String, _ code: String) throws {
        _ = try write(
            "plugins/\(name)/plugin.json", #"{"name": "\#(name)", "version": "1.0.0", \#(manifest)}"#)
        _ = try write("plugins/\(name)/init.lua", code)
    }
}
