import LuaBridge
import Testing

@Suite("Values")
struct ValueTests {
    static let values: [LuaValue] = [
        nil, .null, true, false, 0, .integer(.max), .integer(.min), 9_007_199_254_740_993, 1.5, -0.0,
        .number(.infinity),
        "", "héllo", "a\0b", .bytes([0xFF, 0x00, 0xC3]), .table(LuaTable()), .table(LuaTable(kind: .array)),
        .table(LuaTable(kind: .object)), [1, "two", 3.5], ["a": 1, "b": [nil, 2], "c": .null],
        .table(LuaTable(array: [1, nil, 3])), .table(LuaTable(array: [nil, nil, 3])),
        .table(
            LuaTable(
                array: ["x"],
                fields: [
                    .init(key: -5, value: 1), .init(key: 100, value: 2), .init("name", "n"),
                    .init(key: true, value: "yes"),
                ])),
    ]

    @Test("values go in and come back byte for byte", arguments: values)
    func roundTrip(value: LuaValue) async throws {
        let machine = try Machine(.probing())
        #expect(try await machine.run("return ...", name: "t", arguments: [value]) == [value])
        #expect(try await machine.run("return probe.echo(...)", name: "t", arguments: [value]) == [value])
        #expect(
            try await machine.run("return (select(2, pcall(error, ...)))", name: "t", arguments: [value]) == [
                value
            ])
    }

    @Test("nil keeps its place among arguments and results")
    func nils() async throws {
        let machine = try Machine(.probing())
        let result = try await machine.run("return probe.echo(nil, 1, nil)", name: "t")
        #expect(result == [nil, 1, nil])
    }

    @Test("integers and floats stay what they are")
    func numbers() async throws {
        let machine = try Machine(.probing())
        let source = "local a, b = probe.echo(3, 3.0); return math.type(a), math.type(b)"
        #expect(try await machine.run(source, name: "t") == ["integer", "float"])
    }

    @Test("fields come sorted by key")
    func sorted() async throws {
        let machine = try Machine()
        let table = try await machine.run("return {zeta=1, alpha=2, mid=3, [10]=4}", name: "t")[0].table
        #expect(table?.fields.map(\.key) == [10, "alpha", "mid", "zeta"])
    }

    @Test("a table that contains itself is a reference among results and an error among arguments")
    func cycles() async throws {
        let machine = try Machine(.probing())
        let result = try await machine.run("local t = {1}; t.me = t; return t", name: "t")
        guard case .other(let reference) = result[0].table?["me"] else {
            Issue.record("expected a reference, got \(result)")
            return
        }
        let items = try await machine.run("return (...)[1]", name: "t", arguments: [.other(reference)])
        #expect(items == [1])
        let error = await machine.failure("local t = {}; t.me = t; probe.echo(t)")
        #expect(error?.message == "a table that contains itself can't be passed on")
    }

    @Test("all globals can be returned")
    func globals() async throws {
        let machine = try Machine()
        let table = try await machine.run("return _G", name: "t")[0].table
        #expect(table?["print"].typeName == "function")
    }

    @Test("null is one value that shows itself as null")
    func null() async throws {
        let machine = try Machine(.probing())
        let source =
            "return tostring(probe.null), probe.null == probe.null, probe.null == nil, type(probe.null)"
        #expect(try await machine.run(source, name: "t") == ["null", true, false, "userdata"])
    }

    @Test("functions are called again, and refused by other machines")
    func functions() async throws {
        let machine = try Machine()
        let made = try await machine.run("local n = 0; return function(k) n = n + k; return n end", name: "t")
        let function = try #require(made[0].function)
        #expect(try await machine.call(function, [2]) == [2])
        #expect(try await machine.call(function, [3]) == [5])
        let other = try Machine()
        await #expect(throws: LuaError.self) { try await other.call(function) }
        await #expect(throws: LuaError.self) { try await other.run("", name: "t", arguments: made) }
    }

    @Test("globals are set, read, described and listed")
    func inspection() async throws {
        let machine = try Machine(.probing())
        try await machine.setGlobal("answer", 42)
        #expect(await machine.global("answer") == 42)
        #expect(await machine.describe(2.0) == "2.0")
        #expect(await machine.describe(.object(Probe("p"))) == "probe p")
        let names = await machine.keys(ofPath: ["probe"]).map(\.name)
        #expect(names == ["close", "echo", "fail", "new", "null", "wait", "wait_and_fail"])
        #expect(await machine.keys(ofPath: ["nowhere", "at", "all"]).isEmpty)
        #expect(await machine.keys(ofPath: []).contains { $0.name == "string" && $0.kind == "table" })
    }

    @Test("checking tells expressions, statements, unfinished and wrong text apart")
    func syntax() async throws {
        let machine = try Machine()
        let outcomes: [(String, String)] = [
            ("1 + 1", "expression"), ("x = 1", "statement"), ("for i = 1, 2 do", "incomplete"),
            ("f(", "incomplete"),
            ("x = [[a", "incomplete"), ("x = = 1", "wrong"), ("select 1", "wrong"), ("", "expression"),
        ]
        for (source, expected) in outcomes {
            let found =
                switch await machine.check(source, name: "t") {
                case .complete(isExpression: true): "expression"
                case .complete(isExpression: false): "statement"
                case .incomplete: "incomplete"
                case .wrong: "wrong"
                }
            #expect(found == expected, "\(source)")
        }
    }

    @Test("print goes to the output as Lua formats it")
    func printing() async throws {
        let output = Output()
        let machine = try Machine(.probing(output: output))
        _ = try await machine.run("print(1, 2.0, nil, 'x', probe.null)", name: "t")
        #expect(output.all == ["1\t2.0\tnil\tx\tnull\n"])
    }
}
