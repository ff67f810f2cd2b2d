internal import CPostgres
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Asks the system for the addresses of a host, on a thread of its own: `getaddrinfo` may wait for half a minute for
/// a name server that is away, and nothing interrupts it. Whoever waits can give up; the thread then ends by itself.
final class HostLookup: Sendable {
    /// Can be read when the answer is there.
    let descriptor: Int32
    private let answer = Mutex<Result<[String], DatabaseError>?>(nil)

    /// Starts to look.
    init(_ host: String) {
        descriptor = arc_eventfd()
        DispatchQueue(label: "arc.postgres.lookup").async { [self] in
            let found = Self.addresses(of: host)
            answer.withLock { $0 = found }
            eventfd_write(descriptor, 1)
        }
    }

    deinit { Glibc.close(descriptor) }

    /// The addresses in the order of preference, each once; nil as long as there is no answer.
    var addresses: Result<[String], DatabaseError>? { answer.withLock { $0 } }

    /// As libpq looks: any family, the system's order.
    private static func addresses(of host: String) -> Result<[String], DatabaseError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, nil, &hints, &list)
        guard failure == 0 else {
            let reason = String(cString: gai_strerror(failure))
            return .failure(
                DatabaseError(
                    .connectionFailed, "could not translate host name \"\(host)\" to address: \(reason)"))
        }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var entry = list
        while let current = entry {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let isTold = getnameinfo(
                current.pointee.ai_addr, current.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST)
            let address = String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if isTold == 0, !found.contains(address) { found.append(address) }
            entry = current.pointee.ai_next
        }
        return .success(found)
    }
}
