import SeededRandom
import Testing

@testable import FaultProxy

@Suite("A fault proxy's state")
struct FaultStateTests {
    private static let commit = query("COMMIT")

    /// The bytes of a message.
    private static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        [type.asciiValue ?? 0] + number(body.count + 4) + body
    }

    private static func number(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) }
    }
    private static func query(_ sql: String) -> [UInt8] { message("Q", Array(sql.utf8) + [0]) }
    private static func done(_ tag: String) -> [UInt8] { message("C", Array(tag.utf8) + [0]) }

    private static let opening = number(16) + number(196_608) + Array("user\0".utf8) + [0, 0, 0]
    private static let cancel = number(16) + number(80_877_102) + number(7) + number(8)

    /// What was passed on of `pieces` by a new state under `plan`, and the state.
    private func run(
        _ plan: FaultPlan, _ pieces: [([UInt8], Direction)], fate: FaultPlan.Fate = .passes
    ) -> (passed: [Direction: [UInt8]], state: FaultState, plan: FaultPlan) {
        var (plan, state, passed) = (plan, FaultState(fate: fate), [Direction: [UInt8]]())
        var actions = state.opened(&plan)
        for (bytes, direction) in pieces { actions += state.received(bytes, direction, &plan) }
        for case .pass(let bytes, let direction) in actions { passed[direction, default: []] += bytes }
        #expect(actions.contains(.cut) == (state.phase == .cut))
        #expect(actions.dropLast().contains(.cut) == false, "nothing follows a cut")
        return (passed, state, plan)
    }

    @Test("without faults every byte passes, in whatever pieces it comes")
    func passesAll() {
        let bytes =
            Self.opening + Self.query("select 1") + Self.message("d", [UInt8](repeating: 7, count: 500))
            + Self.commit
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            var (pieces, rest) = ([([UInt8], Direction)](), bytes[...])
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, 60), using: &random)
                pieces.append((Array(rest.prefix(count)), .toServer))
                rest = rest.dropFirst(count)
            }
            #expect(run(FaultPlan(), pieces).passed[.toServer] == bytes)
        }
    }

    @Test("a cut after n bytes passes n bytes, for every n")
    func cutsAfterBytes() {
        let bytes = Self.opening + Self.query("begin") + Self.commit
        for count in 0...bytes.count {
            let ran = run(FaultPlan([.cut(.after(bytes: count, .toServer))]), [(bytes, .toServer)])
            #expect(ran.passed[.toServer] ?? [] == Array(bytes.prefix(count)))
            #expect(ran.state.phase == .cut)
            #expect(ran.plan.armed.isEmpty, "it strikes once")
        }
    }

    @Test("a command is withheld, or passed on and its answer withheld")
    func commands() {
        let (start, answer) = (Self.opening + Self.query("BEGIN"), Self.done("BEGIN"))
        let before = run(
            FaultPlan([.cut(.beforeCommand("COMMIT"))]),
            [(start, .toServer), (answer, .toClient), (Self.commit, .toServer)])
        #expect(before.passed[.toServer] == start)
        let after = run(
            FaultPlan([.cut(.afterCommand("COMMIT"))]),
            [(start, .toServer), (Self.commit, .toServer), (answer, .toClient)])
        #expect(after.passed == [.toServer: start + Self.commit])
        let unanswered = run(
            FaultPlan([.cut(.beforeAnswer("COMMIT"))]),
            [(start + Self.commit, .toServer), (answer, .toClient), (Self.done("COMMIT"), .toClient)])
        #expect(unanswered.passed == [.toServer: start + Self.commit, .toClient: answer])
    }

    @Test("a prepared command is known by what it was prepared from")
    func prepared() {
        let prepare = Self.message("P", Array("s1\0commit and chain\0\0\0".utf8))
        let bind = Self.message("B", Array("\0s1\0\0\0\0\0\0\0".utf8))
        let execute = Self.message("E", [0, 0, 0, 0, 0])
        let ran = run(
            FaultPlan([.cut(.beforeCommand("commit"))]),
            [(Self.opening + prepare + bind + execute, .toServer)])
        #expect(ran.passed[.toServer] == Self.opening + prepare + bind)
    }

    @Test("a cut in COPY counts its data alone")
    func copy() {
        let data = Self.message("d", [UInt8](repeating: 1, count: 95))
        let start = Self.opening + Self.query("copy t from stdin")
        let ran = run(FaultPlan([.cut(.inCopy(bytes: 150))]), [(start + data, .toServer), (data, .toServer)])
        #expect(ran.passed[.toServer] == start + (data + data).prefix(150))
    }

    @Test("a request to cancel is known as one")
    func cancels() {
        let ran = run(FaultPlan([.cut(.beforeCancel)]), [(Self.opening, .toServer)])
        #expect(ran.state.phase == .passing && !ran.state.isCancel)
        let cancel = run(FaultPlan([.cut(.beforeCancel)]), [(Self.cancel, .toServer)])
        #expect(cancel.passed.isEmpty && cancel.state.isCancel)
    }

    @Test("after a refused request for encryption the client opens; an encrypted connection is left alone")
    func encryption() {
        let ask = Self.number(8) + Self.number(80_877_103)
        let rest = Self.opening + Self.commit
        let plan = FaultPlan([.cut(.beforeCommand("COMMIT"))])
        let plain = run(plan, [(ask, .toServer), (Array("N".utf8), .toClient), (rest, .toServer)])
        #expect(plain.passed[.toServer] == ask + Self.opening)
        let secret = run(plan, [(ask, .toServer), (Array("S".utf8), .toClient), (rest, .toServer)])
        #expect(secret.passed[.toServer] == ask + rest)
    }

    @Test("a stall keeps everything back, and its end loses nothing")
    func stalls() {
        let bytes = Self.opening + Self.query("select 1") + Self.commit
        for count in 0...bytes.count {
            var plan = FaultPlan([.stall(.after(bytes: count, .toServer))])
            var state = FaultState()
            var actions = state.opened(&plan)
            actions += state.received(bytes, .toServer, &plan)
            actions += state.received(Self.done("SELECT 1"), .toClient, &plan)
            #expect(state.phase == .stalled)
            #expect(state.received(Self.commit, .toServer, &plan).isEmpty)
            actions += state.resumed(&plan)
            var passed: [Direction: [UInt8]] = [:]
            for case .pass(let bytes, let direction) in actions { passed[direction, default: []] += bytes }
            #expect(passed == [.toServer: bytes + Self.commit, .toClient: Self.done("SELECT 1")])
        }
    }

    @Test("shares hit the same connections whenever the seed is the same, and about as many as they say")
    func shares() {
        let plan = FaultPlan(seed: 9, refusedShare: 0.1, cutShare: 0.2, cutWithin: 10...20)
        let fates = (1...10_000).map { plan.fate(of: $0) }
        #expect(fates == (1...10_000).map { plan.fate(of: $0) })
        let refused = fates.count { $0 == .isRefused }
        let passing = fates.count { $0 == .passes }
        #expect(abs(refused - 1000) < 150 && abs(passing - 7200) < 250)
        for case .isCut(let bytes, _) in fates { #expect((10...20).contains(bytes)) }
        var other = plan
        other.seed = 10
        #expect((1...10_000).map { other.fate(of: $0) } != fates)
        let cut = run(plan, [(Self.opening, .toServer)], fate: .isCut(after: 12, .toServer))
        #expect(cut.passed[.toServer] == Array(Self.opening.prefix(12)))
    }
}
