import ArcKit
import Foundation
import Postgres
import TestServer
import Testing

@testable import ArcShell

@Suite("arc doctor")
struct DoctorTests {
    private func checks(_ result: Program.Result) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    }

    private func verdicts(_ result: Program.Result) throws -> [String: String] {
        Dictionary(
            try checks(result).map { ($0["check"] as? String ?? "", $0["verdict"] as? String ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    @Test("a world where all is well: every line has a verdict, and nothing fails")
    func well() async throws {
        let world = try await World.reading()
        let result = try await world.arc("doctor", "--format", "json")
        #expect(result.status == 0 && result.notes == "", "\(result)")
        let verdicts = try verdicts(result)
        for name in [
            "server", "connection", "version", "schema", "storage", "clock", "spool", "state folder",
            "data folder", "locale",
        ] {
            #expect(verdicts[name] == "ok", "\(name): \(verdicts[name] ?? "missing")")
        }
        for name in ["postgresql", "extension", "connections", "disk of the spool", "plugins"] {
            #expect(["ok", "warn"].contains(verdicts[name]), "\(name): \(verdicts[name] ?? "missing")")
        }
        let text = try await world.arc("doctor")
        #expect(text.status == 0)
        for line in text.output.split(separator: "\n") where !line.hasPrefix(" ") {
            #expect(["ok  ", "warn", "fail"].contains(line.prefix(4)), "\(line)")
        }
    }

    @Test("a database that can't be reached is 2, says what to do, and never shows the password")
    func away() async throws {
        let home = try TemporaryDirectory()
        let url = "postgresql://me:s3cr3t%2Fword@127.0.0.1:1/nowhere"
        for arguments in [["doctor", "--url", url], ["doctor", "--url", url, "--format", "json"]] {
            let result = try await Program.run(
                arguments, environment: Program.environment(home: home.path), folder: home.path)
            #expect(result.status == 2, "\(result)")
            #expect(result.output.contains("fail") && result.output.contains("127.0.0.1"))
            for text in [result.output, result.notes] {
                #expect(!text.contains("s3cr3t") && !text.contains("word@"))
            }
        }
    }

    @Test("a choice that can't be made fails with its reason, and the rest is checked all the same")
    func noChoice() async throws {
        let home = try TemporaryDirectory()
        let result = try await Program.run(
            ["doctor", "--profile", "missing", "--format", "json"],
            environment: Program.environment(home: home.path, ["LANG": "C"]), folder: home.path)
        #expect(result.status == 1)
        let verdicts = try verdicts(result)
        #expect(verdicts["server"] == "fail" && verdicts["spool"] == "ok" && verdicts["locale"] == "warn")
    }

    @Test("it starts no server and makes no folder")
    func touchesNothing() async throws {
        let home = try TemporaryDirectory()
        let result = try await Program.run(
            ["doctor"], environment: Program.environment(home: home.path), folder: home.path)
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("there is no local server yet"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [])
    }

    @Test(
        "a database without a schema, and a state folder that others can write to, are warnings with advice")
    func warnings() async throws {
        let empty = try await TestEmpty.make()
        let state = empty.home.path + "/state/arc"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        #expect(chmod(state, 0o777) == 0)
        let result = try await empty.arc("doctor", "--format", "json")
        #expect(result.status == 0)
        let all = try checks(result)
        let verdicts = try verdicts(result)
        #expect(verdicts["schema"] == "warn" && verdicts["state folder"] == "warn")
        for check in all where check["verdict"] as? String != "ok" {
            #expect(check["advice"] is String, "\(check)")
        }
        #expect(result.output.contains("chmod go-w \(state)") && result.output.contains("arc db deploy"))
    }

    @Test("the bounds between ok, warn and fail")
    func bounds() {
        typealias Server = ServerChecks
        #expect(Server.version("13.9").verdict == .fail && Server.version("14.0").verdict == .ok)
        #expect(Server.version("19devel").verdict == .ok)
        let current = SchemaDeployer.currentVersion
        #expect(Server.schema(current).verdict == .ok && Server.schema(current - 1).verdict == .warn)
        #expect(Server.schema(current + 1).verdict == .fail && Server.schema(nil).verdict == .warn)
        let pool = PoolSettings(size: 20, maxOverflow: 30)
        #expect(Server.connections(most: 97, used: 3, pool: pool).verdict == .ok)
        #expect(Server.connections(most: 97, used: 48, pool: pool).verdict == .warn)
        #expect(Server.connections(most: 49, used: 0, pool: pool).verdict == .fail)
        #expect(Server.clock(skew: 0.9, uncertainty: 0).verdict == .ok)
        #expect(Server.clock(skew: -1.1, uncertainty: 0).verdict == .warn)
        #expect(Server.clock(skew: -1.1, uncertainty: 0).finding.hasSuffix("behind"))
        #expect(Server.clock(skew: 5, uncertainty: 10).verdict == .ok)
        #expect(Server.clock(skew: 61, uncertainty: 0.1).verdict == .fail)
        #expect(MachineChecks.room("disk", "/", free: 63 << 20).verdict == .fail)
        #expect(MachineChecks.room("disk", "/", free: 1023 << 20).verdict == .warn)
        #expect(MachineChecks.room("disk", "/", free: 1 << 30).verdict == .ok)
    }
}
