import LuaBridge
import Synchronization

/// Counts the probes of one test that live.
final class Tally: Sendable {
    fileprivate let count = Atomic(0)
    var live: Int { count.load(ordering: .sequentiallyConsistent) }

    /// Whether none lives. The Swift task of a host function lets go of its arguments a moment after it has answered, on a
    /// thread of its own.
    func settles() async -> Bool {
        for _ in 0..<100_000 where live > 0 { await Task.yield() }
        return live == 0
    }
}

final class Probe: HostObject {
    static let typeName = "probe"
    private let tally: Tally

    let name: String
    let memoryFootprint: Int

    init(_ name: String, footprint: Int = 0, tally: Tally = Tally()) {
        self.name = name
        self.tally = tally
        memoryFootprint = footprint
        tally.count.add(1, ordering: .sequentiallyConsistent)
    }

    deinit { tally.count.subtract(1, ordering: .sequentiallyConsistent) }
}

struct ProbeError: Error, ScriptError, Equatable {
    var number: Int
    var scriptMessage: String { "probe error \(number)" }
    var scriptCode: String { "probe" }
    var scriptAdvice: String? { "try another" }
}

/// Collects what `print` writes.
final class Output: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func write(_ text: String) { lines.withLock { $0.append(text) } }
}

/// Lets many waiters pass once it is opened.
actor Gate {
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private(set) var arrived = 0
    private var arrivals: [(Int, CheckedContinuation<Void, Never>)] = []

    func pass() async {
        arrived += 1
        let ready = arrivals.filter { $0.0 <= arrived }
        arrivals.removeAll { $0.0 <= arrived }
        for (_, continuation) in ready { continuation.resume() }
        if isOpen { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    func untilArrived(_ count: Int) async {
        if arrived >= count { return }
        await withCheckedContinuation { arrivals.append((count, $0)) }
    }

    func open() {
        isOpen = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }
}

/// A clock that moves only when it is told to.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var next = 0
        var sleepers: [Int: (Instant, CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                let watchers = state.withLock { state in
                    defer { state.watchers = [] }
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else if deadline <= state.now {
                        continuation.resume()
                    } else {
                        state.sleepers[number] = (deadline, continuation)
                    }
                    return state.watchers
                }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.1.resume(
                throwing: CancellationError())
        }
    }

    /// How many sleep.
    var sleeping: Int { state.withLock { $0.sleepers.count } }

    func untilSomeoneSleeps() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.sleepers.isEmpty { state.watchers.append(continuation) }
                return !state.sleepers.isEmpty
            }
            if isReady { continuation.resume() }
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { (state: inout State) -> [CheckedContinuation<Void, any Error>] in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.0 <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.1)
        }
        for continuation in due { continuation.resume() }
    }
}

extension MachineConfiguration {
    /// Functions that the tests call.
    static func probing(
        libraries: LibrarySet = .trusted, memoryLimit: Int? = nil, gate: Gate? = nil, output: Output? = nil,
        tally: Tally = Tally()
    ) -> MachineConfiguration {
        MachineConfiguration(
            libraries: libraries, memoryLimit: memoryLimit,
            functions: [
                .immediate("probe.echo") { $0.arguments },
                .immediate("probe.new") { call in
                    let footprint = Int(call[1].integerValue ?? 0)
                    return [.object(Probe(call[0].stringValue ?? "", footprint: footprint, tally: tally))]
                },
                .immediate("probe.fail") { throw ProbeError(number: Int($0[0].integerValue ?? 0)) },
                .waiting("probe.wait") { call in
                    await gate?.pass()
                    return call.arguments
                },
                .waiting("probe.wait_and_fail") { call in
                    await Task.yield()
                    throw ProbeError(number: Int(call[0].integerValue ?? 0))
                },
                .immediate("probe.close") { call in
                    let probe = try call.object(0, as: Probe.self)
                    call.close(probe, as: "the probe “\(probe.name)”")
                    return []
                },
            ],
            values: [.init("probe.null", .null)],
            types: [
                HostType(
                    Probe.typeName,
                    methods: [
                        .immediate("get_name") { [.string(try $0.object(0, as: Probe.self).name)] },
                        .waiting("wait_name") { [.string(try $0.object(0, as: Probe.self).name)] },
                    ],
                    index: { [.string("no \($0[1])")] },
                    length: { [.integer(Int64(try $0.object(0, as: Probe.self).name.utf8.count))] },
                    tostring: { [.string("probe " + (try $0.object(0, as: Probe.self).name))] },
                    call: .immediate { Array($0.arguments.dropFirst()) })
            ],
            output: { output?.write($0) })
    }
}

extension Machine {
    /// The error that a chunk ends with.
    func failure(_ source: String) async -> LuaError? {
        do {
            let values = try await run(source, name: "test")
            return LuaError(.runtime, "no error, but \(values)")
        } catch {
            return error
        }
    }
}
