import Foundation
import Postgres
import SeededRandom
import TestServer
import Testing

@testable import ArcKit

/// A process that appends to a spool, `Tests/SpoolAppender`.
final class Appender: Sendable {
    private static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "SpoolAppender").path
    }()

    let pid: pid_t
    private let input: Int32
    private let output: Int32

    init(_ folder: String, tasks: Int, count: Int) throws {
        var to: [Int32] = [-1, -1]
        var from: [Int32] = [-1, -1]
        // Sockets, since a pipe that isn't inherited by others can't be made in one step from Swift.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &to) == 0 && socketpair(AF_UNIX, kind, 0, &from) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, to[0], 0)
        posix_spawn_file_actions_adddup2(&actions, from[1], 1)
        let words = [Self.path, folder, SimulationReference.spooled.id, "\(tasks)", "\(count)"]
        var argv = words.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var started: pid_t = 0
        let failure = posix_spawn(&started, Self.path, &actions, nil, &argv, environ)
        close(to[0])
        close(from[1])
        (pid, input, output) = (started, to[1], from[0])
        try #require(failure == 0, "\(Self.path): \(failure)")
    }

    deinit {
        close(input)
        close(output)
    }

    /// Reads what it prints until it has printed that many lines, or ended.
    func lines(atLeast count: Int = .max, until last: String? = nil) async throws -> [String] {
        try await OwnThread.run { [output] in
            var bytes: [UInt8] = []
            var ended = 0
            var block = [UInt8](repeating: 0, count: 4096)
            while ended < count {
                let size = read(output, &block, block.count)
                guard size > 0 else { break }
                bytes += block[..<size]
                ended += block[..<size].count { $0 == 10 }
                if let last, bytes.suffix(last.utf8.count + 1).elementsEqual(Array((last + "\n").utf8)) {
                    break
                }
            }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// Kills it, and returns what it had printed by then.
    func kill() async throws -> [String] {
        Glibc.kill(pid, SIGKILL)
        let rest = try await lines()
        // It has let go of its output, so this takes no time.
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return rest
    }
}

@Suite("Several processes and one spool")
struct SpoolProcessTests {
    @Test("what a living process appended can be taken over while it goes on, and nothing is lost or doubled")
    func takeOver() async throws {
        let scratch = SpoolScratch()
        let appenders = try (0..<3).map { _ in try Appender(scratch.path, tasks: 4, count: 100) }
        let ledger = SpoolLedger()
        let replaying = Task {
            while !Task.isCancelled {
                _ = try? await scratch.spool.replay { try await ledger.record($0, $1) }
            }
        }
        var told: [String] = []
        for appender in appenders { told += try await appender.lines(until: "done").filter { $0 != "done" } }
        replaying.cancel()
        await replaying.value
        #expect(told.count == 1200)
        // They live on, idle, and hold nothing back.
        try await scratch.replayed(ledger)
        #expect(await ledger.ids == Set(told))
        #expect(await ledger.handedOver == 1200)
        #expect(!scratch.spool.isWaiting)
        for appender in appenders { _ = try await appender.kill() }
    }

    /// ARC_SPOOL_KILLS rounds, 20 unless said; `scripts/kill-spool` runs 200.
    static let rounds = getenv("ARC_SPOOL_KILLS").flatMap { Int(String(cString: $0)) } ?? 20

    @Test("a process that is killed at a random moment loses nothing that it was told is kept")
    func killed() async throws {
        var random = SeededGenerator(seed: 2026)
        let scratch = SpoolScratch()
        let ledger = SpoolLedger()
        var told: [String] = []
        for round in 1...Self.rounds {
            let appender = try Appender(
                scratch.path, tasks: [1, 8].randomElement(using: &random)!, count: 1_000_000)
            told += try await appender.lines(atLeast: .random(in: 1...60, using: &random))
            told += try await appender.kill()
            #expect(!told.contains { $0.hasPrefix("error") })
            // Some rounds are replayed together.
            if round % 3 == 0 {
                let report = try await scratch.replayed(ledger)
                #expect(report.rejected == 0 && report.problems == [])
            }
        }
        try await scratch.replayed(ledger)
        // A line may be cut where the process was printing it.
        let whole = told.filter { $0.count == 36 }
        let found = await ledger.ids
        let handedOver = await ledger.handedOver
        print(
            "killed \(Self.rounds) times: told \(whole.count), found \(found.count), "
                + "doubled \(handedOver - found.count), lost \(Set(whole).subtracting(found).count)")
        #expect(Set(whole).isSubset(of: found))
        #expect(whole.count > Self.rounds && handedOver == found.count)
    }
}
