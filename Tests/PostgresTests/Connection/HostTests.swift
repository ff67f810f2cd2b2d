import Foundation
import Glibc
import TestServer
import Testing

@testable import Postgres

/// A primary and a streaming standby of it, each on a Unix socket.
struct Replication {
    let primary: EphemeralServer
    let standby: Companion

    /// One for all tests of this file.
    static let shared = Task { try await Replication() }

    private init() async throws {
        primary = try await EphemeralServer(settings: ServerSettings(maxConnections: 50))
        let programs = try await ServerPrograms.find().directory
        let directory = try Companion.makeDirectory()
        let host = primary.options.host ?? ""
        try await Companion.run([
            programs + "/pg_basebackup", "--pgdata=\(directory)/data", "--host=\(host)", "--username=arc",
            "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
        ])
        standby = try Companion(
            [
                programs + "/postgres", "-D", directory + "/data", "-c",
                "unix_socket_directories=\(directory)", "-c", "logging_collector=off",
            ], directory: directory)
        try await Companion.wait(for: primary.options.with("host", directory))
    }

    /// How to connect to these servers, "primary" or "standby", or whatever else a host may be.
    func options(_ hosts: String..., wanting session: String? = nil) throws -> ConnectionOptions {
        let names = hosts.map { host in
            host == "primary" ? primary.options.host ?? "" : host == "standby" ? standby.directory : host
        }
        return try primary.options.with("host", names.joined(separator: ",")).with("connect_timeout", "2")
            .with("target_session_attrs", session)
    }
}

/// A port of this machine that takes connections and then says nothing at all.
final class SilentPort: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}

@Suite("Several hosts")
struct HostTests {
    @Test(
        "the server is chosen by what the session is wanted for",
        arguments: [
            ("any", "standby"), ("read-write", "primary"), ("read-only", "standby"), ("primary", "primary"),
            ("standby", "standby"), ("prefer-standby", "standby"),
        ])
    func wanted(session: String, expected: String) async throws {
        let servers = try await Replication.shared.value
        for hosts in [["standby", "primary"], ["primary", "standby"]] {
            let options = try servers.options(hosts[0], hosts[1], wanting: session)
            let connection = try await Connection.connect(options)
            let isStandby = try await connection.query("select pg_is_in_recovery()")[0, 0]
            let expected = session == "any" ? hosts[0] : expected
            #expect(isStandby == .bool(expected == "standby"), "\(session) of \(hosts)")
            await connection.close()
        }
    }

    @Test("a standby is preferred and not insisted upon")
    func preferred() async throws {
        let servers = try await Replication.shared.value
        let connection = try await Connection.connect(
            servers.options("/nowhere", "primary", wanting: "prefer-standby"))
        #expect(try await connection.query("select pg_is_in_recovery()")[0, 0] == false)
    }

    @Test("where no server is as wanted, each says why", arguments: ["standby", "read-only"])
    func unmet(session: String) async throws {
        let servers = try await Replication.shared.value
        let error = await #expect(throws: DatabaseError.self) {
            try await Connection.connect(servers.options("primary", "/nowhere", wanting: session))
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("\n  /nowhere: ") == true)
        #expect(
            error?.message.contains(session == "standby" ? "not in hot standby mode" : "not read-only")
                == true)
        #expect(error?.advice?.contains("target_session_attrs") == true)
    }

    @Test("a host that is silent, refuses or has no such name doesn't use up the time of the next")
    func unreachable() async throws {
        let servers = try await Replication.shared.value
        let silent = [try SilentPort(), try SilentPort()]
        let options = try servers.options("127.0.0.1", "127.0.0.1", "127.0.0.1", "nowhere.invalid", "primary")
            .with("port", "\(silent[0].port),\(silent[1].port),1,5432,5432")
        let connection = try await Connection.connect(options)
        #expect(try await connection.query("select 1")[0, 0] == 1)
    }

    @Test("where all hosts fail, each is named with its reason")
    func allFail() async throws {
        let servers = try await Replication.shared.value
        let silent = try SilentPort()
        let options = try servers.options("127.0.0.1", "127.0.0.1", "nowhere.invalid")
            .with("port", "\(silent.port),1,5432")
        let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
        let lines = try #require(error?.message).split(separator: "\n")
        #expect(error?.code == .connectionFailed && lines.count >= 4)
        #expect(error?.message.contains("  127.0.0.1:\(silent.port): no answer within 2 s") == true)
        #expect(error?.message.contains("  127.0.0.1:1: ") == true)
        #expect(error?.message.contains("  nowhere.invalid: could not translate host name") == true)
    }

    @Test("a server that is silent is a timeout, and connecting to it can be cancelled")
    func silence() async throws {
        let silent = try SilentPort()
        let options = try ConnectionOptions("host=127.0.0.1 port=\(silent.port) connect_timeout=2")
        let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
        #expect(error?.code == .timedOut)
        let patient = try options.with("connect_timeout", "0")
        let task = Task { try await Connection.connect(patient) }
        task.cancel()
        let cancelled = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(cancelled?.code == .cancelled)
    }

    @Test("a server that refuses the login is asked no further, and says so with its code")
    func refused() async throws {
        let servers = try await Replication.shared.value
        let options = try servers.options("primary", "standby").with("user", "nobody's")
        let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
        #expect(error?.sqlState == "28000")
        #expect(error?.message.contains("role \"nobody's\" does not exist") == true)
        #expect(error?.message.contains("\n") == false && error?.message.contains("28000") == false)
        let database = try servers.options("primary").with("dbname", "missing")
        let missing = await #expect(throws: DatabaseError.self) { try await Connection.connect(database) }
        #expect(missing?.sqlState == "3D000")
    }

    @Test("a server that is full has its code, and the next one is asked")
    func full() async throws {
        let servers = try await Replication.shared.value
        let owner = try await Connection.connect(servers.options("primary"))
        try await owner.script("create role narrow login connection limit 0")
        let options = try servers.options("primary").with("user", "narrow").with("dbname", "postgres")
        let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
        #expect(error?.sqlState == "53300")
        let both = try options.with("host", "\(options.host ?? ""),/nowhere").with("port", "5432")
        let each = await #expect(throws: DatabaseError.self) { try await Connection.connect(both) }
        #expect(each?.sqlState == "53300" && each?.message.contains("/nowhere") == true)
    }

    @Test("names are looked up, each address is tried, and a lookup can be given up")
    func lookup() async throws {
        let lookup = HostLookup("localhost")
        let interruption = Interruption()
        _ = interruption.begin()
        _ = interruption.wait(socket: lookup.descriptor, writing: false, until: .never, interruptible: true)
        let found = try #require(try lookup.addresses?.get())
        #expect(found.contains("127.0.0.1") && Set(found).count == found.count)
        let unread = HostLookup("nowhere.invalid")
        let patience = Deadline(instant: .now - .seconds(1))
        let answer = interruption.wait(
            socket: unread.descriptor, writing: false, until: patience, interruptible: true)
        guard case .timedOut = answer else {
            Issue.record("the lookup was waited for")
            return
        }
    }
}
