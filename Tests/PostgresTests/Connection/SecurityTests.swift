import Foundation
import Glibc
import TestServer
import Testing

@testable import Postgres

@Suite("Who is at the other end")
struct SecurityTests {
    @Test("TLS is required of a host that isn't local, unless the string says otherwise")
    func required() async throws {
        let server = try await GuardedServer.shared.value
        let encrypted = try await Connection.connect(server.options("arc"))
        #expect(await encrypted.usesTLS)
        let open = try await Connection.connect(server.options("arc", ["sslmode": "disable"]))
        #expect(await !open.usesTLS)
        let plain = try await GuardedServer.plain.value
        let error = await #expect(throws: DatabaseError.self) {
            try await Connection.connect(plain.options("arc"))
        }
        #expect(error?.message.contains("server does not support SSL, but SSL was required") == true)
        #expect(error?.advice?.contains("sslmode=disable") == true)
        // The same server by an address of this machine, and by its name for whoever trusts the network.
        for more in [["host": ""], ["sslmode": "prefer"], ["sslmode": "disable"]] {
            let connection = try await Connection.connect(plain.options("arc", more))
            #expect(await !connection.usesTLS)
        }
    }

    @Test("verify-full takes the server that has the name, signed by whom one trusts, and no other")
    func verifyFull() async throws {
        let server = try await GuardedServer.shared.value
        let trusted = ["sslmode": "verify-full", "sslrootcert": server.certificates + "/authority.crt"]
        let connection = try await Connection.connect(server.options("arc", trusted))
        #expect(await connection.usesTLS)
        let refusals: [([String: String], String)] = [
            (["host": "elsewhere.example"], "does not match host name \"elsewhere.example\""),
            (["sslrootcert": server.certificates + "/stranger.crt"], "certificate verify failed"),
            (["sslrootcert": server.certificates + "/none.crt"], "root certificate file"),
        ]
        for (more, says) in refusals {
            let options = try server.options("arc", trusted.merging(more) { $1 })
            let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        }
        // verify-ca asks for the signature alone.
        let byAuthority = trusted.merging(["sslmode": "verify-ca", "host": "elsewhere.example"]) { $1 }
        #expect(try await Connection.connect(server.options("arc", byAuthority)).usesTLS)
    }

    @Test("of two hosts the one that can't prove its name is passed over")
    func passedOver() async throws {
        let server = try await GuardedServer.shared.value
        let options = try server.options(
            "arc",
            [
                "host": "elsewhere.example,db.example", "hostaddr": "\(server.address),\(server.address)",
                "sslmode": "verify-full", "sslrootcert": server.certificates + "/authority.crt",
            ])
        let connection = try await Connection.connect(options)
        #expect(
            try await connection.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()")[0, 0]
                == true)
    }

    @Test("a client shows its certificate, and a stranger's counts for nothing")
    func clientCertificates() async throws {
        let server = try await GuardedServer.shared.value
        func shown(_ name: String) -> [String: String] {
            ["sslcert": "\(server.certificates)/\(name).crt", "sslkey": "\(server.certificates)/\(name).key"]
        }
        let connection = try await Connection.connect(server.options("client", shown("client")))
        let row = try await connection.query(
            "select current_user::text, client_dn from pg_stat_ssl where pid = pg_backend_pid()"
        ).single()
        #expect(row.values == ["client", "/CN=client"])
        for more in [shown("intruder"), ["sslcert": server.certificates + "/none.crt"]] {
            await #expect(throws: DatabaseError.self) {
                try await Connection.connect(server.options("client", more))
            }
        }
    }

    @Test("a password comes from the password file, for the host that it is for, and is shown by no error")
    func passwordFile() async throws {
        let server = try await GuardedServer.shared.value
        let file = server.certificates + "/pgpass-\(UUID())"
        try Data("db.example:5432:*:guarded:f1le-pw\n*:*:*:other:wr0ng-pw\n".utf8).write(
            to: URL(filePath: file))
        chmod(file, 0o600)
        let connection = try await Connection.connect(server.options("guarded", ["passfile": file]))
        #expect(try await connection.query("select current_user::text")[0, 0] == "guarded")
        let error = await #expect(throws: DatabaseError.self) {
            try await Connection.connect(server.options("other", ["passfile": file]))
        }
        #expect(error?.sqlState == "28P01" && error?.debugDescription.contains("wr0ng-pw") == false)
        #expect(error?.advice?.contains("~/.pgpass") == true)
        let none = await #expect(throws: DatabaseError.self) {
            try await Connection.connect(server.options("guarded", ["passfile": file + "-none"]))
        }
        #expect(none?.advice?.contains("~/.pgpass") == true)
    }

    @Test(
        "a wrong password is shown by nothing, however it is written",
        arguments: ["wr0ng p@ss/w:rd?#%", "päss wörd", "'quo\\ted'"])
    func wrongPassword(password: String) async throws {
        let server = try await GuardedServer.shared.value
        let byKeywords = try server.options("guarded", ["password": password])
        for options in [byKeywords, try ConnectionOptions(byKeywords.url)] {
            #expect(options["password"] == password)
            let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
            #expect(error?.sqlState == "28P01")
            let texts = [
                error?.description, error?.debugDescription, "\(options)", String(reflecting: options),
            ]
            for text in texts.compactMap(\.self) {
                #expect(!text.contains(password) && !text.contains(Redaction.percentEncoded(password)))
            }
        }
    }
}
