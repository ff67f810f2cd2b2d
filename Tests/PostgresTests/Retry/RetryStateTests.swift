import SeededRandom
import Testing

@testable import Postgres

@Suite("Whether failed work is begun once more")
struct RetryStateTests {
    private static let lost = DatabaseError(.connectionLost, "The connection was lost.")
    private static let refused = DatabaseError(
        .connectionFailed,
        "Can't connect: connection to server on socket \"/tmp/x\" failed: Connection refused")

    private static func server(_ sqlState: String) -> DatabaseError {
        DatabaseError(.server, "ERROR", server: ServerFields(sqlState: sqlState, message: ""))
    }

    @Test(
        "what may pass, by the server's code",
        arguments: [
            ("08006", true), ("08P01", true), ("57P01", true), ("57P02", true), ("57P03", true),
            ("53300", true),
            ("40001", true), ("40P01", true), ("28P01", false), ("3D000", false), ("42P01", false),
            ("23505", false), ("57014", false), ("57P04", false), ("53100", false), ("40002", false),
            ("22003", false), ("25006", false), ("", false),
        ])
    func codes(_ sqlState: String, _ mayPass: Bool) {
        #expect(Self.server(sqlState).mayPass == mayPass)
        let connecting = DatabaseError(
            .connectionFailed, "FATAL", server: ServerFields(sqlState: sqlState, message: ""))
        #expect(connecting.mayPass == mayPass)
    }

    @Test(
        "what may pass, by libpq's words where it gives no code",
        arguments: [
            (
                "connection to server at \"::1\", port 5432 failed: Connection refused\n\tIs the server running?",
                true
            ),
            ("connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file or directory", true),
            ("connection to server failed: FATAL:  the database system is starting up", true),
            ("connection to server failed: FATAL:  the database system is shutting down", true),
            ("connection to server failed: FATAL:  sorry, too many clients already", true),
            ("connection to server failed: FATAL:  too many connections for role \"x\"", true),
            ("connection failed: FATAL:  remaining connection slots are reserved for superusers", true),
            ("connection failed: server closed the connection unexpectedly", true),
            ("could not translate host name \"x\" to address: Temporary failure in name resolution", true),
            ("could not translate host name \"x\" to address: Name or service not known", false),
            ("connection failed: FATAL:  password authentication failed for user \"x\"", false),
            ("connection failed: FATAL:  database \"x\" does not exist", false),
            ("connection failed: FATAL:  role \"x\" does not exist", false),
            ("connection failed: FATAL:  no pg_hba.conf entry for host", false),
            ("connection failed: server does not support SSL, but SSL was required", false),
            ("connection failed: SSL error: certificate verify failed", false),
            ("fe_sendauth: no password supplied", false),
            // Two addresses: one isn't there, the other one knows us and refuses.
            (
                "at \"::1\" failed: Connection refused\nat \"127.0.0.1\" failed: FATAL:  password authentication failed",
                false
            ),
            (
                "at \"a\" failed: FATAL:  database \"x\" does not exist\nat \"b\" failed: Connection refused",
                false
            ),
            ("", false),
        ])
    func words(_ said: String, _ mayPass: Bool) {
        #expect(DatabaseError(.connectionFailed, "Can't connect to x: \(said)").mayPass == mayPass)
    }

    @Test("what a pool, a task or a mistake brought about doesn't pass by itself")
    func own() {
        let codes: [DatabaseError.Code] = [
            .poolClosed, .poolTimeout, .cancelled, .timedOut, .invalidOptions, .unexpectedResult,
            .localServer,
            .serverNotInstalled,
        ]
        for code in codes { #expect(!DatabaseError(code, "Connection refused").mayPass, "\(code)") }
        #expect(Self.lost.mayPass && Self.refused.mayPass)
    }

    @Test(
        "a repeat has to be safe",
        arguments: [
            // safety, error, whether the work had begun, whether it is repeated
            (RepeatSafety.read, lost, true, true), (.read, refused, false, true),
            (.read, server("40001"), true, true),
            (.idempotentWrite, lost, true, true), (.idempotentWrite, server("57P01"), true, true),
            (.transaction, lost, true, false), (.transaction, server("57P01"), true, false),
            (.transaction, server("40001"), true, true), (.transaction, server("40P01"), true, true),
            (.transaction, refused, false, true), (.transaction, refused, true, false),
            (.write, lost, true, false), (.write, server("40001"), true, false),
            (.write, refused, true, false),
            (.write, refused, false, true), (.read, server("23505"), true, false),
        ] as [(RepeatSafety, DatabaseError, Bool, Bool)])
    func safety(_ safety: RepeatSafety, _ error: DatabaseError, _ hasBegun: Bool, _ isRepeated: Bool) {
        var state = RetryState(RetryPolicy(), safety)
        let decision = state.failed(error, hasBegun: hasBegun, random: 0.5)
        #expect(decision == (isRepeated ? .again(after: .seconds(1)) : .giveUp))
        #expect(state.phase == (isRepeated ? .waiting(failed: 1) : .over))
    }

    @Test("three attempts, after 1 s and then 2 s, a quarter more or less")
    func course() {
        for (random, share) in [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)] {
            var state = RetryState(RetryPolicy(), .read)
            var decisions: [RetryState.Decision] = []
            for _ in 0..<4 {
                decisions.append(state.failed(Self.lost, hasBegun: true, random: random))
                state.begin()
            }
            #expect(
                decisions == [
                    .again(after: .seconds(share)), .again(after: .seconds(2 * share)), .giveUp, .giveUp,
                ])
        }
    }

    @Test(
        "however it goes: never more attempts than allowed, no wait beyond its bounds, and an end is an end")
    func properties() {
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let policy = RetryPolicy(
                attempts: .random(in: 1...6, using: &random),
                firstDelay: .milliseconds(Int.random(in: 0...5000, using: &random)),
                jitter: .random(in: 0...1, using: &random))
            let safety = [RepeatSafety.read, .idempotentWrite, .transaction, .write].randomElement(
                using: &random)
            var state = RetryState(policy, safety ?? .read)
            var attempts = 1
            var isOver = false
            for _ in 0..<12 {
                let hasBegun = Bool.random(using: &random)
                let error = [Self.lost, Self.refused, Self.server("40001"), Self.server("42601")]
                    .randomElement(using: &random)
                let decision = state.failed(
                    error ?? Self.lost, hasBegun: hasBegun, random: .random(in: 0...1, using: &random))
                guard case .again(let delay) = decision else {
                    isOver = true
                    #expect(state.phase == .over)
                    continue
                }
                #expect(!isOver, "seed \(seed): it had ended")
                let middle = policy.firstDelay * (1 << (attempts - 1))
                #expect(
                    delay >= middle * (0.999 - policy.jitter) && delay <= middle * (1.001 + policy.jitter))
                #expect(
                    safety == .read || safety == .idempotentWrite || !hasBegun
                        || error?.provesRollback == true)
                state.begin()
                attempts += 1
                #expect(attempts <= policy.attempts, "seed \(seed)")
            }
        }
    }
}
