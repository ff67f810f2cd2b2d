import Postgres

/// Puts rows in order.
///
/// Each column becomes a number for each row that is in the order of its values; the rows are then sorted by these numbers,
/// the last column first, byte by byte from the lowest: a radix sort, which is stable and compares nothing.
enum RowOrder {
    struct Key {
        let column: ColumnValues
        let descending: Bool
    }

    /// The rows by these keys, the first counting most. NULL comes last either way; what is equal stays in order.
    ///
    /// - Throws: `CancellationError` where the task was cancelled meanwhile.
    static func sorted(count: Int, by keys: [Key]) throws -> [Int32] {
        var order = Array(0..<Int32(count))
        for key in keys.reversed() {
            var words = try ranks(of: key.column)
            if key.descending { for row in words.indices { words[row] = ~words[row] } }
            try sort(&order, by: words)
            if let nulls = key.column.nullFlags() { try sort(&order, by: nulls.map { $0 ? 1 : 0 }) }
        }
        return order
    }

    /// A number for each row that is in the order of the values.
    static func ranks(of column: ColumnValues) throws -> [UInt64] {
        if let words = column.orderedWords() { return words }
        let codes = try RowCodes(column)
        var compared = 0
        let order = try codes.firsts.indices.sorted { one, other in
            compared += 1
            try Cancellation.check(at: compared)
            return compare(Int(codes.firsts[one]), Int(codes.firsts[other]), of: column) < 0
        }
        var rankOfCode = [UInt64](repeating: 0, count: codes.count)
        for (rank, code) in order.enumerated() { rankOfCode[code] = UInt64(rank) }
        return codes.codes.map { rankOfCode[Int($0)] }
    }

    /// The order of two rows' values, neither of them NULL.
    static func compare(_ one: Int, _ other: Int, of column: ColumnValues) -> Int {
        column.withBytes(one) { left in
            column.withBytes(other) { right in ByteOrder.compare(left, right) } ?? 0
        } ?? ValueOrder.compare(column[one], column[other])
    }

    /// Sorts row numbers by the words of their rows, one byte at a time; bytes that are the same in all words are passed over.
    private static func sort(_ order: inout [Int32], by words: [UInt64]) throws {
        guard let first = words.first else { return }
        var differing: UInt64 = 0
        for word in words { differing |= word ^ first }
        var other = [Int32](repeating: 0, count: order.count)
        for shift in stride(from: UInt64(0), to: 64, by: 8) where differing >> shift & 0xFF != 0 {
            try Task.checkCancellation()
            var ends = [Int](repeating: 0, count: 256)
            for word in words { ends[Int(word >> shift & 0xFF)] += 1 }
            var start = 0
            for byte in 0..<256 { (ends[byte], start) = (start, start + ends[byte]) }
            for row in order {
                let byte = Int(words[Int(row)] >> shift & 0xFF)
                other[ends[byte]] = row
                ends[byte] += 1
            }
            swap(&order, &other)
        }
    }
}
