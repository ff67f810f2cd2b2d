import ArcKit
import FaultProxy
import Glibc
import Postgres
import Testing

@Suite("Recording while connections fail", .timeLimit(.minutes(15)))
struct RecordingFaultTests {
    private func withRecording(
        commandTimeout: Duration = .seconds(60), _ body: @Sendable (FaultyRecording) async throws -> Void
    ) async throws {
        try await withStore { store in
            try await body(try await FaultyRecording(store.pool.options, commandTimeout: commandTimeout))
        }
    }

    @Test("a commit whose answer is lost is not lost, and not doubled")
    func commitUnanswered() async throws {
        try await withRecording { recording in
            await recording.record(20, tasks: 4)
            for _ in 0..<5 {
                recording.proxy.arm(.cut(.beforeAnswer("COMMIT")))
                await recording.record(20, tasks: 4)
            }
            #expect(recording.proxy.counts.strikes == 5)
            #expect(recording.errors.isEmpty && recording.spooled == 0, "\(recording.errors)")
            try await recording.settle()
        }
    }

    @Test(
        "a commit that never reaches the server, or has just reached it, is settled, too",
        arguments: [true, false])
    func commitUnheard(_ isHeard: Bool) async throws {
        try await withRecording { recording in
            await recording.record(20, tasks: 4)
            for _ in 0..<5 {
                recording.proxy.arm(.cut(isHeard ? .afterCommand("COMMIT") : .beforeCommand("COMMIT")))
                await recording.record(20, tasks: 4)
            }
            #expect(recording.proxy.counts.strikes == 5)
            #expect(recording.errors.isEmpty && recording.spooled == 0, "\(recording.errors)")
            try await recording.settle()
        }
    }

    @Test("a transaction cut at any of many bytes leaves everything told and nothing twice")
    func cutAnywhere() async throws {
        try await withRecording { recording in
            await recording.recordOne()
            for bytes in stride(from: 50, to: 6000, by: 137) {
                recording.proxy.arm(.cut(.after(bytes: bytes, bytes % 2 == 0 ? .toServer : .toClient)))
                recording.proxy.cutAll()
                await recording.record(3, tasks: 3)
                recording.proxy.disarm()
            }
            try await recording.settle()
        }
    }

    @Test(
        "with every tenth connection refused and every tenth cut, nobody hangs and nothing is lost",
        arguments: 1...2)
    func everyTenth(_ seed: Int) async throws {
        try await withRecording { recording in
            recording.proxy.plan = FaultPlan(
                seed: UInt64(seed), refusedShare: 0.1, cutShare: 0.1, cutWithin: 500...50_000)
            for _ in 0..<10 {
                await recording.record(100, tasks: 50)
                recording.proxy.cutAll()
            }
            #expect(recording.proxy.counts.refused + recording.proxy.counts.strikes > 0)
            #expect(recording.answers == 1000 && recording.errors.isEmpty)
            try await recording.settle()
        }
    }

    @Test("sessions terminated under recorders lose nothing")
    func terminated() async throws {
        try await withRecording { recording in
            let direct = try await Connection.connect(recording.direct)
            for _ in 0..<10 {
                let recording = Task { await recording.record(60, tasks: 20) }
                try await direct.query(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
                    """)
                await recording.value
            }
            await direct.close()
            #expect(recording.answers == 600 && recording.errors.isEmpty, "\(recording.errors)")
            try await recording.settle()
        }
    }

    @Test("connections that stall while recording are given up, and nothing is lost")
    func stalled() async throws {
        try await withRecording(commandTimeout: .milliseconds(500)) { recording in
            await recording.record(20, tasks: 4)
            recording.proxy.arm(.stall(.beforeAnswer("COMMIT")))
            recording.proxy.arm(.stall(.afterCommand("COMMIT")))
            await recording.record(40, tasks: 8)
            #expect(recording.proxy.counts.strikes >= 1)
            // A commit that nobody confirmed is brought about once more, on another connection.
            #expect(recording.errors.isEmpty)
            recording.proxy.cutAll()
            try await recording.settle()
        }
    }
}
