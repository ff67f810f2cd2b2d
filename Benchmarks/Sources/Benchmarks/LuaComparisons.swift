import LuaBridge
import Measuring
import PlainLua

/// Lua inside arc against Lua inside a plain C program.
enum LuaComparisons {
    static let all = [
        Benchmark("host call from Lua", hostCall), Benchmark("host call with values from Lua", valueCall),
        Benchmark("loop in Lua", loop),
    ]

    /// A call from Lua into Swift against one into C.
    @Sendable private static func hostCall(_: Server) throws -> Contest {
        try hostCall(
            .direct("increment") { call in
                guard let number = call.integer(0) else {
                    throw LuaError(.runtime, "increment: not an integer")
                }
                call.put(number + 1)
            })
    }

    /// The same where the function gets and gives lists of values.
    @Sendable private static func valueCall(_: Server) throws -> Contest {
        try hostCall(
            .immediate("increment") { call in
                guard let number = call[0].integerValue else {
                    throw LuaError(.runtime, "increment: not an integer")
                }
                return [.integer(number + 1)]
            })
    }

    private static func hostCall(_ increment: HostFunction) throws -> Contest {
        try comparison(
            unit: "call", units: 100_000, repeats: 2, functions: [increment],
            chunk: """
                local increment, n = increment, 0
                for i = 1, 100000 do n = increment(n) end
                assert(n == 100000)
                """)
    }

    /// Lua that calls nothing.
    @Sendable private static func loop(_: Server) throws -> Contest {
        try comparison(
            unit: "turn", units: 1_000_000, repeats: 1, functions: [],
            chunk: """
                local n, t = 0, {}
                for i = 1, 1000000 do
                  t[i % 100 + 1] = i
                  n = n + (t[(i + 50) % 100 + 1] or 0) % 3
                end
                assert(n > 0)
                """)
    }

    private static func comparison(
        unit: String, units: Int, repeats: Int, functions: [HostFunction], chunk: String
    ) throws -> Contest {
        let plain = try PlainMachine()
        let machine = try Machine(MachineConfiguration(functions: functions))
        return Contest(
            unit: unit, units: units, repeats: repeats,
            baseline: .init(name: "plain Lua in C") { try plain.run(chunk) },
            subject: .init(name: "Machine") { _ = try await machine.run(chunk, name: "benchmark") })
    }
}

/// Owns a plain Lua state.
final class PlainMachine {
    private let lua: OpaquePointer

    init() throws {
        guard let lua = plain_lua_open() else { throw WrongResult("there is no memory for a Lua state") }
        self.lua = lua
    }

    deinit { plain_lua_close(lua) }

    /// Makes row tables of a result that libpq holds.
    func makeRows(_ result: UnsafeMutableRawPointer) throws {
        if let message = plain_lua_rows(lua, result) { throw WrongResult(String(cString: message)) }
    }

    func run(_ chunk: String) throws {
        if let message = plain_lua_run(lua, chunk) { throw WrongResult(String(cString: message)) }
    }

    /// The number that is the global of that name.
    func number(_ name: String) -> Double { plain_lua_number(lua, name) }
}
