import Foundation
import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("Replaying a spool")
struct SpoolReplayTests {
    /// Refuses batches with one of these scenarios, as the database does.
    static func refusing(
        _ scenarios: Set<String>
    ) -> @Sendable (SimulationReference, [Outcome]) throws -> Void {
        { _, outcomes in
            if let bad = outcomes.first(where: { scenarios.contains($0.scenario.id) }) {
                throw EvaluationError(.invalid, "no: \(bad.scenario.id)")
            }
        }
    }

    /// Lines of outcomes and the ids of those.
    private func lines(_ count: Int, seed: UInt64) throws -> [(id: String, bytes: [UInt8])] {
        var random = SeededGenerator(seed: seed)
        return try (0..<count).map { _ in
            let outcome = RandomOutcome.make(&random)
            return (outcome.id ?? "", try SpoolLine.encode(outcome, in: .spooled))
        }
    }

    @Test("a pipe of a segment's name holds nobody up")
    func pipe() async throws {
        let scratch = SpoolScratch()
        let line = try lines(1, seed: 3)
        try scratch.put(line[0].bytes, as: "01a20eb9-71a7-79f2-a7c9-0254ce49f4f8.1.jsonl")
        #expect(mkfifo(scratch.path + "/01a20eb9-71a7-79f2-a7c9-0254ce49f4f9.1.jsonl", 0o600) == 0)
        _ = try? await scratch.replayed()
        _ = try? await scratch.spool.status()
    }

    @Test("a line of many blocks is read as it was written")
    func longLine() throws {
        let scratch = SpoolScratch()
        let long = (0..<3_000_000).map { UInt8($0 % 26) + UInt8(ascii: "a") }
        try scratch.put(long + [UInt8(ascii: "\n")] + Array("short\n".utf8), as: "long.1.jsonl")
        var reader = try SpoolReader(scratch.path + "/long.1.jsonl")
        #expect(try reader.next() == SpoolReader.Line(bytes: long, isEnded: true))
        #expect(try reader.next()?.bytes == Array("short".utf8))
        #expect(try reader.next() == nil)
    }

    // MARK: - Torn and damaged

    @Test("cut at any byte, the whole lines before are replayed and the rest is set aside as it is")
    func cut() async throws {
        let lines = try lines(2, seed: 11)
        let whole = lines.flatMap(\.bytes)
        var ends: [Int] = []
        for line in lines { ends.append((ends.last ?? 0) + line.bytes.count) }
        for length in 1...whole.count {
            let scratch = SpoolScratch()
            try scratch.put(Array(whole[..<length]), as: "a.1.open.jsonl")
            let ledger = SpoolLedger()
            let report = try await scratch.replayed(ledger)
            // A line that lacks its end alone is whole: its digest says so.
            let complete = ends.filter { $0 - 1 <= length }.count
            let start = complete == 0 ? 0 : min(ends[complete - 1], length)
            #expect(await ledger.batches.flatMap(\.ids) == lines.prefix(complete).map(\.id), "\(length)")
            #expect(report.torn == (start < length ? 1 : 0), "\(length)")
            if start < length {
                #expect(scratch.names == ["a.1.torn", "replay.lock"], "\(length)")
                #expect(scratch.bytes("a.1.torn") == whole[start..<length] + [10], "\(length)")
                #expect(try await scratch.spool.status().torn == 1)
            } else {
                #expect(scratch.names == ["replay.lock"], "\(length)")
            }
        }
    }

    @Test(
        "with any byte changed, one line is set aside, or two that grew together, and the others are replayed"
    )
    func damaged() async throws {
        let lines = try lines(3, seed: 12)
        let whole = lines.flatMap(\.bytes)
        var random = SeededGenerator(seed: 13)
        for place in whole.indices {
            let scratch = SpoolScratch()
            var bytes = whole
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try scratch.put(bytes, as: "a.1.jsonl")
            let status = try await scratch.spool.status()
            let ledger = SpoolLedger()
            let report = try await scratch.replayed(ledger)
            var end = 0
            let hit = lines.firstIndex {
                end += $0.bytes.count
                return place < end
            }!
            let isEnd = place == end - 1
            var lost: Set<String> = [lines[hit].id]
            if isEnd, hit + 1 < lines.count { lost.insert(lines[hit + 1].id) }
            // The last line needs no end; but what stands in its place belongs to it.
            #expect(await ledger.ids == Set(lines.map(\.id)).subtracting(lost), "\(place)")
            #expect(
                report.stored == 3 - lost.count && report.torn >= 1 && status.torn == report.torn, "\(place)")
            #expect(scratch.bytes("a.1.torn").count >= lines[hit].bytes.count - 2, "\(place)")
        }
    }

    // MARK: - Refused

    @Test("one refused outcome among many is found and set aside with its reason; its neighbours are stored")
    func refused() async throws {
        let scratch = SpoolScratch()
        let outcomes = (0..<1500).map { Outcome.spooled("s\($0)") }
        try await scratch.spool.append(outcomes, in: .spooled)
        let bad: Set<String> = ["s0", "s700", "s701", "s1499"]
        let ledger = SpoolLedger(refuse: Self.refusing(bad))
        let report = try await scratch.replayed(ledger)
        #expect(report.stored == 1496 && report.rejected == 4)
        #expect(await ledger.ids == Set(outcomes.filter { !bad.contains($0.scenario.id) }.compactMap(\.id)))
        let status = try await scratch.spool.status()
        #expect(
            status.rejected == 4 && status.outcomes == 0
                && Set(status.reasons) == Set(bad.map { "no: \($0)" }))
        // Nothing of it waits any more; when asked for, it is tried again, and what is taken then is gone.
        #expect(try await scratch.replayed(ledger) == ReplayReport())
        let second = SpoolLedger(refuse: Self.refusing(["s700"]))
        let again = try await scratch.spool.replay(includingRejected: true) {
            try await second.record($0, $1)
        }
        #expect(again.stored == 3 && again.rejected == 1)
        #expect(try await scratch.spool.status().rejected == 1)
        let third = SpoolLedger()
        let last = try await scratch.spool.replay(includingRejected: true) { try await third.record($0, $1) }
        #expect(last.stored == 1 && scratch.names == ["replay.lock"])
        #expect(await third.outcomes.values.first?.fields == outcomes[700].fields)
    }

    @Test("a simulation that is gone or has ended doesn't hold up the others, and its outcomes are kept")
    func refusedSimulation() async throws {
        for code in [EvaluationError.Code.notFound, .state] {
            let scratch = SpoolScratch()
            let spool = scratch.spool
            try await spool.append((0..<100).map { .spooled("a\($0)") }, in: .spooled)
            try await spool.append((0..<100).map { .spooled("b\($0)") }, in: .other)
            let ledger = SpoolLedger { simulation, _ in
                if simulation == .spooled { throw EvaluationError(code, "gone") }
            }
            let report = try await scratch.replayed(ledger)
            #expect(report.stored == 100 && report.rejected == 100)
            #expect(await ledger.batches.count == 1)
            #expect(try await spool.status().rejected == 100)
        }
    }

    @Test("what an error means for the outcomes")
    func meaning() {
        #expect(SpoolRefusal(EvaluationError(.invalid, "x")) == .value("x"))
        #expect(SpoolRefusal(EvaluationError(.notFound, "x")) == .simulation("x"))
        #expect(SpoolRefusal(EvaluationError(.state, "x")) == .simulation("x"))
        for code in [EvaluationError.Code.schema, .file, .database] {
            #expect(SpoolRefusal(EvaluationError(code, "x")) == nil)
        }
        #expect(SpoolRefusal(CancellationError()) == nil)
        for code in DatabaseError.Code.allCases { #expect(SpoolRefusal(DatabaseError(code, "x")) == nil) }
    }

    // MARK: - Interrupted

    @Test("a database that goes away in the middle keeps everything, whatever was the last call that it took")
    func away() async throws {
        for calls in 0..<6 {
            let scratch = SpoolScratch()
            let outcomes = (0..<5000).map { Outcome.spooled("s\($0)") }
            try await scratch.spool.append(outcomes, in: .spooled)
            try scratch.put(Array("torn".utf8), as: "a.1.open.jsonl")
            let ledger = SpoolLedger()
            await #expect(throws: DatabaseError.self, "\(calls)") {
                try await scratch.spool.replay {
                    guard await ledger.batches.count < min(calls, 4) else {
                        throw DatabaseError(.connectionLost, "gone")
                    }
                    try await ledger.record($0, $1)
                }
            }
            #expect(scratch.names(".new") == [])
            #expect(try await scratch.spool.status().outcomes == 5000)
            try await scratch.replayed(ledger)
            #expect(await ledger.ids == Set(outcomes.compactMap(\.id)))
            #expect(scratch.names == ["a.1.torn", "replay.lock"])
        }
    }

    @Test("a replay that is cancelled keeps what it hadn't stored")
    func cancelled() async throws {
        let scratch = SpoolScratch()
        try await scratch.spool.append((0..<3000).map { .spooled("s\($0)") }, in: .spooled)
        let ledger = SpoolLedger()
        let task = Task {
            try await scratch.spool.replay { simulation, outcomes in
                try await ledger.record(simulation, outcomes)
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await ledger.handedOver == 1000)
        #expect(try await scratch.spool.status().outcomes == 3000)
    }

    @Test("drafts of a replay that was killed are taken away, and a rejection isn't there twice")
    func leftovers() async throws {
        let scratch = SpoolScratch()
        let line = try SpoolLine.encode(.spooled("bad"), in: .spooled)
        // Killed after the rejected line got its file and before the segment went.
        try scratch.put(line, as: "a.1.jsonl")
        try scratch.put(
            SpoolFailure(reason: "no", line: Array(line.dropLast())).bytes, as: "a.1.rejected.jsonl")
        try scratch.put([1, 2, 3], as: "b.1.torn.new")
        let ledger = SpoolLedger(refuse: Self.refusing(["bad"]))
        let report = try await scratch.spool.replay(includingRejected: true) {
            try await ledger.record($0, $1)
        }
        #expect(report.rejected == 1)
        #expect(scratch.names == ["a.1.rejected.jsonl", "replay.lock"])
        #expect(try await scratch.spool.status().rejected == 1)
    }

    @Test("lines of a newer arc stay, the lines around them are stored, and it is said")
    func newer() async throws {
        let scratch = SpoolScratch()
        let line = String(decoding: try SpoolLine.encode(.spooled("a"), in: .spooled), as: UTF8.self)
        let body = line.dropLast().drop { $0 != "," }.dropFirst().replacing("\"v\":1,", with: "\"v\":9,")
        let newer = "{\"sha256\":\"\(Digest.sha256(String(body)).prefix(16))\",\(body)\n"
        try scratch.put(Array((line + newer).utf8), as: "a.1.jsonl")
        try await scratch.spool.append([.spooled("b")], in: .spooled)
        let report = try await scratch.replayed()
        #expect(report.stored == 2 && report.problems.count == 1 && report.problems[0].contains("version 9"))
        let status = try await scratch.spool.status()
        #expect(status.newer == 1 && status.outcomes == 1 && status.files == 1)
    }

    // MARK: - Several at once

    @Test("a second replay of the same spool waits, or says that it is busy")
    func busy() async throws {
        let scratch = SpoolScratch()
        try await scratch.spool.append([.spooled("a")], in: .spooled)
        let reports = try await scratch.spool.replay { _, _ in
            let second = try await scratch.spool.replay { _, _ in Issue.record("handed over twice") }
            #expect(second.isBusy && second.stored == 0)
        }
        #expect(reports.stored == 1)
        let (reached, reach) = AsyncStream.makeStream(of: Void.self)
        try await scratch.spool.append([.spooled("b")], in: .spooled)
        let (going, go) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await scratch.spool.replay { _, _ in
                reach.finish()
                for await _ in going {}
            }
        }
        for await _ in reached {}
        let second = Task { try await scratch.spool.replay(patience: .seconds(60)) { _, _ in } }
        go.finish()
        #expect(try await first.value.stored == 1)
        #expect(try await second.value == ReplayReport())
    }

    @Test("outcomes appended while others are replayed again and again are each handed over once")
    func racing() async throws {
        let scratch = SpoolScratch()
        let ledger = SpoolLedger()
        let spools = [scratch.spool, scratch.spool, scratch.spool]
        let ids = try await withThrowingTaskGroup(of: [String].self) { group in
            for (number, spool) in spools.enumerated() {
                group.addTask {
                    var ids: [String] = []
                    for round in 0..<60 {
                        let outcome = Outcome.spooled("s\(number)-\(round)")
                        try await spool.append([outcome], in: .spooled)
                        ids.append(outcome.id ?? "")
                    }
                    return ids
                }
            }
            let replaying = Task {
                while !Task.isCancelled {
                    _ = try? await scratch.spool.replay { try await ledger.record($0, $1) }
                }
            }
            let ids = try await group.reduce(into: []) { $0 += $1 }
            replaying.cancel()
            await replaying.value
            return ids
        }
        try await scratch.replayed(ledger)
        #expect(await ledger.ids == Set(ids))
        #expect(await ledger.handedOver == ids.count)
        #expect(scratch.names == ["replay.lock"])
    }
}
