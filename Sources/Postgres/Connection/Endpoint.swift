/// One of the servers that a connection may go to.
struct Endpoint: Sendable, Hashable {
    /// A name, an address, or the directory of a Unix socket; "" for libpq's own socket, or where `hostaddr` says all.
    var host: String
    /// A numeric address, which spares looking up `host`.
    var hostaddr: String
    /// The port, as text; "" for 5432.
    var port: String

    /// Whether this is this machine: both what is connected to and the name that its certificate would have to bear.
    var isLocal: Bool { Self.isLocal(host) && Self.isLocal(hostaddr) }

    /// Whether `host` has to be looked up.
    var needsLookup: Bool {
        hostaddr.isEmpty && !host.isEmpty && !host.hasPrefix("/") && !host.hasPrefix("@")
            // Lists that don't fit together aren't looked up but refused.
            && !host.contains(",") && !port.contains(",")
    }

    /// For people: as "db.example.com:5433" or "/run/postgresql".
    var name: String {
        let shown = host.isEmpty ? hostaddr : host
        guard !shown.isEmpty else { return "the local socket" }
        guard !port.isEmpty, port != "5432" else { return shown }
        return shown.contains(":") ? "[\(shown)]:\(port)" : "\(shown):\(port)"
    }

    /// The endpoints of libpq's three lists, which are separated by commas. Where their lengths don't fit together
    /// there is one, with the lists as they are, and libpq says what is wrong.
    static func list(host: String?, hostaddr: String?, port: String?) -> [Endpoint] {
        func split(_ text: String?) -> [String] {
            (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (hosts, addresses, ports) = (split(host), split(hostaddr), split(port))
        let count = max(hosts.count, addresses.count)
        guard host ?? "" == "" || hosts.count == count, hostaddr ?? "" == "" || addresses.count == count,
            ports.count == 1 || ports.count == count
        else { return [Endpoint(host: host ?? "", hostaddr: hostaddr ?? "", port: port ?? "")] }
        return (0..<count).map { index in
            Endpoint(
                host: index < hosts.count ? hosts[index] : "",
                hostaddr: index < addresses.count ? addresses[index] : "",
                port: ports.count == 1 ? ports[0] : ports[index])
        }
    }

    private static func isLocal(_ host: String) -> Bool {
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return true }
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
