import LuaBridge
import Testing

/// One thing that somebody tries to get out of a sandbox, or to harm who runs it.
struct Escape: Sendable, CustomTestStringConvertible {
    /// How it has to end.
    enum Ending: Sendable {
        /// The chunk sees for itself that it got nothing: it returns true.
        case gotNothing
        /// It is stopped with an error of that code.
        case stopped(LuaError.Code)
    }

    var name: String
    /// Where it is known from.
    var origin: String
    var ending: Ending
    var source: String

    var testDescription: String { name }

    static func nothing(_ name: String, from origin: String, _ source: String) -> Escape {
        Escape(name: name, origin: origin, ending: .gotNothing, source: source)
    }

    static func stopped(_ code: LuaError.Code, _ name: String, from origin: String, _ source: String)
        -> Escape
    {
        Escape(name: name, origin: origin, ending: .stopped(code), source: source)
    }
}

@Suite("Known escapes from Lua sandboxes", .timeLimit(.minutes(5)))
struct EscapeTests {
    /// - Parameter limit: short for what nothing else ends; on a slow machine it must not be what ends the others.
    private func machine(limit: Duration = .seconds(20)) throws -> Machine {
        var configuration = MachineConfiguration.probing(libraries: .plugin, memoryLimit: 32 << 20)
        configuration.timeLimit = limit
        configuration.outputLimit = 100_000
        configuration.readOnlyModules = ["probe"]
        return try Machine(configuration)
    }

    @Test("is tried, and fails", arguments: Escape.catalogue)
    func tried(escape: Escape) async throws {
        var limit = Duration.seconds(20)
        if case .stopped(.timeLimit) = escape.ending { limit = .milliseconds(300) }
        let machine = try machine(limit: limit)
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let values = try await machine.run(escape.source, name: "escape")
            if case .stopped(let code) = escape.ending {
                Issue.record("\(escape.name) (\(escape.origin)) ended with \(values), not with \(code)")
            } else {
                #expect(values.first == true, "\(escape.name) (\(escape.origin)): \(values)")
            }
        } catch {
            guard case .stopped(let code) = escape.ending else {
                Issue.record("\(escape.name) (\(escape.origin)): \(error.debugDescription)")
                return
            }
            #expect(error.code == code, "\(escape.name) (\(escape.origin)): \(error.debugDescription)")
        }
        #expect(clock.now - start < limit + .seconds(5), "\(escape.name) took \(clock.now - start)")
        // Whatever it did, the machine works, and what is shared is as it was.
        let after = try await machine.run(
            "return string.format('%d', 7), #table.pack(1, 2), math.type(1), ('x'):rep(2)", name: "after")
        #expect(after == ["7", 2, "integer", "xx"], "\(escape.name) left its marks")
    }

    @Test("a plugin's globals, metatables and random numbers are no other plugin's")
    func neighbours() async throws {
        let one = try machine()
        let two = try machine()
        _ = try await one.run(
            "poison = 1 print = nil setmetatable(_G, {__index = function() return 'stolen' end}) math.randomseed(42)",
            name: "one")
        #expect(
            try await two.run("return poison, print ~= nil, getmetatable(_G)", name: "two") == [
                nil, true, nil,
            ])
        _ = try await two.run("math.randomseed(42) first = math.random(1 << 40)", name: "two")
        _ = try await one.run("for i = 1, 100 do math.random() end", name: "one")
        #expect(
            try await two.run(
                "local next = math.random(1 << 40) math.randomseed(42) return math.random(1 << 40) == first and math.random(1 << 40) == next",
                name: "two")
                == [true])
    }
}
