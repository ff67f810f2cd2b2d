import Testing

@testable import Postgres

@Suite("Columns read as a whole")
struct ColumnReadingTests {
    private static let columns: [[Value]] = [
        [.int(.min), .int(-1), 0, 1, .int(.max)],
        [.double(-.infinity), -1.5, -0.0, 0.25, 2, .double(.infinity), .double(.nan)],
        [false, true],
        [
            .timestamp(.negativeInfinity()), .timestamp(Timestamp(microseconds: -1)),
            .timestamp(Timestamp(microseconds: 1)), .timestamp(.infinity()),
        ],
        [
            .date(.negativeInfinity), .date(CalendarDate(days: -1)), .date(CalendarDate(days: 7)),
            .date(.infinity),
        ],
        [.time(TimeOfDay(microseconds: 0)), .time(TimeOfDay(microseconds: 86_399_999_999))],
    ]

    @Test("the words of values are in the values' order", arguments: columns)
    func words(_ values: [Value]) throws {
        let words = try #require(ColumnValues(values).orderedWords())
        #expect(words == words.sorted() && Set(words).count == words.count)
    }

    @Test("−0 has the word of 0, and every NaN that of another")
    func equalWords() throws {
        let odd = Double(bitPattern: 0xFFF8_0000_0000_0001)
        let words = try #require(ColumnValues([-0.0, 0.0, .double(.nan), .double(odd)]).orderedWords())
        #expect(words[0] == words[1] && words[2] == words[3])
    }

    @Test("the bytes of texts, UUIDs and bytes are in the values' order")
    func bytes() {
        let ids: [Value] = [.uuid(UniqueID(high: 1, low: 9)), .uuid(UniqueID(high: 256, low: 0))]
        for values in [
            ["", "a", "ab", "b", "ä"], ids, [.bytes([]), .bytes([0]), .bytes([0, 0]), .bytes([255])],
        ] {
            let column = ColumnValues(values)
            let bytes = values.indices.compactMap { column.withBytes($0) { Array($0) } }
            #expect(bytes.count == values.count && column.hasBytes)
            for (one, other) in zip(bytes, bytes.dropFirst()) {
                #expect(one.lexicographicallyPrecedes(other))
            }
        }
        #expect(ColumnValues([1]).withBytes(0) { _ in true } == nil)
    }

    @Test("numbers come with 0 for NULL")
    func numbers() {
        #expect(ColumnValues([1, .null, 3]).integers() == [1, 0, 3])
        #expect(ColumnValues([1, .null, 3]).doubles() == [1, 0, 3])
        #expect(ColumnValues([true, .null, false]).doubles() == [1, 0, 0])
        #expect(ColumnValues([0.5, .null]).doubles() == [0.5, 0] && ColumnValues([0.5]).integers() == nil)
        #expect(ColumnValues(["1"]).doubles() == nil && ColumnValues(["1"]).orderedWords() == nil)
        #expect(
            ColumnValues([1, .null]).nullFlags() == [false, true] && ColumnValues([1]).nullFlags() == nil)
    }

    @Test("columns of several kinds join in the narrowest that holds all their values, and lose nothing")
    func joined() {
        func joined(_ parts: [Value]...) -> ColumnValues { .joined(parts.map { ColumnValues($0) }) }
        #expect(joined([1, .null], [2]).content == .integers && joined([1], [0.5]).content == .reals)
        #expect(joined([.null], ["a"], [.null, .null]).content == .texts)
        #expect(joined(["a"], [1]).content == .others && joined([], []).isEmpty)
        let large = joined([.int((1 << 53) + 1), .null], [0.5])
        #expect((0..<3).map { large[$0] } == [.int((1 << 53) + 1), .null, 0.5])
        let late = joined([0.5], [1, .int((1 << 53) + 1)])
        #expect((0..<3).map { late[$0] } == [0.5, 1.0, .int((1 << 53) + 1)])
    }

    @Test("a column tells its type, where there is one")
    func types() {
        #expect(ColumnValues([1]).typeName == "integer" && ColumnValues([0.5]).typeName == "real")
        #expect(ColumnValues([.numeric(1), .null]).typeName == "numeric")
        #expect(ColumnValues([.numeric(1), "a"]).typeName == nil && ColumnValues([.null]).typeName == nil)
    }
}

extension ColumnValues {
    fileprivate var isEmpty: Bool { count == 0 }
}
