import LuaBridge
import Testing

@Suite("The sandbox", .timeLimit(.minutes(5)))
struct SandboxTests {
    /// Everything that a plugin reaches from its globals, by path.
    private static let allowed: Set<String> = {
        let libraries: [String: String] = [
            "string":
                "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
            "table": "concat insert move pack remove sort unpack",
            "math":
                "abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad "
                + "random randomseed sin sqrt tan tointeger type ult",
            "utf8": "char charpattern codepoint codes len offset",
            "coroutine": "close create isyieldable resume running status wrap yield",
            "os": "clock date difftime time",
        ]
        let base =
            "_G _VERSION assert collectgarbage error getmetatable ipairs load next pairs pcall print rawequal rawget "
            + "rawlen rawset select setmetatable tonumber tostring type xpcall"
        let members = libraries.flatMap { name, list in list.split(separator: " ").map { "\(name).\($0)" } }
        return Set(base.split(separator: " ").map(String.init) + libraries.keys + members)
    }()

    private static let walk = """
        local seen, found = {[_G] = true}, {}
        local function walk(at, path)
          for key, value in pairs(at) do
            local here = path .. tostring(key)
            found[#found + 1] = here
            if type(value) == "table" and not seen[value] then
              seen[value] = true
              walk(value, here .. ".")
            end
            local meta = getmetatable(value)
            if type(meta) == "table" and not seen[meta] then
              seen[meta] = true
              walk(meta, here .. "<")
            end
          end
        end
        walk(_G, "")
        return table.concat(found, "\\n")
        """

    private func plugin(_ configure: (inout MachineConfiguration) -> Void = { _ in }) throws -> Machine {
        var configuration = MachineConfiguration(libraries: .plugin, memoryLimit: 64 << 20)
        configure(&configuration)
        return try Machine(configuration)
    }

    @Test("a plugin reaches what is on the list, and nothing else")
    func list() async throws {
        let text = try await plugin().run(Self.walk, name: "t")[0].stringValue ?? ""
        let found = Set(text.split(separator: "\n").map(String.init))
        #expect(found.subtracting(Self.allowed) == [], "not on the list")
        #expect(Self.allowed.subtracting(found) == [], "on the list, and absent")
    }

    @Test("strings have the methods of the list")
    func methods() async throws {
        let machine = try plugin()
        #expect(
            try await machine.run("return ('x').dump, ('x').rep == string.rep", name: "t") == [nil, true])
    }

    @Test(
        "shared tables can be read and not changed",
        arguments: ["string", "table", "math", "utf8", "coroutine", "os", "tools", "tools.inner"])
    func readOnly(name: String) async throws {
        let machine = try plugin {
            $0.preludes = [LuaSource(name: "=p", text: "tools = {inner = {x = 1}, y = 2}")]
            $0.readOnlyModules = ["tools"]
        }
        #expect(
            await machine.failure("\(name).x = 1")?.message == "\(name).x can't be set: \(name) is read-only")
        #expect(await machine.failure("rawset(\(name), 'x', 1)")?.message == "rawset: \(name) is read-only")
        #expect(
            await machine.failure("setmetatable(\(name), {})")?.message
                == "cannot change a protected metatable")
        let source = """
            local t = \(name)
            local count = 0
            for key, value in pairs(t) do
              count = count + 1
              if t[key] ~= value then return false end
            end
            local inserted = pcall(table.insert, t, 1)
            local moved = pcall(table.move, {1}, 1, 1, 1, t)
            local assigned = pcall(load("x = 1", "x", "t", t))
            return count > 0, inserted, moved, assigned, getmetatable(t), next(t), rawget(t, "x"), type(t)
            """
        #expect(
            try await machine.run(source, name: "t") == [
                true, false, false, false, .string(name), nil, nil, "table",
            ])
    }

    @Test("tables that contain each other get one front each")
    func cycles() async throws {
        let machine = try plugin {
            $0.preludes = [
                LuaSource(
                    name: "=p",
                    text: "local a, b = {x = 1}, {} a.b, b.a, a.again, b[1] = b, a, b, 7 tools = a")
            ]
            $0.readOnlyModules = ["tools"]
        }
        let source = """
            return tools.b.a == tools, tools.again == tools.b, tools.b.a.x, #tools.b, pcall(function() tools.b.a.b.y = 1 end)
            """
        let result = try await machine.run(source, name: "t")
        #expect(Array(result[..<5]) == [true, true, 1, 1, false])
        #expect(result[5].stringValue?.hasSuffix("is read-only") == true)
    }

    @Test("preludes find the globals as they were made", arguments: [LibrarySet.plugin, .trusted])
    func preludes(libraries: LibrarySet) async throws {
        var configuration = MachineConfiguration(libraries: libraries)
        configuration.preludes = [
            LuaSource(
                name: "=p",
                text: """
                    function shout(text) return tostring(text):upper() .. type(pairs) .. #setmetatable({1}, nil) end
                    function add() counter = (counter or 0) + 1 return counter end
                    """)
        ]
        let machine = try Machine(configuration)
        let source = """
            local stolen
            for _, name in ipairs{"tostring", "type", "setmetatable", "pairs"} do
              _G[name] = function(...) stolen = {...} return ... end
            end
            return shout(true), stolen, add(), add(), counter
            """
        #expect(try await machine.run(source, name: "t") == ["TRUEfunction1", nil, 1, 2, 2])
    }

    @Test("require finds modules by name, loads each once, and gives the host's own")
    func modules() async throws {
        let machine = try modules([
            "a": "count = (count or 0) + 1 return {name = ..., file = select(2, ...), b = require 'lib.b'}",
            "lib.b": "return 'b'", "nothing": "return nil",
        ])
        let source = """
            local a, file = require "a"
            return a.name, a.file, file, a.b, require "a" == a, count, require "nothing", require "tools.x", require "tools" == tools
            """
        #expect(
            try await machine.run(source, name: "t") == [
                "a", "/p/a.lua", "/p/a.lua", "b", true, 1, true, 5, true,
            ])
    }

    @Test("require tells of cycles, of what it can't find, and of what isn't Lua text")
    func wrongModules() async throws {
        let machine = try modules([
            "a": "return require 'b'", "b": "return require 'c'", "c": "return require 'a'",
            "self": "require 'self'",
            "wrong": "return +", "binary": "\u{1B}Lua", "fails": "error('no')",
            "retry": "if not ready then error('x') end return 7",
        ])
        #expect(
            await machine.failure("require 'a'")?.message
                == "require: module 'a' requires itself: a -> b -> c -> a")
        // A cycle that was told leaves nothing behind.
        #expect(await machine.failure("require 'b'")?.message.hasSuffix("b -> c -> a -> b") == true)
        #expect(await machine.failure("require 'self'")?.message.hasSuffix("self -> self") == true)
        #expect(await machine.failure("require 'wrong'")?.description.contains("/p/wrong.lua:1:") == true)
        #expect(await machine.failure("require 'binary'")?.message.contains("binary chunk") == true)
        #expect(await machine.failure("require 'fails'")?.description.contains("/p/fails.lua:1: no") == true)
        #expect(
            await machine.failure("require 'missing'")?.underlying as? ProbeError == ProbeError(number: 404))
        #expect(await machine.failure("require(nil)")?.message == "require: name must be a string, got nil")
        #expect(await machine.failure("require {}")?.message == "require: name must be a string, got a table")
        #expect(await machine.failure("require 'tools.none'")?.code == .host)
        let source = "local ok = pcall(require, 'retry') ready = true return ok, require 'retry'"
        #expect(try await machine.run(source, name: "t") == [false, 7, "/p/retry.lua"])
    }

    @Test("a module that waits is loaded once, whoever asks for it meanwhile")
    func waitingModules() async throws {
        let gate = Gate()
        let machine = try modules(["slow": "probe.wait() count = (count or 0) + 1 return {}"], gate: gate)
        async let first = machine.run("return require 'slow', count", name: "t")
        await gate.untilArrived(1)
        async let second = machine.run("one = require 'slow' return count", name: "t")
        async let third = machine.run("two = require 'slow' return count", name: "t")
        await gate.open()
        #expect(try await first[1] == 1)
        #expect(try await second == [1])
        #expect(try await third == [1])
        #expect(try await machine.run("return one == two", name: "t") == [true])
    }

    private func modules(_ texts: [String: String], gate: Gate? = nil) throws -> Machine {
        var configuration = MachineConfiguration.probing(libraries: .plugin, gate: gate)
        configuration.values.append(.init("tools", ["x": 5]))
        configuration.readOnlyModules = ["tools"]
        configuration.modules = ModuleLoader(shared: "tools") { name in
            guard let text = texts[name] else { throw ProbeError(number: 404) }
            return LuaSource(name: "@/p/\(name).lua", text: text)
        }
        return try Machine(configuration)
    }
}
