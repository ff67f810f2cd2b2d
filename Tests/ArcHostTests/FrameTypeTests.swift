import LuaBridge
import Testing

@testable import ArcHost

@Suite("The types of frames")
struct FrameTypeTests {
    private static let types =
        (try? TestHost.alone()).map { Library(host: $0.host, access: .trusted).frameTypes } ?? []

    private static let examples: [(String, String)] =
        types.flatMap { type in [(type.name, type.example)] + type.methods.map { ($0.path, $0.example) } }

    @Test("every method's example runs as it stands, and calls it", arguments: examples)
    func example(_ path: String, _ example: String) async throws {
        let test = try TestHost.alone()
        try await test.run(example)
        if let name = path.split(separator: ":").dropFirst().first { #expect(example.contains(":\(name)")) }
    }

    @Test("every method is there, and says what it does, takes and returns")
    func documented() async throws {
        #expect(Self.types.map(\.name) == ["Frame", "Column", "Row", "Groups"])
        let test = try TestHost.alone()
        for method in Self.types.flatMap(\.methods) {
            #expect(method.summary.hasSuffix("."), "\(method.path)")
            #expect(method.result != nil, "\(method.path)")
            for parameter in method.parameters { #expect(!parameter.summary.isEmpty, "\(method.path)") }
        }
        try await test.run(
            "f = arc.frame { a = { 1 } } made = { Frame = f, Column = f.a, Row = f[1], Groups = f:group_by('a') }"
        )
        for method in Self.types.flatMap(\.methods) {
            let kind = try await test.run("return type(made.\(method.receiver ?? "").\(method.name))").first
            #expect(kind == "function", "\(method.path)")
        }
    }

    @Test("functions that a method calls may wait")
    func waiting() async throws {
        let test = try TestHost.alone()
        try await test.run(
            """
            local f = arc.frame { n = { 1, 2, 3 }, k = { 'a', 'b', 'a' } }
            local function later(value) arc.sleep(0) return value end
            assert(#f:filter(function(r) return later(r.n > 1) end) == 2)
            assert(f:with_column('m', function(r) return later(r.n * 2) end):sum('m') == 12)
            assert(f:mean(function(r) return later(r.n) end) == 2 and f:map(function(r) return later(r.n) end)[3] == 3)
            assert(f:group_by('k'):agg { s = function(g) return later(g:sum('n')) end }[1].s == 4)
            local sums = arc.map(f, function(row) return later(row.n) end)
            assert(sums[3] == 3)
            """)
    }
}
