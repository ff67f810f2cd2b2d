import Foundation
import Glibc
import Postgres
import TestServer
import Testing

@testable import ArcShell

/// A password is planted wherever a person may put one, and looked for wherever others may look.
@Suite("A password is shown nowhere")
struct PasswordTests {
    /// Where a password comes from.
    enum Way: String, CaseIterable, Sendable {
        case url, urlWithEquals, keywords, readURL, variable, readVariable, file, profile, libpq, service
    }

    static let passwords = ["pl4nted-w0rd", "pl4nted w0rd/?#@:%é'\\"]

    private static func encoded(_ password: String) -> String {
        password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? password
    }

    /// All the forms in which a password might turn up.
    private static func forms(_ password: String) -> [String] {
        let inQuotes = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return ["pl4nted", password, encoded(password), encoded(password).lowercased(), inQuotes]
    }

    private struct Plant {
        var arguments: [String] = []
        var environment: [String: String] = [:]
    }

    /// Plants a password for a role of this database's server; `isBroken` for a port on which nobody listens.
    private func plant(_ password: String, _ way: Way, _ world: World, isBroken: Bool) throws -> Plant {
        let options = world.database.options
        let (host, user) = (isBroken ? "127.0.0.1" : options.host ?? "", options.user ?? "")
        let port = isBroken ? 1 : options.port
        let url =
            "postgresql://\(user):\(Self.encoded(password))@/\(world.database.name)?host=\(host)&port=\(port)"
        let escaped = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        let keywords =
            "host=\(host) port=\(port) user=\(user) dbname=\(world.database.name) password='\(escaped)'"
        var plant = Plant()
        switch way {
        case .url: plant.arguments = ["--url", url]
        case .urlWithEquals: plant.arguments = ["--url=" + url]
        case .keywords: plant.arguments = ["--url", keywords]
        case .readURL: plant.arguments = ["--url", isBroken ? url : world.database.url, "--read-url", url]
        case .variable: plant.environment["ARC_DATABASE_URL"] = url
        case .readVariable:
            plant.environment = [
                "ARC_DATABASE_URL": isBroken ? url : world.database.url, "ARC_READ_DATABASE_URL": url,
            ]
        case .file: _ = try world.write("work/.env", "export ARC_DATABASE_URL=\"\(url)\"\n")
        case .profile:
            _ = try world.write(
                "config/arc/config.yaml", "profiles: {p: {url: \"\(url)\", read_url: \"\(url)\"}}\n")
            plant.arguments = ["--profile", "p"]
        case .libpq:
            plant.environment = ["PGHOST": host, "PGPORT": "\(port)", "PGUSER": user, "PGPASSWORD": password]
            plant.environment["PGDATABASE"] = world.database.name
        case .service:
            let text =
                "[s]\nhost=\(host)\nport=\(port)\nuser=\(user)\ndbname=\(world.database.name)\npassword=\(password)\n"
            plant.environment["PGSERVICEFILE"] = try world.write("work/services", text)
            plant.arguments = ["--url", "service=s"]
        }
        return plant
    }

    @Test(
        "in what arc prints, logs and keeps, however it was given and whatever goes wrong",
        arguments: Way.allCases)
    func nowhere(way: Way) async throws {
        for password in Self.passwords.suffix(1) {
            let world = World(
                home: try TemporaryDirectory(), database: try await TestDatabase.create("passwords"))
            _ = try world.write("work/empty", "")
            for isBroken in [false, true] {
                let plant = try plant(password, way, world, isBroken: isBroken)
                var environment = world.environment.merging(["ARC_LOG": "trace"]) { $1 }
                environment["ARC_DATABASE_URL"] = nil
                environment.merge(plant.environment) { $1 }
                let commands = [
                    ["db", "deploy"], ["db", "status"], ["db", "status", "--format", "json"], ["list"],
                    ["doctor"],
                    ["-c", "selec 1"], ["-e", "print(arc.health()) error('x')"],
                    ["-e", "arc.query('select 1/0')"],
                ]
                for command in isBroken ? Array(commands[1...5]) : commands {
                    let program = try Program(
                        command + plant.arguments, environment: environment, folder: world.home.path + "/work"
                    )
                    let result = try await program.end()
                    for form in Self.forms(password) {
                        #expect(!result.output.contains(form), "\(command): \(result.output)")
                        #expect(!result.notes.contains(form), "\(command): \(result.notes)")
                    }
                    if command == ["db", "status"] {
                        #expect(result.status == (isBroken ? 2 : 0), "\(result)")
                    }
                }
            }
            try expectNoFile(
                in: world.home.path, but: ["/work/.env", "/work/services", "/config/arc/config.yaml"],
                password)
        }
    }

    private func expectNoFile(in folder: String, but planted: [String], _ password: String) throws {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        #expect(!names.isEmpty)
        for name in names where !planted.contains("/" + name) {
            let text = String(
                decoding: FileManager.default.contents(atPath: folder + "/" + name) ?? Data(), as: UTF8.self)
            for form in Self.forms(password) { #expect(!text.contains(form), "\(name)") }
        }
    }

    @Test(
        "in the list of the machine's processes, arc's own and those that it starts",
        arguments: [Way.url, .urlWithEquals, .keywords, .readURL])
    func processTitle(way: Way) async throws {
        let world = try await World.reading()
        for password in Self.passwords {
            let plant = try plant(password, way, world, isBroken: false)
            var environment = world.environment
            environment["ARC_DATABASE_URL"] = nil
            let script = "local s = 'postgresql://u:\(Self.encoded(password))@h/d' arc.query('select 1')"
            let program = try Program(
                plant.arguments + ["-e", script + " io.stderr:write('ready\\n') arc.sleep(3600)"],
                environment: environment, folder: world.home.path)
            try await program.waitForNote("ready")
            let shown = program.commandLines
            for form in Self.forms(password) { #expect(!shown.contains(form), "\(shown)") }
            #expect(shown.contains("--url") && shown.contains("arc.sleep(3600)") && shown.contains("***"))
            program.interrupt()
            #expect(try await program.end().status == 130)
        }
    }

    @Test(
        "of an argument what is no password stays",
        arguments: [
            (
                ["arc", "--url", "postgresql://u:p:w@x@h:5432/d"],
                ["arc", "--url", "postgresql://u:***@h:5432/d"]
            ),
            (["arc", "--url=postgresql://u@h/d", "list"], ["arc", "--url=postgresql://u@h/d", "list"]),
            (["arc", "--read-url", "host=h password=x y"], ["arc", "--read-url", "***"]),
            (["arc", "--read-url=postgresql://h/d?sslpassword=x"], ["arc", "--read-url=***"]),
            (["arc", "-c", "alter user u password 'x'"], ["arc", "-c", "alter user u password '***'"]),
            (["arc", "--url"], ["arc", "--url"]),
        ])
    func arguments(given: [String], shown: [String]) {
        #expect(ProcessTitle.redacted(given) == shown)
    }

    @Test("in the history of the prompt", .blocking)
    func history() async throws {
        let world = World(
            home: try TemporaryDirectory(), database: try await TestDatabase.create("passwords"))
        let terminal = try Terminal(columns: 100, rows: 40)
        let arc = try terminal.spawn(Program.path, environment: world.environment)
        try terminal.wait(for: "arc>")
        let inputs = [
            "x = 'postgresql://u:pl4nted@h/d'", "z = \"alter role nobody password 'pl4nted'\"",
            "y = 'host=h password=pl4nted'",
        ]
        for input in inputs {
            terminal.send(input + "\r")
            try terminal.wait(for: input) { $0.lines.last == "arc>" && $0.lines.contains("arc> " + input) }
        }
        terminal.send("\u{4}")
        #expect(try terminal.waitForExit(of: arc) == 0)
        let history = world.home.path + "/state/arc/history"
        #expect(try String(contentsOfFile: history, encoding: .utf8).contains("postgresql://u:***@h/d"))
        try expectNoFile(in: world.home.path, but: [], "pl4nted")
    }
}
