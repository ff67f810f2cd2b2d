import LuaBridge
import SeededRandom
import Synchronization
import Testing

@Suite("Tables that come as JSON")
struct ArgumentFormTests {
    /// Remembers the arguments of a function's calls.
    private final class Calls: Sendable {
        private let calls = Mutex<[[LuaValue]]>([])
        var all: [[LuaValue]] { calls.withLock { $0 } }
        var last: [LuaValue] { all.last ?? [] }
        func add(_ arguments: [LuaValue]) { calls.withLock { $0.append(arguments) } }
    }

    /// What `take(…)` got, where its arguments come in these forms.
    private func taken(_ source: String, _ forms: [ArgumentForm?]) async throws -> [LuaValue] {
        let calls = Calls()
        var configuration = MachineConfiguration.probing()
        configuration.functions.append(
            HostFunction(
                "take",
                .immediate { call in
                    calls.add(call.arguments)
                    return []
                }, forms: forms))
        _ = try await Machine(configuration).run(source, name: "test")
        return calls.last
    }

    private func document(_ value: LuaValue?) -> String? { value?.object(as: JSONDocument.self)?.text }

    @Test("a table is text, everything else is a value")
    func forms() async throws {
        let got = try await taken(
            "take({1, 2.5, true, 'é\\n', nil, {}, 7}, {1}, 'text', nil, {2})", [.json, nil, .json, .json])
        #expect(document(got.first) == #"[1,2.5,true,"é\n",null,{},7]"#)
        #expect(got[1] == .table(LuaTable(array: [1])))
        #expect(got[2] == "text")
        #expect(got[3] == .nil)
        #expect(got[4] == .table(LuaTable(array: [2])))
    }

    @Test("forms reach into items and fields, and leave the others alone")
    func nested() async throws {
        let form = ArgumentForm.items(
            .fields([.init("steps", .json), .init("run", .fields([.init("log", .json)]))]))
        let got = try await taken(
            "take({{steps = {1}, other = {1}}, {steps = 'none', run = {log = {a = {}}, note = {2}}}, 3}, {steps = {}})",
            [form])
        let items = try #require(got.first?.table?.array)
        #expect(document(items[0].table?["steps"]) == "[1]")
        #expect(items[0].table?["other"] == .table(LuaTable(array: [1])))
        #expect(items[1].table?["steps"] == "none")
        #expect(document(items[1].table?["run"].table?["log"]) == #"{"a":{}}"#)
        #expect(items[1].table?["run"].table?["note"] == .table(LuaTable(array: [2])))
        #expect(items[2] == 3)
        #expect(got[1].table?["steps"].table != nil)
    }

    @Test(
        "what JSON can't hold comes as the value that it is, and what follows is read on",
        arguments: [
            "{1, {print}}", "{a = {b = 0/0}}", "{'\\xff'}", "{['\\xff'] = 1}", "{1, x = 2}", "{[2.5] = 1}",
            "{coroutine.create(print)}", "{probe.new('p')}", "{1, {2, {3, 1/0}}}",
        ])
    func unfit(_ table: String) async throws {
        let got = try await taken("take(\(table), {1}, 'after')", [.json, .json])
        let value = try #require(got.first)
        #expect(value.table != nil)
        #expect(throws: JSONError.self) { try JSON.write(value) }
        #expect(document(got[1]) == "[1]")
        #expect(got[2] == "after")
    }

    @Test(
        "a list is written in its order, however Lua holds it",
        arguments: [
            ("{[3] = 'c', [2] = 'b', [1] = 'a'}", #"["a","b","c"]"#),
            ("(function() local t = {} for i = 3, 1, -1 do t[i] = i end return t end)()", "[1,2,3]"),
            ("{1, nil, 3}", "[1,null,3]"),
            ("{{1, {}}, {[2] = {}, [1] = {2}}}", "[[1,{}],[[2],{}]]"),
            (
                "{-9223372036854775807 - 1, 0, -1, 9223372036854775807}",
                "[-9223372036854775808,0,-1,9223372036854775807]"
            ),
            (
                "{1e300, -0.0, 0.1, 123456789012345680000.0, 5e-324}",
                "[1e300,-0.0,0.1,123456789012345680000.0,5e-324]"
            ),
        ])
    func lists(_ table: String, _ text: String) async throws {
        #expect(document(try await taken("take(\(table))", [.json]).first) == text)
    }

    @Test(
        "lists within lists are written, or found unfit, in no more time than others",
        .timeLimit(.minutes(10)),
        arguments: ["{below, 0}", "{[3] = 0, [2] = below, [1] = 1}", "{below, print}", "{below, x = 1}"])
    func nestedLists(_ list: String) async throws {
        let got = try await taken(
            "local t = {} for i = 1, 90 do local below = t; t = \(list) end take(t)", [.json])
        #expect((document(got.first) != nil) == !(list.contains("print") || list.contains("x =")))
    }

    @Test("a long text is written in pieces, and none of its characters is torn")
    func longText() async throws {
        for unit in ["é", "\u{1F600}", "\\n€", "abcdefg\\1"] {
            let got = try await taken("local text = ('\(unit)'):rep(100001) take({text}, text)", [.json])
            #expect(document(got.first) == (try JSON.write(.table(LuaTable(array: [got[1]])))))
        }
    }

    @Test("a value that would be written for ever is too large", .timeLimit(.minutes(10)))
    func endless() async throws {
        let error = await #expect(throws: LuaError.self) {
            try await taken("local t = {'x'} for i = 1, 60 do t = {t, t} end take(t)", [.json])
        }
        #expect(error?.message.contains("a value is too large for JSON") == true)
    }

    @Test("a byte of any kind is escaped or refused, wherever in a text it is")
    func bytes() async throws {
        let source = """
            for at = 0, 17 do
              for byte = 0, 255 do
                local text = ("a"):rep(at) .. string.char(byte) .. ("é"):rep(3) .. ("z"):rep(9)
                take({text}, text)
              end
            end
            """
        let calls = Calls()
        let take = HostFunction(
            "take",
            .immediate { call in
                calls.add(call.arguments)
                return []
            }, forms: [.json])
        var configuration = MachineConfiguration.probing()
        configuration.functions.append(take)
        _ = try await Machine(configuration).run(source, name: "test")
        for call in calls.all {
            if call[1].stringValue == nil {
                #expect(call[0].table?.array == [call[1]])
            } else {
                #expect(document(call[0]) == (try JSON.write(.table(LuaTable(array: [call[1]])))))
            }
        }
        #expect(calls.all.count == 18 * 256)
    }

    @Test(
        "UTF-8 that isn't valid is told from what is",
        arguments: [
            ("C280", true), ("DFBF", true), ("E0A080", true), ("ED9FBF", true), ("EE8080", true),
            ("F0908080", true),
            ("F48FBFBF", true), ("C1BF", false), ("E09FBF", false), ("EDA080", false), ("F08FBFBF", false),
            ("F4908080", false), ("F5808080", false), ("C2", false), ("E282", false), ("F09F98", false),
            ("80", false),
        ])
    func encodings(_ digits: String, _ isValid: Bool) async throws {
        let bytes = digits.chunked(2).map { "\\x\($0)" }.joined()
        let got = try await taken("take({'\(bytes)'})", [.json])
        #expect((document(got.first) != nil) == isValid)
    }

    @Test("the text is that of the same value written", arguments: 0..<100)
    func agrees(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let value = LuaValue.table(LuaTable(array: [JSONTests.randomValue(&random, depth: 0)], kind: .array))
        let machine = try Machine(
            MachineConfiguration(functions: [
                .immediate("give") { _ in [value] },
                HostFunction(
                    "text",
                    .immediate { [.string($0[0].object(as: JSONDocument.self)?.text ?? "")] },
                    forms: [.json]),
            ]))
        let text = try #require(try await machine.run("return text(give())", name: "test").first?.stringValue)
        let read = try JSON.parse(text)
        #expect(try JSON.write(Self.sorted(read)) == JSON.write(Self.sorted(value)))
    }

    /// The value with the fields of every table by name.
    private static func sorted(_ value: LuaValue) -> LuaValue {
        guard var table = value.table else { return value }
        table.array = table.array.map(sorted)
        table.fields = table.fields.map { LuaTable.Field(key: $0.key, value: sorted($0.value)) }
            .sorted { ($0.name ?? "").utf8.lexicographicallyPrecedes(($1.name ?? "").utf8) }
        return .table(table)
    }

    @Test("objects in a table that JSON can't hold go when Lua is done with them")
    func released() async throws {
        let tally = Tally()
        var configuration = MachineConfiguration.probing(tally: tally)
        configuration.functions.append(HostFunction("take", .immediate { _ in [] }, forms: [.json]))
        let machine = try Machine(configuration)
        _ = try await machine.run("for i = 1, 100 do take({i, {probe.new('p'), print}}) end", name: "test")
        await machine.close()
        #expect(tally.live == 0)
    }
}

extension String {
    fileprivate func chunked(_ size: Int) -> [Substring] {
        stride(from: 0, to: utf8.count, by: size).map {
            self[index(startIndex, offsetBy: $0)..<index(startIndex, offsetBy: $0 + size)]
        }
    }
}
