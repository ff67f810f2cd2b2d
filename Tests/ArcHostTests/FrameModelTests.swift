import ArcKit
import LuaBridge
import Postgres
import SeededRandom
import Testing

@testable import ArcHost

/// What frames do with several columns or several frames, against the plainest way to do it.
@Suite("Frames against loops over rows")
struct FrameModelTests {
    private typealias Property = FramePropertyTests

    private static func values(_ frame: Frame) -> [[Value]] {
        (0..<frame.count).map { row in frame.columns.map { $0[row] } }
    }

    /// Rows side by side by two nested loops, NULL agreeing with nothing.
    private static func joined(_ left: [[Value]], _ right: [[Value]], on keys: [Int], _ kind: Join.Kind)
        -> [[Value]]
    {
        func agree(_ one: [Value], _ other: [Value]) -> Bool {
            keys.allSatisfy { one[$0] != .null && one[$0] == other[$0] }
        }
        let others = Property.names.indices.filter { !keys.contains($0) }
        func beside(_ one: [Value]?, _ other: [Value]?) -> [Value] {
            let ours = Property.names.indices.map { place in
                one?[place] ?? (keys.contains(place) ? other?[place] : nil) ?? .null
            }
            return ours + others.map { other?[$0] ?? .null }
        }
        switch kind {
        case .semi: return left.filter { row in right.contains { agree(row, $0) } }
        case .anti: return left.filter { row in !right.contains { agree(row, $0) } }
        case .right:
            return right.flatMap { row -> [[Value]] in
                let found = left.filter { agree($0, row) }
                return found.isEmpty ? [beside(nil, row)] : found.map { beside($0, row) }
            }
        case .inner, .left, .full:
            var result = left.flatMap { row -> [[Value]] in
                let found = right.filter { agree(row, $0) }
                return found.isEmpty && kind != .inner ? [beside(row, nil)] : found.map { beside(row, $0) }
            }
            if kind == .full {
                result += right.filter { row in !left.contains { agree($0, row) } }.map { beside(nil, $0) }
            }
            return result
        }
    }

    @Test("every join agrees with two nested loops", arguments: 0..<80 as Range<UInt64>)
    func join(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed &+ 2000)
        let (left, right) = (Property.rows(&dice), Property.rows(&dice))
        let keys = Array(
            Property.names.indices.shuffled(using: &dice).prefix(Int.random(in: 1...3, using: &dice)))
        for kind in Join.Kind.allCases {
            let join = Join(
                kind: kind, left: Property.frame(left), right: Property.frame(right),
                keys: keys.map { ($0, $0) }, suffixes: ("", "_right"), function: "join")
            #expect(
                try Self.values(join.frame()) == Self.joined(left, right, on: keys, kind),
                "\(kind) on \(keys)")
        }
    }

    @Test("conditions agree with a look at each row", arguments: 0..<80 as Range<UInt64>)
    func filter(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed &+ 3000)
        let rows = Property.rows(&dice)
        let low = Int64.random(in: -3...3, using: &dice)
        let high = Double(Int.random(in: -4...4, using: &dice)) / 4
        let texts = ["a", "b", "B", "", "ä"].shuffled(using: &dice)
        let conditions = LuaTable(fields: [
            .init("integer", ["min": .integer(low)]),
            .init("real", ["below": .number(high), "except": .number(-0.5)]),
            .init("text", ["except": [.string(texts[0]), .null]]),
        ])
        let found = try Property.frame(rows).filtered(conditions, for: "filter")
        let model = rows.filter { row in
            guard case .int(let integer) = row[1], case .double(let real) = row[2],
                case .text(let text) = row[0]
            else { return false }
            return integer >= low && real < high && real != -0.5 && text != texts[0]
        }
        #expect(Self.values(found) == model)
        for wanted in [Array(texts.prefix(2)), texts + ["x"]] {
            let among = LuaTable(fields: [
                .init("text", .table(LuaTable(array: wanted.map(LuaValue.string) + [.null])))
            ])
            let found = try Property.frame(rows).filtered(among, for: "filter")
            #expect(
                Self.values(found) == rows.filter { $0[0] == .null || wanted.map(Value.text).contains($0[0]) }
            )
        }
    }

    @Test("quantiles agree with sorting", arguments: 0..<60 as Range<UInt64>)
    func quantiles(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed &+ 4000)
        let isCoarse = Bool.random(using: &dice)
        let numbers = (0..<Int.random(in: 1...300, using: &dice)).map { _ in
            isCoarse ? Double(Int.random(in: 0...3, using: &dice)) : Double.random(in: -1...1, using: &dice)
        }
        for p in [0, 0.01, 0.25, 0.5, 0.77, 0.95, 1] {
            let position = Double(numbers.count - 1) * p
            let sorted = numbers.sorted()
            let (below, above) = (sorted[Int(position)], sorted[min(Int(position) + 1, numbers.count - 1)])
            let model = below + (above - below) * (position - position.rounded(.down))
            var values = numbers
            #expect(abs((Quantile.linear(p, selectingFrom: &values) ?? .nan) - model) <= 1e-15)
            #expect(values.sorted() == sorted)
            #expect(Quantile.linear([p], sorting: &values)?[0] == Quantile.linear(p, of: numbers))
        }
    }

    @Test("records, columns and JSON bring every value back", arguments: 0..<40 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) async throws {
        var dice = SeededGenerator(seed: seed &+ 5000)
        let rows = Property.rows(&dice)
        let test = try TestHost.alone()
        try await test.machine.setGlobal("f", .object(Property.frame(rows)))
        for way in ["f:to_records()", "f:to_columns()", "f:map(function(row) return row end)"] {
            let found = try await test.run("return arc.frame(\(way), { columns = f:columns() })").first
            #expect(Self.values(try #require(found?.object(as: Frame.self))) == rows, "\(way)")
        }
    }

    @Test("unpivot and pivot undo each other", arguments: 0..<20 as Range<UInt64>)
    func pivot(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed &+ 6000)
        let height = Int.random(in: 1...30, using: &dice)
        let columns = ["a", "b", "c"].map { name in
            Column(name: name, (0..<height).map { _ in Value.int(Int64.random(in: 0...9, using: &dice)) })
        }
        let number = Column(name: "n", (0..<height).map { Value.int(Int64($0)) })
        let frame = Frame(columns: [number] + columns, count: height)
        let long = try frame.unpivoted(kept: [number], stacked: columns, name: "name", value: "value")
        #expect(long.count == height * 3)
        let wide = try long.pivoted(rows: ["n"], names: "name", values: "value", nil, for: "pivot")
        #expect(wide.names == frame.names && Self.values(wide) == Self.values(frame))
    }
}
