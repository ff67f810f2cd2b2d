import FoundationEssentials
import Glibc
import Testing

@testable import Postgres

@Suite("A throw-away server")
struct EphemeralServerTests {
    private func names(in scratch: Scratch) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: scratch.base)) ?? []
    }

    @Test("is gone when it is stopped")
    func stop() async throws {
        try await Scratch.with { scratch in
            try FileManager.default.createDirectory(atPath: scratch.base, withIntermediateDirectories: true)
            chmod(scratch.base, 0o777)
            let server = try await EphemeralServer(temporary: scratch.base)
            let place = try ServerDirectory(base: server.directory, rootBase: server.directory)
            let pid = try LocalServer(place).runningPID()
            #expect(names(in: scratch).count == 1)
            await server.stop()
            #expect(names(in: scratch).isEmpty)
            #expect(try await eventually { !isAlive(pid) })
            await server.stop()
        }
    }

    @Test("is gone when its owner has been killed")
    func ownerKilled() async throws {
        try await Scratch.with { scratch in
            try FileManager.default.createDirectory(atPath: scratch.base, withIntermediateDirectories: true)
            chmod(scratch.base, 0o777)
            let base = scratch.base
            await #expect(processExitsWith: .signal(SIGKILL)) { [base = base as String] in
                let server = try await EphemeralServer(temporary: base)
                let place = try ServerDirectory(base: server.directory, rootBase: server.directory)
                try place.write("\(LocalServer(place).runningPID())", to: "\(base).pid")
                kill(getpid(), SIGKILL)
            }
            let directory = try scratch.directory
            let pid = try #require(pid_t(directory.tail(of: "\(base).pid", from: 0)))
            #expect(try await eventually { names(in: scratch).isEmpty })
            #expect(try await eventually { !isAlive(pid) })
        }
    }

    @Test("is gone when its owner is killed while it is being made", arguments: [50, 200, 400, 600])
    func ownerKilledEarly(_ milliseconds: Int) async throws {
        try await Scratch.with { scratch in
            try FileManager.default.createDirectory(atPath: scratch.base, withIntermediateDirectories: true)
            chmod(scratch.base, 0o777)
            let base = scratch.base
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [base = base as String, milliseconds = milliseconds as Int] in
                Task.detached {
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    kill(getpid(), SIGKILL)
                }
                let server = try await EphemeralServer(temporary: base)
                try await Task.sleep(for: .seconds(60))
                await server.stop()
            }
            #expect(try await eventually { names(in: scratch).isEmpty })
        }
    }

    @Test("leaves nothing behind when it can't start")
    func failedStart() async throws {
        try await Scratch.with { scratch in
            try FileManager.default.createDirectory(atPath: scratch.base, withIntermediateDirectories: true)
            chmod(scratch.base, 0o777)
            await #expect(throws: DatabaseError.self) {
                try await EphemeralServer(
                    settings: ServerSettings(sharedBuffersMB: -1), temporary: scratch.base)
            }
            #expect(names(in: scratch).isEmpty)
        }
    }
}
