import Foundation
import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("The spool keeps outcomes")
struct SpoolTests {
    @Test("what was appended is replayed in order, once, and then its files are gone")
    func replay() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        let outcomes = (0..<20).map { Outcome.spooled("s\($0)") }
        try await spool.append(Array(outcomes[..<10]), in: .spooled)
        try await spool.append(Array(outcomes[10...]), in: .spooled)
        #expect(spool.isWaiting)
        let ledger = SpoolLedger()
        let report = try await spool.replay { try await ledger.record($0, $1) }
        var expected = ReplayReport()
        expected.stored = 20
        #expect(report == expected)
        #expect(await ledger.batches.flatMap(\.ids) == outcomes.compactMap(\.id))
        #expect(!spool.isWaiting && scratch.names == ["replay.lock"])
        #expect(try await spool.replay { _, _ in Issue.record("nothing waits") } == ReplayReport())
    }

    @Test("what is appended after a replay waits for the next one")
    func afterReplay() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        let ledger = SpoolLedger()
        for round in 1...3 {
            try await spool.append([.spooled("a")], in: .spooled)
            let report = try await spool.replay { try await ledger.record($0, $1) }
            #expect(report.stored == 1)
            #expect(await ledger.handedOver == round)
        }
    }

    @Test("folders and files are their owner's alone")
    func modes() async throws {
        let scratch = SpoolScratch()
        try await Spool(folder: scratch.path, about: "a database").append([.spooled("a")], in: .spooled)
        var entry = stat()
        #expect(stat(scratch.path, &entry) == 0 && entry.st_mode & 0o777 == 0o700)
        #expect(scratch.names.count == 2)
        for name in scratch.names {
            #expect(stat(scratch.path + "/" + name, &entry) == 0 && entry.st_mode & 0o777 == 0o600, "\(name)")
        }
        #expect(try await scratch.spool.status().about == "a database")
    }

    @Test("many tasks that append at once are all kept, and share their syncs")
    func together() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        let outcomes = (0..<500).map { Outcome.spooled("s\($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for outcome in outcomes { group.addTask { try await spool.append([outcome], in: .spooled) } }
            try await group.waitForAll()
        }
        let ledger = SpoolLedger()
        try await scratch.replayed(ledger)
        #expect(await ledger.ids == Set(outcomes.compactMap(\.id)))
        #expect(await ledger.handedOver == 500)
    }

    @Test("a batch has one simulation, no run and no id twice, and at most 1,000 outcomes, in their order")
    func batches() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        var random = SeededGenerator(seed: 3)
        var given: [String: [String]] = [:]
        for _ in 0..<30 {
            let simulation = Bool.random(using: &random) ? SimulationReference.spooled : .other
            let outcomes = (0..<150).map { _ in
                Outcome.spooled("s\(Int.random(in: 0..<2000, using: &random))")
            }
            given[simulation.id, default: []] += outcomes.compactMap(\.id)
            try await spool.append(outcomes, in: simulation)
        }
        try await spool.append((0..<2500).map { .spooled("many\($0)") }, in: .other)
        // The very same outcome again, as after an error that left open what happened.
        let twice = Outcome.spooled("twice")
        try await spool.append([twice, twice], in: .spooled)
        let ledger = SpoolLedger { _, outcomes in
            #expect(outcomes.count <= 1000)
            // As Session.record checks it.
            _ = try OutcomeBatch(outcomes, places: nil)
        }
        let report = try await scratch.replayed(ledger)
        #expect(report.stored == 30 * 150 + 2500 + 2 && report.rejected == 0)
        for (simulation, ids) in given {
            let seen = await ledger.batches.filter { $0.simulation == simulation }.flatMap(\.ids)
            #expect(Array(seen.prefix(ids.count)) == ids)
        }
    }

    @Test("a segment that grew large is followed by another, and both are replayed in order")
    func rotation() async throws {
        let scratch = SpoolScratch()
        let outcomes = (0..<50).map { Outcome.spooled("s\($0)") }
        do {
            var writer = SpoolWriter(scratch.folder, mostBytes: 2000)
            for outcome in outcomes { try writer.write(try SpoolLine.encode(outcome, in: .spooled)) }
        }
        #expect(scratch.names(".open.jsonl").count > 3)
        let ledger = SpoolLedger()
        try await scratch.replayed(ledger)
        #expect(await ledger.batches.flatMap(\.ids) == outcomes.compactMap(\.id))
    }

    @Test("a spool whose folder is removed begins it anew")
    func removed() async throws {
        let scratch = SpoolScratch()
        let spool = scratch.spool
        try await spool.append([.spooled("a")], in: .spooled)
        try FileManager.default.removeItem(atPath: scratch.path)
        try await spool.append([.spooled("b")], in: .spooled)
        #expect(try await spool.status().outcomes == 1)
    }

    @Test("the status counts what waits by simulation, and looks at nothing but the disk")
    func status() async throws {
        let scratch = SpoolScratch()
        #expect(try await scratch.spool.status().isEmpty)
        let spool = scratch.spool
        try await spool.append((0..<3).map { .spooled("a\($0)") }, in: .spooled)
        try await scratch.spool.append([.spooled("b")], in: .other)
        let status = try await spool.status()
        #expect(status.outcomes == 4 && status.files == 2 && !status.isEmpty)
        #expect(
            status.simulations.map(\.id) == [SimulationReference.spooled.id, SimulationReference.other.id])
        #expect(status.simulations.map(\.outcomes) == [3, 1] && status.simulations[0].name == "spooled")
        #expect(status.simulations.reduce(0) { $0 + $1.bytes } == status.bytes)
        let oldest = try #require(status.oldest)
        #expect(abs(oldest.microseconds - Timestamp.now.microseconds) < 600_000_000)
        #expect(status.databaseID == "11111111-2222-3333-4444-555555555555")
    }

    // MARK: - A disk that fails

    @Test("a folder that can't be made is an error that says so, and nothing counts as kept")
    func noFolder() async throws {
        let scratch = SpoolScratch()
        let root = scratch.path.components(separatedBy: "/state/")[0]
        try Data("a file".utf8).write(to: URL(filePath: root))
        let text = await refusal(.file) { try await scratch.spool.append([.spooled("a")], in: .spooled) }
        #expect(text.contains("can't be made: Not a directory"))
    }

    @Test(
        "a full disk is told, what was kept before stays whole, and there is room again later",
        .enabled(if: TinyDisk.canBeMade, "only root can mount a small tmpfs"))
    func full() async throws {
        let disk = try #require(TinyDisk(bytes: 64 << 10))
        let spool = Spool(folder: disk.path + "/spool/id")
        var kept: [String] = []
        var failures = 0
        for number in 0..<60 where failures < 3 {
            var outcome = Outcome.spooled("s\(number)")
            outcome.errorMessage = String(repeating: "m", count: 3000)
            do {
                try await spool.append([outcome], in: .spooled)
                kept.append(outcome.id ?? "")
            } catch {
                failures += 1
                let text = "\(error)"
                #expect(text.contains("No space left on device") && text.contains("Make room"), "\(text)")
            }
        }
        #expect(failures == 3 && !kept.isEmpty)
        let status = try await spool.status()
        #expect(status.outcomes == kept.count && status.torn == 0)
        let ledger = SpoolLedger()
        _ = try await spool.replay { try await ledger.record($0, $1) }
        #expect(await ledger.batches.flatMap(\.ids) == kept)
        try await spool.append([.spooled("again")], in: .spooled)
        #expect(try await spool.status().outcomes == 1)
    }

    @Test(
        "where the disk is too full to set a refused line aside, it stays, and the others go",
        .enabled(if: TinyDisk.canBeMade, "only root can mount a small tmpfs"))
    func fullAside() async throws {
        let disk = try #require(TinyDisk(bytes: 64 << 10))
        let spool = Spool(folder: disk.path + "/spool/id")
        var bad = Outcome.spooled("bad")
        bad.errorMessage = String(repeating: "\u{1}", count: 2000)
        try await spool.append([bad, .spooled("good")], in: .spooled)
        let filler = disk.path + "/filler"
        let descriptor = open(filler, O_WRONLY | O_CREAT, 0o600)
        let page = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, page, page.count) > 0 {}
        close(descriptor)
        let ledger = SpoolLedger(refuse: SpoolReplayTests.refusing(["bad"]))
        let first = try await spool.replay { try await ledger.record($0, $1) }
        #expect(first.stored == 1 && first.rejected == 0)
        #expect(first.problems.count == 1 && first.problems[0].contains("No space left on device"))
        unlink(filler)
        let second = try await spool.replay { try await ledger.record($0, $1) }
        #expect(second.rejected == 1 && second.problems == [])
        #expect(try await spool.status().rejected == 1)
    }

    @Test(
        "a folder on a disk that is read only: the status works, the rest says why it doesn't",
        .enabled(if: TinyDisk.canBeMade, "only root can mount a small tmpfs"))
    func readOnly() async throws {
        let disk = try #require(TinyDisk(bytes: 256 << 10))
        let path = disk.path + "/spool/id"
        try await Spool(folder: path).append([.spooled("a")], in: .spooled)
        try await disk.makeReadOnly()
        let spool = Spool(folder: path)
        #expect(try await spool.status().outcomes == 1)
        let append = await refusal(.file) { try await spool.append([.spooled("b")], in: .spooled) }
        #expect(append.contains("Read-only file system") && append.contains("XDG_STATE_HOME"))
        let replay = await refusal(.file) { _ = try await spool.replay { _, _ in } }
        #expect(replay.contains("Read-only file system"))
    }
}

/// A disk of a few bytes (tmpfs), for tests that run as root.
private final class TinyDisk: Sendable {
    let path: String

    /// Root may mount, unless it is a container's.
    static let canBeMade = TinyDisk(bytes: 4096) != nil

    /// Nil where this process may not mount.
    init?(bytes: Int) {
        path = FileManager.default.temporaryDirectory.appending(path: "arc-disk-\(UUID().uuidString)").path
        guard mkdir(path, 0o700) == 0 else { return nil }
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            rmdir(path)
            return nil
        }
    }

    func makeReadOnly() async throws {
        // MS_REMOUNT | MS_RDONLY. The disk is busy until a spool that has just answered lets go of its file.
        while mount("tmpfs", path, "tmpfs", 32 | 1, nil) != 0 {
            try #require(errno == EBUSY)
            await Task.yield()
        }
    }

    deinit {
        // MNT_DETACH
        umount2(path, 2)
        rmdir(path)
    }
}
