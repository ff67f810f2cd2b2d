import Postgres
import SeededRandom
import Testing

@testable import ArcHost

@Suite("Frames against a plain model")
struct FramePropertyTests {
    /// Rows of a random frame: each column of one type, with NULLs and many equal values.
    static func rows(_ dice: inout SeededGenerator) -> [[Value]] {
        (0..<Int.random(in: 0...60, using: &dice)).map { _ in
            func orNull(_ value: Value) -> Value { Int.random(in: 0..<5, using: &dice) == 0 ? .null : value }
            return [
                orNull(.text(["a", "b", "B", "", "ä"].randomElement(using: &dice) ?? "")),
                orNull(.int(Int64.random(in: -3...3, using: &dice))),
                orNull(.double(Double(Int.random(in: -4...4, using: &dice)) / 4)),
                orNull(.bool(Bool.random(using: &dice))),
                orNull(.timestamp(Timestamp(microseconds: Int64.random(in: 0...3, using: &dice)))),
            ]
        }
    }

    static let names = ["text", "integer", "real", "flag", "time"]

    static func frame(_ rows: [[Value]]) -> Frame {
        Frame(
            columns: names.indices.map { column in Column(name: names[column], rows.map { $0[column] }) },
            count: rows.count)
    }

    /// The order that the model sorts by: nil where two values are equal.
    private static func precedes(_ one: Value, _ other: Value) -> Bool? {
        switch (one, other) {
        case (.text(let a), .text(let b)): a == b ? nil : a < b
        case (.int(let a), .int(let b)): a == b ? nil : a < b
        case (.double(let a), .double(let b)): a == b ? nil : a < b
        case (.bool(let a), .bool(let b)): a == b ? nil : !a
        case (.timestamp(let a), .timestamp(let b)): a == b ? nil : a < b
        default: nil
        }
    }

    @Test("sort agrees with a stable insertion sort that knows NULL last", arguments: 0..<60 as Range<UInt64>)
    func sort(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let rows = Self.rows(&dice)
        let keys = Self.names.shuffled(using: &dice).prefix(Int.random(in: 1...3, using: &dice))
            .map { (column: $0, descending: Bool.random(using: &dice)) }
        func before(_ one: [Value], _ other: [Value]) -> Bool {
            for key in keys {
                let index = Self.names.firstIndex(of: key.column) ?? 0
                let (left, right) = (one[index], other[index])
                if left == .null || right == .null {
                    if left == right { continue }
                    return right == .null
                }
                if let less = Self.precedes(left, right) { return less != key.descending }
            }
            return false
        }
        var model: [(Int, [Value])] = []
        for (number, row) in rows.enumerated() {
            let place = model.firstIndex { before(row, $0.1) } ?? model.endIndex
            model.insert((number, row), at: place)
        }
        let numbered = Frame(
            columns: Self.frame(rows).columns + [
                Column(name: "number", rows.indices.map { .int(Int64($0)) })
            ],
            count: rows.count)
        let sorted = try numbered.sorted(by: keys)
        #expect((0..<sorted.count).map { sorted.columns[5][$0] } == model.map { .int(Int64($0.0)) })
        for (column, values) in sorted.columns.dropLast().enumerated() {
            #expect((0..<sorted.count).map { values[$0] } == model.map { $0.1[column] })
        }
    }

    @Test("group_by and agg agree with dictionaries", arguments: 0..<60 as Range<UInt64>)
    func groups(_ seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed &+ 1000)
        let rows = Self.rows(&dice)
        let keys = Array(Self.names.shuffled(using: &dice).prefix(Int.random(in: 1...2, using: &dice)))
        let places = keys.map { Self.names.firstIndex(of: $0) ?? 0 }
        var order: [[Value]] = []
        var model: [[Value]: [[Value]]] = [:]
        for row in rows {
            let key = places.map { row[$0] }
            if model[key] == nil { order.append(key) }
            model[key, default: []].append(row)
        }
        let frame = Self.frame(rows)
        let groups = try FrameGroups(frame, by: keys)
        let kinds: [Aggregate.Kind] = [.count, .sum, .mean, .min, .max, .median, .countDistinct, .nulls]
        let result = try groups.aggregated(
            try kinds.map { ($0.rawValue, Aggregate(kind: $0, column: try frame.column("integer"))) }
                + [("rows", Aggregate(kind: .count, column: nil))])
        #expect(result.count == order.count)
        for (row, key) in order.enumerated() {
            #expect(result.columns.prefix(keys.count).map { $0[row] } == key)
            let members = model[key] ?? []
            let numbers = members.compactMap { if case .int(let n) = $0[1] { n } else { nil } }
            let ordered = numbers.sorted()
            let middle =
                ordered.isEmpty
                ? nil : Double(ordered[(ordered.count - 1) / 2] + ordered[ordered.count / 2]) / 2
            let expected: [String: Value] = [
                "rows": .int(Int64(members.count)), "count": .int(Int64(numbers.count)),
                "sum": numbers.isEmpty ? .null : .int(numbers.reduce(0, +)),
                "mean": numbers.isEmpty
                    ? .null : .double(Double(numbers.reduce(0, +)) / Double(numbers.count)),
                "min": numbers.min().map(Value.int) ?? .null, "max": numbers.max().map(Value.int) ?? .null,
                "count_distinct": .int(Int64(Set(numbers).count)),
                "nulls": .int(Int64(members.count - numbers.count)),
                "median": middle.map(Value.double) ?? .null,
            ]
            for (name, value) in expected {
                #expect(try result.column(name)[row] == value, "\(name) of \(key)")
            }
        }
    }
}
