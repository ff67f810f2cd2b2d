/// What a proxy does with the bytes of one connection. It is told what arrives and answers with what is to be done.
struct FaultState: Sendable {
    enum Action: Sendable, Equatable {
        /// Pass these bytes on.
        case pass([UInt8], Direction)
        /// End the connection when what was passed on before has left.
        case cut
    }

    enum Phase: Sendable, Equatable {
        /// Passing on what arrives. → `stalled`, `cut`
        case passing
        /// Passing nothing on. → `passing`, `cut`
        case stalled
        /// Over. Stays so.
        case cut
    }

    /// A command of the client's, from its message to its execution.
    private struct Commands {
        /// The SQL of prepared statements, and which of them each portal runs.
        var statements: [[UInt8]: String] = [:]
        var portals: [[UInt8]: String] = [:]
    }

    private(set) var phase = Phase.passing
    /// Whether this connection was made to cancel what another one does.
    private(set) var isCancel = false
    /// How many bytes have been passed on.
    private(set) var passed: [Direction: Int] = [.toServer: 0, .toClient: 0]
    /// How many faults have struck since that was last asked.
    private var strikes = 0

    private var readers: [Direction: MessageReader] = [
        .toServer: MessageReader(startsWithOpening: true, wanted: Set("QPBE".utf8)),
        .toClient: MessageReader(startsWithOpening: false, wanted: Set("C".utf8)),
    ]
    private var commands = Commands()
    private var copied = 0
    private var isAskingForEncryption = false
    /// What a stall has kept from being passed on although it was taken from the reader.
    private var held: [Direction: [UInt8]] = [:]
    /// The bytes of this connection's own after which it is cut.
    private let end: (bytes: Int, direction: Direction)?

    /// The state of a connection that has just been made.
    init(fate: FaultPlan.Fate = .passes) {
        if case .isCut(let bytes, let direction) = fate { end = (bytes, direction) } else { end = nil }
    }

    /// How many faults have struck here since the last call.
    mutating func takeStrikes() -> Int {
        defer { strikes = 0 }
        return strikes
    }

    /// The client has connected.
    mutating func opened(_ plan: inout FaultPlan) -> [Action] {
        var actions: [Action] = []
        _ =
            strikesAfterBytes(.toServer, [], &plan, &actions)
            || strikesAfterBytes(.toClient, [], &plan, &actions)
        return actions
    }

    /// Bytes have arrived.
    mutating func received(_ bytes: [UInt8], _ direction: Direction, _ plan: inout FaultPlan) -> [Action] {
        guard phase != .cut else { return [] }
        readers[direction]?.append(bytes)
        return proceed(direction, &plan)
    }

    /// The stall is over: what has arrived meanwhile is passed on.
    mutating func resumed(_ plan: inout FaultPlan) -> [Action] {
        guard phase == .stalled else { return [] }
        phase = .passing
        var actions: [Action] = []
        for direction in Direction.allCases {
            let rest = held.removeValue(forKey: direction) ?? []
            if phase == .passing { pass(rest, direction, &plan, &actions) }
            actions += proceed(direction, &plan)
        }
        return actions
    }

    private mutating func proceed(_ direction: Direction, _ plan: inout FaultPlan) -> [Action] {
        var actions: [Action] = []
        while phase == .passing, let piece = readers[direction]?.next() {
            switch piece {
            case .opening(let code, let bytes): open(code, bytes, &plan, &actions)
            case .raw(let bytes):
                answerEncryption(bytes, direction)
                pass(bytes, direction, &plan, &actions)
            case .part(let type, let bytes, _):
                let isCopy = type == UInt8(ascii: "d") && direction == .toServer
                pass(bytes, direction, isCopy: isCopy, &plan, &actions)
            case .whole(_, let bytes):
                if direction == .toServer {
                    command(bytes, &plan, &actions)
                } else {
                    answer(bytes, &plan, &actions)
                }
            }
        }
        return actions
    }

    // MARK: - Messages

    private mutating func open(
        _ code: UInt32, _ bytes: [UInt8], _ plan: inout FaultPlan, _ actions: inout [Action]
    ) {
        // Protocol 1234.5678 cancels; .5679 and .5680 ask for TLS and GSSAPI.
        switch code {
        case 80_877_102:
            isCancel = true
            if strikes({ $0 == .beforeCancel }, bytes, .toServer, &plan, &actions) { return }
        case 80_877_103, 80_877_104:
            isAskingForEncryption = true
            readers[.toClient]?.expectAnswer()
        default: break
        }
        pass(bytes, .toServer, &plan, &actions)
    }

    private mutating func answerEncryption(_ bytes: [UInt8], _ direction: Direction) {
        guard isAskingForEncryption, direction == .toClient else { return }
        isAskingForEncryption = false
        guard bytes.first == UInt8(ascii: "N") else {
            for direction in Direction.allCases { readers[direction]?.turnRaw() }
            return
        }
        readers[.toServer]?.expectOpening()
    }

    private mutating func command(_ bytes: [UInt8], _ plan: inout FaultPlan, _ actions: inout [Action]) {
        let texts = bytes.dropFirst(5).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        let first = texts.first.map(Array.init) ?? []
        let second = texts.count > 1 ? Array(texts[1]) : []
        var running: String?
        switch bytes[0] {
        case UInt8(ascii: "Q"): running = String(decoding: first, as: UTF8.self)
        case UInt8(ascii: "P"): commands.statements[first] = String(decoding: second, as: UTF8.self)
        case UInt8(ascii: "B"): commands.portals[first] = commands.statements[second]
        default: running = commands.portals[first]
        }
        guard let running else { return pass(bytes, .toServer, &plan, &actions) }
        let isBefore = { (point: Fault.Point) in
            if case .beforeCommand(let text) = point { running.contains(text) } else { false }
        }
        if strikes(isBefore, bytes, .toServer, &plan, &actions) { return }
        pass(bytes, .toServer, &plan, &actions)
        guard phase == .passing else { return }
        let isAfter = { (point: Fault.Point) in
            if case .afterCommand(let text) = point { running.contains(text) } else { false }
        }
        _ = strikes(isAfter, [], .toServer, &plan, &actions)
    }

    private mutating func answer(_ bytes: [UInt8], _ plan: inout FaultPlan, _ actions: inout [Action]) {
        let tag = String(decoding: bytes.dropFirst(5).dropLast(), as: UTF8.self)
        let isBefore = { (point: Fault.Point) in
            if case .beforeAnswer(let text) = point { tag.hasPrefix(text) } else { false }
        }
        if strikes(isBefore, bytes, .toClient, &plan, &actions) { return }
        pass(bytes, .toClient, &plan, &actions)
    }

    // MARK: - Passing on, and faults

    private mutating func pass(
        _ bytes: [UInt8], _ direction: Direction, isCopy: Bool = false, _ plan: inout FaultPlan,
        _ actions: inout [Action]
    ) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let gone = passed[direction, default: 0]
            var room = min(rest.count, plan.room(direction, passed: gone) ?? .max)
            if let end, end.direction == direction { room = min(room, max(end.bytes - gone, 0)) }
            if isCopy { room = min(room, plan.roomInCopy(passed: copied) ?? .max) }
            let part = rest.prefix(room)
            rest = rest.dropFirst(room)
            if !part.isEmpty { actions.append(.pass(Array(part), direction)) }
            passed[direction, default: 0] += part.count
            if isCopy { copied += part.count }
            let copied = copied
            let isReached = { (point: Fault.Point) in isCopy && point == .inCopy(bytes: copied) }
            if strikesAfterBytes(direction, Array(rest), &plan, &actions)
                || strikes(isReached, Array(rest), direction, &plan, &actions)
            {
                return
            }
        }
    }

    private mutating func strikesAfterBytes(
        _ direction: Direction, _ rest: [UInt8], _ plan: inout FaultPlan, _ actions: inout [Action]
    ) -> Bool {
        let gone = passed[direction, default: 0]
        if let end, end.direction == direction, end.bytes <= gone {
            strike(.cut, rest, direction, &actions)
            return true
        }
        return strikes({ $0 == .after(bytes: gone, direction) }, rest, direction, &plan, &actions)
    }

    private mutating func strikes(
        _ isReached: (Fault.Point) -> Bool, _ rest: [UInt8], _ direction: Direction,
        _ plan: inout FaultPlan, _ actions: inout [Action]
    ) -> Bool {
        guard let fault = plan.strike(isReached) else { return false }
        strike(fault.effect, rest, direction, &actions)
        return true
    }

    /// `rest` has not been passed on: it is lost with a cut, and kept for the end of a stall.
    private mutating func strike(
        _ effect: Fault.Effect, _ rest: [UInt8], _ direction: Direction, _ actions: inout [Action]
    ) {
        strikes += 1
        switch effect {
        case .cut:
            phase = .cut
            actions.append(.cut)
        case .stall:
            phase = .stalled
            held[direction] = rest
        }
    }
}
