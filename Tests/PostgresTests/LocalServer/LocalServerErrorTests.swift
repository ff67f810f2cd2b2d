import FoundationEssentials
import Glibc
import Testing

@testable import Postgres

@Suite("What a local server refuses, and how it says so")
struct LocalServerErrorTests {
    @Test("without PostgreSQL's programs, the error says what to install and which variable to set")
    func nothingInstalled() async throws {
        try await Scratch.with { scratch in
            let nowhere = ServerProgramSearch(patterns: [], path: "/nonexistent")
            let server = try scratch.server(nowhere)
            let error = await #expect(throws: DatabaseError.self) { try await server.start() }
            #expect(error?.code == .serverNotInstalled)
            for word in ["apt install postgresql", "postgresql-server", "brew", "ARC_PG_BIN"] {
                #expect(error?.description.contains(word) == true)
            }
            #expect(server.status().phase == .notInitialised)
        }
    }

    @Test("a directory of programs that lacks some is named with what it lacks")
    func incompletePrograms() async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await ServerPrograms.find(ServerProgramSearch(explicit: "/usr/bin", variable: "MY_PG"))
        }
        #expect(error?.code == .serverNotInstalled)
        #expect(error?.message == "MY_PG names /usr/bin, which lacks initdb, pg_ctl, postgres.")
    }

    @Test("programs older than 14 are refused, newer ones are found, the newest first")
    func versions() async throws {
        try await Scratch.with { scratch in
            let top = scratch.base
            for version in ["9.6.1", "13.4", "14.2", "100.1"] {
                try await makePrograms(version, in: "\(top)/\(version)/bin")
            }
            func find(_ pattern: String, dataVersion: Int? = nil) async throws -> String {
                let search = ServerProgramSearch(patterns: ["\(top)/\(pattern)/bin"], path: "/nonexistent")
                return try await ServerPrograms.find(search, dataVersion: dataVersion).version
            }
            #expect(try await find("*") == "100.1")
            #expect(try await find("*", dataVersion: 14) == "14.2")
            let old = await #expect(throws: DatabaseError.self) { try await find("13*") }
            #expect(old?.message.contains("PostgreSQL 14 or later") == true)
            let other = await #expect(throws: DatabaseError.self) { try await find("*", dataVersion: 15) }
            #expect(other?.message.contains("written by PostgreSQL 15") == true)
        }
    }

    private func makePrograms(_ version: String, in directory: String) async throws {
        // Written by another process: a file that a fork of this one might hold open can't be run.
        let script = """
            mkdir -p "$1" && cd "$1" && for name in initdb pg_ctl postgres; do
                printf '#!/bin/sh\\necho "%s (PostgreSQL) %s (Debian)"\\n' "$name" "$2" > "$name"
                chmod 755 "$name" || exit 1
            done
            """
        let made = try await ServerCommand(programs: "/usr/bin", account: nil)
            .run("sh", ["-c", script, "sh", directory, version])
        try #require(made.succeeded, "\(made.text)")
    }

    @Test("data of another version is left alone, and the error names both versions")
    func otherVersion() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await server.start()
            try await server.stop()
            let file = "\(server.directory.data)/PG_VERSION"
            let version = try String(contentsOfFile: file, encoding: .utf8)
            try server.directory.write("99\n", to: file)
            let error = await #expect(throws: DatabaseError.self) { try await server.start() }
            #expect(error?.code == .serverNotInstalled)
            #expect(error?.message.contains("written by PostgreSQL 99") == true)
            try server.directory.write(version, to: file)
            try await server.start()
        }
    }

    @Test("a directory that isn't a server's is neither used nor removed")
    func foreignDirectory() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try server.directory.create()
            mkdir(server.directory.data, 0o755)
            let precious = "\(server.directory.data)/thesis.txt"
            try server.directory.write("mine", to: precious)
            for attempt in [{ _ = try await server.start() }, server.stop, server.destroy] {
                let error = await #expect(throws: DatabaseError.self) { try await attempt() }
                #expect(error?.code == .localServer)
            }
            #expect(server.directory.tail(of: precious, from: 0) == "mine")
        }
    }

    @Test("a directory with one file too many is not removed")
    func oneFileTooMany() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await server.start()
            let precious = "\(server.directory.root)/thesis.txt"
            try server.directory.write("mine", to: precious)
            let error = await #expect(throws: DatabaseError.self) { try await server.destroy() }
            #expect(error?.message.contains("thesis.txt") == true)
            #expect(try await scratch.ask(server, "SELECT 1") == "1")
        }
    }

    @Test("when the server doesn't start, the error holds what it said")
    func failingStart() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try await server.start()
            try await server.stop()
            try server.directory.append(
                "no_such_setting = 1\n", to: "\(server.directory.data)/postgresql.conf")
            let error = await #expect(throws: DatabaseError.self) { try await server.start() }
            #expect(error?.code == .localServer)
            #expect(error?.message.contains("no_such_setting") == true)
            #expect(server.status().phase == .stopped)
        }
    }

    @Test("a path that PostgreSQL's programs can't take is refused", arguments: ["\"", "\\", "$", "`", "\n"])
    func impossiblePath(_ character: String) {
        let error = #expect(throws: DatabaseError.self) {
            try ServerDirectory(base: "/tmp/a\(character)b", rootBase: "/tmp/a\(character)b")
        }
        #expect(error?.message.contains("can't take") == true)
    }

    @Test("when a base can't be made, the error names the directory and the reason")
    func unwritableBase() async throws {
        try await Scratch.with { scratch in
            let file = "\(scratch.base)/file"
            try FileManager.default.createDirectory(atPath: scratch.base, withIntermediateDirectories: true)
            try "".write(toFile: file, atomically: false, encoding: .utf8)
            let error = await #expect(throws: DatabaseError.self) {
                let directory = try ServerDirectory(base: "\(file)/arc", rootBase: "\(file)/arc")
                try await LocalServer(directory).start()
            }
            #expect(error?.message.contains("\(file)") == true)
        }
    }
}

@Suite("A local server of root's", .enabled(if: geteuid() == 0))
struct RootLocalServerTests {
    @Test("is put where its user can reach it, and its status says why")
    func unreachable() async throws {
        try await Scratch.with { scratch in
            let home = "\(scratch.base)/home"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            chmod(home, 0o700)
            let directory = try ServerDirectory(base: "\(home)/arc", rootBase: "\(scratch.base)/var/arc")
            #expect(directory.root == "\(scratch.base)/var/arc/server")
            let server = LocalServer(directory, settings: ServerSettings(durable: false))
            try await server.start()
            #expect(server.status().account == directory.account?.name)
            #expect(server.status().note?.contains("\(home)/arc") == true)
            try await server.destroy()
        }
    }

    @Test("makes its directories passable, whatever the umask")
    func umasked() async throws {
        try await Scratch.with { scratch in
            let base = scratch.base
            await #expect(processExitsWith: .success) { [base = base as String] in
                umask(0o077)
                try await Scratch(base: "\(base)/two/three").server().start()
            }
            try await Scratch(base: "\(base)/two/three").server().destroy()
        }
    }

    @Test("refuses to start where there is no place for it")
    func nowhere() async throws {
        try await Scratch.with { scratch in
            try FileManager.default.createDirectory(atPath: scratch.base, withIntermediateDirectories: true)
            chmod(scratch.base, 0o700)
            let error = #expect(throws: DatabaseError.self) {
                try ServerDirectory(base: "\(scratch.base)/a", rootBase: "\(scratch.base)/b")
            }
            #expect(error?.description.contains("\(scratch.base)/b") == true)
        }
    }

    @Test("doesn't trust a socket directory that belongs to another user")
    func strangersSocket() async throws {
        try await Scratch.with { scratch in
            let server = try scratch.server()
            try server.directory.create()
            chown(server.directory.socket, 12345, 12345)
            let error = await #expect(throws: DatabaseError.self) { try await server.start() }
            #expect(error?.message.contains("belongs to another user") == true)
        }
    }
}
