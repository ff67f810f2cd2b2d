import Glibc
public import Postgres
import Synchronization

/// Stands between clients and a PostgreSQL server, passes on what they say, and makes go wrong what its plan says.
///
///     let proxy = try FaultProxy(to: database.options)
///     proxy.arm(.cut(.beforeAnswer("COMMIT")))
///     let connection = try await Connection.connect(proxy.options)
///
/// It works on a thread of its own, on plain sockets, and waits for nothing but them. It ends with the object.
public final class FaultProxy: Sendable {
    /// Which kind of socket it listens on.
    public enum Listening: Sendable {
        /// A Unix socket in a directory of its own.
        case unix
        /// A port of 127.0.0.1 that the system chooses.
        case loopback
    }

    /// How to connect through the proxy.
    public let options: ConnectionOptions
    /// How to connect past it.
    public let server: ConnectionOptions
    private let shared: ProxyShared

    /// A proxy to the server of `server`, which has to listen on a Unix socket or on 127.0.0.1.
    ///
    /// - Parameter isRecording: whether the bytes passed on are kept.
    /// - Throws: `ProxyError` where the proxy can't listen; `DatabaseError` where the options aren't good for one.
    public init(
        to server: ConnectionOptions, plan: FaultPlan = FaultPlan(), on listening: Listening = .unix,
        isRecording: Bool = false
    ) throws {
        self.server = server
        let host = server.host ?? ""
        let target: Endpoint =
            host.hasPrefix("/")
            ? .unix("\(host)/.s.PGSQL.\(server.port)") : .loopback(port: UInt16(server.port))
        var directory: String?
        let listener: Int32
        switch listening {
        case .unix:
            var template = Array("/tmp/proxy-XXXXXX".utf8CString)
            guard let made = mkdtemp(&template).map({ String(cString: $0) }) else {
                throw ProxyError("no temporary directory")
            }
            listener = try Endpoint.unix("\(made)/.s.PGSQL.5432").listen()
            directory = made
            options = try server.with("host", made).with("port", "5432")
        case .loopback:
            listener = try Endpoint.loopback(port: 0).listen()
            options = try server.with("host", "127.0.0.1").with("port", "\(Endpoint.port(of: listener))")
        }
        shared = ProxyShared(plan: plan)
        let loop = ProxyLoop(
            shared: shared, listener: listener, directory: directory, target: target, isRecording: isRecording
        )
        loop.start()
    }

    deinit { shared.change { $0.isStopped = true } }

    /// What has happened so far.
    public var counts: Counts { shared.control.withLock { $0.counts } }

    /// Waits until the counts are as `condition` wants them.
    public func reached(_ condition: @escaping @Sendable (Counts) -> Bool) async {
        await withCheckedContinuation { continuation in
            shared.change {
                $0.waiters.append(ProxyShared.Waiter(condition: condition, continuation: continuation))
            }
        }
    }

    /// What was passed on, by the number of the connection and the direction, where that is recorded.
    public var recorded: [Int: [Direction: [UInt8]]] { shared.control.withLock { $0.recorded } }

    /// What goes wrong with new connections from now on, and lies in wait for those that are there.
    public var plan: FaultPlan {
        get { shared.control.withLock { $0.plan } }
        set { shared.change { $0.plan = newValue } }
    }

    /// Lets a fault lie in wait for whichever connection first comes to its point.
    public func arm(_ fault: Fault) { shared.change { $0.plan.arm(fault) } }

    /// Takes all faults back that haven't struck.
    public func disarm() { shared.change { $0.plan.disarm() } }

    /// Stops passing anything on, for every connection, and letting anybody in. Nobody is told.
    public func stall() { shared.change { $0.isStalled = true } }

    /// Ends every stall; what was said meanwhile is passed on.
    public func resume() {
        shared.change { control in
            control.isStalled = false
            control.resumptions += 1
        }
    }

    /// Cuts every connection that is there.
    public func cutAll() { shared.change { $0.cuts += 1 } }
}

/// What a proxy has seen and done.
public struct Counts: Sendable, Hashable {
    /// Connections that clients made.
    public var accepted = 0
    /// Of these, those that the plan refused.
    public var refused = 0
    /// Of these, those that the server wasn't there for.
    public var unanswered = 0
    /// Of these, those that were made to cancel a command.
    public var cancels = 0
    /// Connections that are open now.
    public var open = 0
    /// Faults that have struck.
    public var strikes = 0
    /// Bytes passed on.
    public var bytes: [Direction: Int] = [.toServer: 0, .toClient: 0]
}

/// What the proxy's thread and everybody else share.
final class ProxyShared: Sendable {
    /// Somebody who waits for the counts to be as he wants them.
    struct Waiter {
        let condition: @Sendable (Counts) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    struct Control {
        var waiters: [Waiter] = []
        var plan: FaultPlan
        var counts = Counts()
        var recorded: [Int: [Direction: [UInt8]]] = [:]
        var isStalled = false
        var isStopped = false
        /// How often everything was to be cut, or to be resumed.
        var cuts = 0
        var resumptions = 0
    }

    let control: Mutex<Control>
    /// Wakes the thread: a pipe, of which it reads one end.
    let wakeReader: Int32
    private let wakeWriter: Int32

    init(plan: FaultPlan) {
        control = Mutex(Control(plan: plan))
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { fatalError("no pipe for a proxy") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    func change(_ body: (inout Control) -> Void) {
        control.withLock { body(&$0) }
        var byte: UInt8 = 0
        _ = write(wakeWriter, &byte, 1)
    }

    func drainWakes() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wakeReader, &bytes, bytes.count) > 0 {}
    }
}
