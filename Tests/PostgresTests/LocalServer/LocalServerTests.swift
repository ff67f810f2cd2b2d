import FoundationEssentials
import Glibc
import Testing

@testable import Postgres

@Suite("A local server")
struct LocalServerTests {
    @Test("starts from nothing, is there, stops, starts again with its data, and goes when destroyed")
    func life() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            #expect(server.status().phase == .notInitialised)
            try await server.stop()
            try await server.start()
            let pid = try server.runningPID()
            #expect(try await scratch.ask(server, "SHOW data_checksums") == "on")
            #expect(try await scratch.ask(server, "SHOW listen_addresses") == "")
            #expect(try await scratch.ask(server, "SHOW server_encoding") == "UTF8")
            #expect(
                try await scratch.ask(server, "CREATE TABLE kept AS SELECT 7 AS it; SELECT current_user")
                    == "arc")
            try await server.start()
            #expect(try server.runningPID() == pid)
            try await server.stop()
            #expect(server.status().phase == .stopped)
            #expect(try await eventually { !isAlive(pid) })
            try await server.start()
            #expect(try await scratch.ask(server, "SELECT it FROM kept") == "7")
            try await server.destroy()
            #expect(server.status().phase == .notInitialised)
            #expect(access(server.directory.root, F_OK) != 0)
            try await server.destroy()
        }
    }

    @Test("ten processes that start it at once for the first time all get the same one")
    func tenProcesses() async throws {
        try await Scratch.with { scratch in
            let base = scratch.base
            try scratch.directory.write("", to: "\(base).answers")
            await withTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        await #expect(processExitsWith: .success) { [base = base as String] in
                            let scratch = Scratch(base: base)
                            let server = try scratch.server()
                            try await server.start()
                            let pid = try server.runningPID()
                            let answer = try await scratch.ask(server, "SELECT 1")
                            let line = "\(pid) \(answer)\n"
                            try server.directory.append(line, to: "\(base).answers")
                        }
                    }
                }
            }
            let server = try scratch.server()
            let answers = server.directory.tail(of: "\(base).answers", from: 0).split(separator: "\n")
            #expect(answers.count == 10)
            #expect(Set(answers) == ["\(try server.runningPID()) 1"])
            let names = try FileManager.default.contentsOfDirectory(atPath: server.directory.root)
            #expect(!names.contains { $0.hasPrefix(ServerDirectory.unfinished) })
        }
    }

    @Test("ten tasks that start it at once for the first time all get the same one")
    func tenTasks() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await withThrowingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await server.start()
                        return try server.runningPID()
                    }
                }
                let pids = try await group.reduce(into: Set<pid_t>()) { $0.insert($1) }
                #expect(pids.count == 1)
            }
        }
    }

    @Test("comes back after kill -9, with what was committed")
    func killed() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await server.start()
            _ = try await scratch.ask(server, "CREATE TABLE kept AS SELECT 7 AS it; CHECKPOINT")
            let pid = try server.runningPID()
            kill(pid, SIGKILL)
            #expect(try await eventually { !isAlive(pid) })
            #expect(server.status().phase == .stopped)
            #expect(access(PostmasterFile.path(server.directory.data), F_OK) == 0)
            try await server.start()
            #expect(try server.runningPID() != pid)
            #expect(try await scratch.ask(server, "SELECT it FROM kept") == "7")
        }
    }

    @Test("isn't misled by a stale process id that another process of its user has now")
    func recycledPID() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await server.start()
            let pid = try server.runningPID()
            let file = PostmasterFile.path(server.directory.data)
            let text = try String(contentsOfFile: file, encoding: .utf8)
            kill(pid, SIGKILL)
            #expect(try await eventually { !isAlive(pid) })
            try await withStranger(of: server.directory) { stranger in
                try server.directory.write("\(stranger)\n" + text.drop { $0 != "\n" }.dropFirst(), to: file)
                #expect(server.status().phase == .stopped)
                try await server.start()
                #expect(try server.runningPID() != stranger)
                try await server.stop()
                try server.directory.write("\(stranger)\n" + text.drop { $0 != "\n" }.dropFirst(), to: file)
                try await server.stop()
                #expect(isAlive(stranger))
            }
        }
    }

    /// Runs `body` with a live process of the server's user.
    private func withStranger(
        of directory: ServerDirectory, _ body: (pid_t) async throws -> Void
    ) async throws {
        let file = "\(directory.root)/stranger"
        let command = ServerCommand(programs: "/usr/bin", account: directory.account)
        let sleeper = Task {
            try await command.run("sh", ["-c", "echo $$ > \"$1\" && exec sleep 600", "sh", file])
        }
        #expect(try await eventually { directory.size(of: file) > 0 })
        let stranger = try #require(pid_t(directory.tail(of: file, from: 0).prefix { $0.isNumber }))
        defer { kill(stranger, SIGKILL) }
        try await body(stranger)
        kill(stranger, SIGKILL)
        _ = try await sleeper.value
    }

    @Test("is restarted when its socket has been removed")
    func lostSocket() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await server.start()
            unlink(server.directory.socketFile)
            try await server.start()
            #expect(try await scratch.ask(server, "SELECT 1") == "1")
        }
    }

    @Test("has its socket in a private directory elsewhere when the path would be too long")
    func longPath() async throws {
        try await Scratch.with(String(repeating: "long", count: 30)) { scratch in
            var directory = try ServerDirectory(base: scratch.base, rootBase: scratch.base)
            #expect(directory.socket.hasPrefix("/tmp/pg-"))
            directory = try scratch.directory
            let server = LocalServer(directory, settings: ServerSettings(durable: false))
            try await server.start()
            #expect(try await scratch.ask(server, "SELECT 1") == "1")
            var entry = stat()
            #expect(lstat(directory.socket, &entry) == 0)
            #expect(entry.st_mode & 0o777 == 0o700)
            try await server.destroy()
            #expect(access(directory.socket, F_OK) != 0)
        }
    }

    @Test("takes over nothing that an interrupted first start has left")
    func unfinished() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try server.directory.create()
            let left = "\(server.directory.root)/\(ServerDirectory.unfinished)1"
            mkdir(left, 0o700)
            try server.directory.write("15\n", to: "\(left)/PG_VERSION")
            try await server.start()
            #expect(access(left, F_OK) != 0)
            #expect(try await scratch.ask(server, "SELECT 1") == "1")
        }
    }

    @Test("runs with the settings it was given, whatever characters its path has")
    func settings() async throws {
        try await Scratch.with("it's a path, 100% ünusual") { scratch in
            let server = LocalServer(
                try scratch.directory,
                settings: ServerSettings(maxConnections: 77, preload: ["no_such_library"], durable: false))
            let options = try await server.start()
            #expect(options.host == server.directory.socket)
            #expect(try ConnectionOptions(options.url).host == server.directory.socket)
            #expect(try await scratch.ask(server, "SHOW max_connections") == "77")
        }
    }
}
