import SeededRandom

/// Which way bytes go.
public enum Direction: Sendable, Hashable, CaseIterable {
    /// What the client says.
    case toServer
    /// What the server answers.
    case toClient
}

/// Something that goes wrong with a connection, once, at a point of its conversation.
public struct Fault: Sendable, Hashable {
    /// What happens.
    public enum Effect: Sendable, Hashable {
        /// Both ends find their connection gone.
        case cut
        /// Nothing is passed on any more, either way, and neither end is told.
        case stall
    }

    /// When it happens.
    public enum Point: Sendable, Hashable {
        /// When exactly this many bytes have been passed on; 0 as soon as the client has connected.
        case after(bytes: Int, Direction)
        /// When the client sends a command that contains this text; the server doesn't get it.
        case beforeCommand(String)
        /// When the server has been handed a command that contains this text, before it can have answered.
        case afterCommand(String)
        /// When the server has done a command and says so with a tag that begins with this text, such as `COMMIT` or
        /// `COPY 12`; the client doesn't hear of it.
        case beforeAnswer(String)
        /// When so many bytes of `COPY` data have gone to the server, message headers included.
        case inCopy(bytes: Int)
        /// When the client asks the server to cancel a command, on a connection of its own; the server isn't told.
        case beforeCancel
    }

    /// What happens.
    public var effect: Effect
    /// When it happens.
    public var point: Point

    /// That effect at that point.
    public init(_ effect: Effect, _ point: Point) {
        self.effect = effect
        self.point = point
    }

    /// The connection is cut at that point.
    public static func cut(_ point: Point) -> Fault { Fault(.cut, point) }
    /// The connection stalls at that point.
    public static func stall(_ point: Point) -> Fault { Fault(.stall, point) }
}

/// What goes wrong with which of a proxy's connections: a share of all, decided by the seed and the connection's
/// number alone, and faults that lie in wait for whichever connection first comes to their point.
public struct FaultPlan: Sendable {
    /// What happens to a connection that has just been made.
    enum Fate: Sendable, Equatable {
        case passes
        case isRefused
        case isCut(after: Int, Direction)
    }

    /// Decides which connections are hit.
    public var seed: UInt64
    /// The share of new connections that end at once, 0…1.
    public var refusedShare: Double
    /// The share of connections that are cut on their way, 0…1.
    public var cutShare: Double
    /// The numbers of bytes, of one direction, after which those are cut.
    public var cutWithin: ClosedRange<Int>
    /// The faults that lie in wait.
    public private(set) var armed: [Fault] = []

    /// A plan by which nothing goes wrong, unless said.
    public init(
        seed: UInt64 = 1, refusedShare: Double = 0, cutShare: Double = 0,
        cutWithin: ClosedRange<Int> = 1...20_000, _ armed: [Fault] = []
    ) {
        self.seed = seed
        self.refusedShare = refusedShare
        self.cutShare = cutShare
        self.cutWithin = cutWithin
        self.armed = armed
    }

    /// Lets `fault` lie in wait.
    public mutating func arm(_ fault: Fault) { armed.append(fault) }

    /// Takes all faults back that haven't struck.
    public mutating func disarm() { armed = [] }

    /// What happens to the connection of that number, counted from 1.
    func fate(of number: Int) -> Fate {
        var random = SeededGenerator(seed: seed &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
        // Drawn whether or not they are needed, so that one share doesn't change whom another hits.
        let (refusal, cut) = (
            Double.random(in: 0..<1, using: &random), Double.random(in: 0..<1, using: &random)
        )
        let bytes = Int.random(in: cutWithin, using: &random)
        let direction: Direction = Bool.random(using: &random) ? .toServer : .toClient
        if refusal < refusedShare { return .isRefused }
        return cut < cutShare ? .isCut(after: bytes, direction) : .passes
    }

    /// The first fault in wait whose point `isReached`; it lies in wait no more.
    mutating func strike(_ isReached: (Fault.Point) -> Bool) -> Fault? {
        armed.firstIndex { isReached($0.point) }.map { armed.remove(at: $0) }
    }

    /// How many bytes may pass until the next fault that counts those of `direction`, of which `passed` went by.
    func room(_ direction: Direction, passed: Int) -> Int? {
        armed.compactMap { fault -> Int? in
            guard case .after(let bytes, direction) = fault.point, bytes > passed else { return nil }
            return bytes - passed
        }.min()
    }

    /// How many bytes of `COPY` data may pass until the next fault in one.
    func roomInCopy(passed: Int) -> Int? {
        armed.compactMap { fault -> Int? in
            guard case .inCopy(let bytes) = fault.point, bytes > passed else { return nil }
            return bytes - passed
        }.min()
    }
}
