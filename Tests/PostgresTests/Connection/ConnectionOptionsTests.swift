import FaultProxy
import Glibc
import TestServer
import Testing

@testable import Postgres

extension ConnectionOptions {
    /// What libpq is told about the first server.
    var told: [String: String] { effective(endpoints[0]) }
}

@Suite("Connection options")
struct ConnectionOptionsTests {
    @Test("everything of a URL is taken")
    func url() throws {
        let options = try ConnectionOptions("postgresql://ada@db.example.com:5433/eval?options=-c%20a%3D1")
        #expect(options.host == "db.example.com")
        #expect(options.port == 5433)
        #expect(options.database == "eval")
        #expect(options.user == "ada")
        #expect(options["options"] == "-c a=1")
    }

    @Test(
        "local is what stays on this machine",
        arguments: [
            ("", true), ("host=/tmp", true), ("host=@abstract", true), ("host=localhost", true),
            ("host=127.0.0.1", true), ("host=127.8.9.10", true), ("host=::1", true),
            ("host=127.0.0.1.example.com", false), ("host=db", false), ("host=10.0.0.1", false),
            ("host=localhost,db", false), ("host=localhost hostaddr=10.0.0.1", false),
            ("postgresql://[::1]:5432/x", true), ("host=db.example hostaddr=127.0.0.1", false),
            ("hostaddr=127.0.0.1", true), ("host=localhost hostaddr=127.0.0.1,::1", false),
        ])
    func local(string: String, isLocal: Bool) throws {
        #expect(try ConnectionOptions(string).isLocal == isLocal)
    }

    @Test(
        "a password that spills into the host is refused, and no piece of it shown",
        arguments: [
            "postgresql://bob:s3cr3t@pw#/x@127.0.0.1:5432/x", "postgresql://bob:s3cr3t@pw?x=1#/y@h/x",
        ])
    func spilledPassword(_ url: String) {
        let error = #expect(throws: DatabaseError.self) { try ConnectionOptions(url) }
        #expect(error?.code == .invalidOptions)
        #expect(error?.description.contains("s3cr3t") == false && error?.description.contains("pw") == false)
    }

    @Test("TLS is required where the host isn't local and nobody says otherwise")
    func tls() throws {
        #expect(try ConnectionOptions("host=db").told["sslmode"] == "require")
        #expect(try ConnectionOptions("host=db sslmode=disable").told["sslmode"] == "disable")
        #expect(try ConnectionOptions("host=db sslmode=verify-full").told["sslmode"] == "verify-full")
        #expect(try ConnectionOptions("host=/tmp").told["sslmode"] == nil)
    }

    @Test("of several servers each is told what it needs: TLS where it isn't local, its own port")
    func severalServers() throws {
        let options = try ConnectionOptions("postgresql://ada@localhost,db.example:5433,[::1]/eval")
        #expect(options.endpoints.map(\.name) == ["localhost", "db.example:5433", "::1"])
        let told = options.endpoints.map { options.effective($0) }
        #expect(told.map { $0["sslmode"] } == [nil, "require", nil])
        #expect(told.map { $0["host"] } == ["localhost", "db.example", "::1"])
        #expect(told.map { $0["port"] } == ["", "5433", ""])
        let onePort = try ConnectionOptions("host=a,b port=7 hostaddr=10.0.0.1,10.0.0.2")
        #expect(onePort.endpoints.map(\.port) == ["7", "7"])
        #expect(onePort.endpoints.map(\.hostaddr) == ["10.0.0.1", "10.0.0.2"])
        #expect(onePort.endpoints.allSatisfy { !$0.needsLookup })
    }

    @Test(
        "lists that don't fit together are left for libpq to refuse",
        arguments: ["host=a,b port=1,2,3", "host=a,b hostaddr=10.0.0.1", "host=a port=1,2"])
    func unequalLists(string: String) async throws {
        let options = try ConnectionOptions(string)
        #expect(options.endpoints.count == 1)
        let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
        #expect(error?.message.contains("could not match") == true)
    }

    @Test("the application's name and the time to connect have defaults")
    func defaults() throws {
        #expect(try ConnectionOptions("").told["application_name"] == "arc")
        #expect(try ConnectionOptions("application_name=x").told["application_name"] == "x")
        #expect(try ConnectionOptions("").connectTimeout == .seconds(10))
        #expect(try ConnectionOptions("connect_timeout=3").connectTimeout == .seconds(3))
        #expect(try ConnectionOptions("connect_timeout=0").connectTimeout == nil)
    }

    @Test("a machine that vanishes is noticed within a minute, unless the string says otherwise")
    func keepalives() async throws {
        let told = try ConnectionOptions("").told
        #expect(told["keepalives_idle"] == "30" && told["tcp_user_timeout"] == "60000")
        let given = try ConnectionOptions("keepalives_idle=7 tcp_user_timeout=0").told
        #expect(given["keepalives_idle"] == "7" && given["tcp_user_timeout"] == "0")
        // And the system is told.
        let proxy = try FaultProxy(to: try await TestDatabase.create("keepalive").options, on: .loopback)
        let connection = try await Connection.connect(proxy.options)
        let socket = await connection.socketNumber
        var values: [Int32] = []
        for option in [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT] {
            var (value, length) = (Int32(), socklen_t(MemoryLayout<Int32>.size))
            getsockopt(socket, Int32(IPPROTO_TCP), option, &value, &length)
            values.append(value)
        }
        #expect(values == [30, 10, 3, 60_000])
    }

    @Test("a URL made from options reads back as the same options")
    func roundTrip() throws {
        for string in [
            "postgresql://ada:p%40ss%2F@db.example.com:5433/eval?sslmode=require", "host=/tmp/a dbname=x",
            "host=a,b port=1,2 dbname='a b/c'", "host=::1 user='a@b' password='x y'", "user=ada",
        ] {
            let options = try ConnectionOptions(string)
            #expect(try ConnectionOptions(options.url).given == options.given)
        }
    }

    @Test("a keyword can be replaced and given up")
    func with() throws {
        let options = try ConnectionOptions("host=/tmp dbname=a").with("dbname", "b 'c'").with("host", nil)
        #expect(options.database == "b 'c'")
        #expect(options.given["host"] == nil)
        #expect(throws: DatabaseError.self) { try options.with("nonsense", "1") }
    }
}
