import ArcHost
import ArcKit
import Foundation
import LuaBridge
import Measuring
import Postgres

/// JSON against Debian's lua-cjson, on the same trajectories of an agent.
enum JSONComparisons {
    static let all = [
        Benchmark("decode 8 MB of trajectories", decode), Benchmark("encode 8 MB of trajectories", encode),
        Benchmark("one field of a jsonb column", field),
    ]

    private static let size = 8 << 20

    /// Text into Lua's tables, the collector's work between the rounds.
    @Sendable private static func decode(_: Server) throws -> Contest {
        let text = try Trajectories.file(size)
        let plain = try PlainMachine()
        try plain.run(Trajectories.read(text) + "decode = require('cjson').decode")
        let machine = try jsonMachine()
        let chunk = """
            collectgarbage()
            local start = os.clock()
            local value = decode(text)
            elapsed = os.clock() - start
            assert(value[#value].scenario)
            """
        return Contest(
            unit: "byte", units: size, repeats: 1,
            baseline: .measured("lua-cjson") {
                try plain.run(chunk); return plain.elapsed(by: size)
            },
            subject: .measured("arc.json.decode") {
                _ = try await machine.run(Trajectories.read(text, once: true) + chunk, name: "benchmark")
                return try await elapsed(machine)
            })
    }

    /// Lua's tables into text.
    @Sendable private static func encode(_: Server) throws -> Contest {
        let text = try Trajectories.file(size)
        let plain = try PlainMachine()
        try plain.run(
            Trajectories.read(text) + "value = require('cjson').decode(text) encode = require('cjson').encode"
        )
        let machine = try jsonMachine()
        let chunk = """
            collectgarbage()
            local start = os.clock()
            local json = encode(value)
            elapsed = os.clock() - start
            assert(#json > 8000000)
            """
        return Contest(
            unit: "byte", units: size, repeats: 1,
            baseline: .measured("lua-cjson") {
                try plain.run(chunk); return plain.elapsed(by: size)
            },
            subject: .measured("arc.json.encode") {
                let ready = Trajectories.read(text, once: true) + "value = value or decode(text) "
                _ = try await machine.run(ready + chunk, name: "benchmark")
                return try await elapsed(machine)
            })
    }

    /// 2,000 rows of a query with a trajectory each, of which a script wants to know one number. lua-cjson gets the texts of
    /// the same rows in the same machine.
    @Sendable private static func field(_ server: Server) async throws -> Contest {
        let pool = try Pool(try await server.options())
        let host = Host(pluginFolders: [], output: { _ in }, openStore: { Store(pool) })
        let machine = try host.makeScriptMachine()
        let text = try Trajectories.file(size)
        let rows = try await machine.run(
            """
            local file = assert(io.open(..., "rb"))
            local runs = arc.json.decode(file:read("a"))
            file:close()
            decode = require("cjson").decode
            documents = arc.query([[select t as document, t::text as text
              from jsonb_array_elements($1::jsonb) with ordinality as run(t, n) where n <= 2000]], arc.json.encode(runs))
            return #documents
            """, name: "benchmark", arguments: [.string(text)])
        let count = Int(rows.first?.integerValue ?? 0)
        let expected = "assert(sum == \(count))"
        return Contest(
            unit: "row", units: count, repeats: 1,
            baseline: .init(name: "lua-cjson, of the text") {
                _ = try await machine.run(
                    "local sum = 0 for i = 1, #documents do sum = sum + decode(documents[i].text).trial end "
                        + expected, name: "benchmark")
            },
            subject: .init(name: "lazy jsonb") {
                _ = try await machine.run(
                    "local sum = 0 for i = 1, #documents do sum = sum + documents[i].document.trial end "
                        + expected, name: "benchmark")
            })
    }

    private static func jsonMachine() throws -> Machine {
        try Machine(
            MachineConfiguration(preludes: [
                LuaSource(
                    name: "=[json]",
                    text: "local host = ... decode, encode = host.json.decode(error), host.json.encode(error)"
                )
            ]))
    }

    private static func elapsed(_ machine: Machine) async throws -> Double {
        let seconds = try await machine.run("return elapsed", name: "benchmark").first?.numberValue
        return (seconds ?? .nan) * 1e9 / Double(size)
    }
}

/// What agents did, as JSON: the same each time.
private enum Trajectories {
    /// A Lua chunk that reads the file into the global `text`, or does so if it wasn't done yet.
    static func read(_ file: String, once: Bool = false) -> String {
        let reading = "local file = assert(io.open('\(file)', 'rb')) text = file:read('a') file:close() "
        return once ? "if not text then \(reading) end " : reading
    }

    /// The path of a file with a list of at least that many bytes.
    static func file(_ size: Int) throws -> String {
        let path = NSTemporaryDirectory() + "arc-trajectories-\(getpid()).json"
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        var random = Generator()
        var text = "["
        while text.utf8.count < size {
            if text.utf8.count > 1 { text += "," }
            text += run(&random)
        }
        try (text + "]").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func run(_ random: inout Generator) -> String {
        let steps = (1...12).map { step($0, &random) }
        return """
            {"scenario":"scenario-\(random.below(100000))","trial":1,"model":"large","status":"success",\
            "steps":[\(steps.joined(separator: ","))],\
            "final":{"answer":"\(words(20, &random))","correct":\(random.below(2) == 0)}}
            """
    }

    private static func step(_ number: Int, _ random: inout Generator) -> String {
        let calls = """
            {"id":"call_\(random.below(1 << 24))","name":"read_file","arguments":\
            {"path":"/src/\(words(1, &random)).py","limit":\(random.below(500)),"recursive":\(random.below(2) == 0)}}
            """
        return """
            {"step":\(number),"role":"\(["assistant", "tool", "user"][random.below(3)])",\
            "timestamp":\(1_700_000_000 + Double(random.below(1_000_000_000)) / 1000),\
            "content":"\(words(5 + random.below(35), &random))\(["", "\\n", " é", "\\\"so\\\""][random.below(4)])",\
            "tool_calls":[\(number.isMultiple(of: 2) ? calls : "")],\
            "usage":{"input_tokens":\(random.below(9000)),"output_tokens":\(random.below(900)),"cached":null},\
            "latency_ms":\(Double(random.below(5_000_000)) / 1000),"score":\(Double(random.below(1000)) / 1000)}
            """
    }

    private static func words(_ count: Int, _ random: inout Generator) -> String {
        (0..<count).map { _ in
            String(
                (0..<2 + random.below(8)).map { _ in Character(UnicodeScalar(UInt8(97 + random.below(26)))) })
        }.joined(separator: " ")
    }

    /// Knuth's linear congruential generator: the same numbers everywhere.
    private struct Generator {
        private var state: UInt64 = 7

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }
}

extension PlainMachine {
    /// Nanoseconds for each of those units, as the last chunk left them in `elapsed`.
    fileprivate func elapsed(by units: Int) -> Double { number("elapsed") * 1e9 / Double(units) }
}
