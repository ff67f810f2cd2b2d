import Glibc

/// Why a proxy can't listen.
public struct ProxyError: Error, CustomStringConvertible {
    /// What the system refused, and its reason.
    public let description: String

    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// Where a server listens.
enum Endpoint: Sendable, Hashable {
    /// The path of a Unix socket.
    case unix(String)
    /// A port of 127.0.0.1.
    case loopback(port: UInt16)

    /// Calls `body` with the address as the system wants it.
    func withAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        switch self {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { bytes in
                precondition(path.utf8.count < bytes.count, "a socket's path is at most 107 bytes long")
                bytes.copyBytes(from: path.utf8)
            }
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        case .loopback(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    private var family: Int32 { if case .unix = self { AF_UNIX } else { AF_INET } }

    private func makeSocket() -> Int32 {
        socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// A socket that listens here, without blocking.
    func listen() throws(ProxyError) -> Int32 {
        let listener = makeSocket()
        guard listener >= 0 else { throw ProxyError("no socket") }
        guard withAddress({ bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 512) == 0 else {
            let error = ProxyError("can't listen on \(self)")
            close(listener)
            throw error
        }
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        return listener
    }

    /// A connection to whoever listens here, which doesn't block from then on; nil if nobody does.
    func connect() -> Int32? {
        let connection = makeSocket()
        guard connection >= 0 else { return nil }
        guard withAddress({ Glibc.connect(connection, $0, $1) }) == 0 else {
            close(connection)
            return nil
        }
        Self.prepare(connection)
        return connection
    }

    /// The next client that waits; nil if there is none.
    static func accept(_ listener: Int32) -> Int32? {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        prepare(client)
        return client
    }

    private static func prepare(_ socket: Int32) {
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        // Has no meaning, and no effect, on a Unix socket.
        var on: Int32 = 1
        _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The port that the system chose for a listener.
    static func port(of listener: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
