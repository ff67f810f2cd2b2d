import Postgres

/// The rows of a frame by what they have in some columns: rows that agree in all of them have the same code.
///
/// NULL agrees with NULL, NaN with NaN, −0 with 0; texts agree where their bytes do.
struct RowCodes {
    /// The code of each row; codes count from 0 in the order in which they first appear.
    private(set) var codes: [Int32]
    /// The first row of each code.
    private(set) var firsts: [Int32]

    /// How many different ones there are.
    var count: Int { firsts.count }

    /// Codes of rows that nothing tells apart.
    private init(rows: Int) {
        codes = Array(repeating: 0, count: rows)
        firsts = rows > 0 ? [0] : []
    }

    /// The codes of `count` rows by these columns.
    ///
    /// - Throws: `CancellationError` where the task was cancelled meanwhile.
    init(_ columns: [ColumnValues], count: Int) throws {
        guard let first = columns.first else {
            self.init(rows: count)
            return
        }
        try self.init(first)
        for column in columns.dropFirst() { try narrow(by: RowCodes(column)) }
    }

    /// The codes of the rows by one column.
    init(_ column: ColumnValues) throws {
        if let words = column.orderedWords() {
            self = try Self.words(words, column)
        } else if column.hasBytes {
            self = try Self.bytes(column)
        } else {
            self = try Self.values(column)
        }
    }

    /// Tells rows apart that the others tell apart.
    private mutating func narrow(by other: RowCodes) throws {
        var table = WordTable()
        firsts = []
        for row in codes.indices {
            try Cancellation.check(at: row)
            let word =
                UInt64(UInt32(bitPattern: codes[row])) << 32 | UInt64(UInt32(bitPattern: other.codes[row]))
            codes[row] = table.code(of: word)
            if Int(codes[row]) == firsts.count { firsts.append(Int32(row)) }
        }
    }

    private static func words(_ words: [UInt64], _ column: ColumnValues) throws -> RowCodes {
        var found = RowCodes(rows: column.count)
        found.firsts = []
        var table = WordTable()
        let nulls = column.nullFlags()
        var nullCode: Int32 = -1
        for row in words.indices {
            try Cancellation.check(at: row)
            if let nulls, nulls[row] {
                if nullCode < 0 { nullCode = table.skip() }
                found.codes[row] = nullCode
            } else {
                found.codes[row] = table.code(of: words[row])
            }
            if Int(found.codes[row]) == found.firsts.count { found.firsts.append(Int32(row)) }
        }
        return found
    }

    private static func bytes(_ column: ColumnValues) throws -> RowCodes {
        var found = RowCodes(rows: column.count)
        found.firsts = []
        var table = BytesTable()
        let nulls = column.nullFlags()
        var nullCode: Int32 = -1
        try column.forEachBytes { row, bytes in
            try Cancellation.check(at: row)
            if let nulls, nulls[row] {
                if nullCode < 0 { nullCode = table.skip() }
                found.codes[row] = nullCode
            } else {
                found.codes[row] = table.code(of: bytes)
            }
            if Int(found.codes[row]) == found.firsts.count { found.firsts.append(Int32(row)) }
        }
        return found
    }

    private static func values(_ column: ColumnValues) throws -> RowCodes {
        var found = RowCodes(rows: column.count)
        found.firsts = []
        var places: [Value: Int32] = [:]
        for row in 0..<column.count {
            try Cancellation.check(at: row)
            let key = ValueOrder.key(column[row])
            if let place = places[key] {
                found.codes[row] = place
            } else {
                found.codes[row] = Int32(found.firsts.count)
                places[key] = found.codes[row]
                found.firsts.append(Int32(row))
            }
        }
        return found
    }
}

/// Gives numbers of 64 bits codes, from 0 on.
struct WordTable {
    private var words: [UInt64]
    /// −1 where the place is free.
    private var codes: [Int32]
    private var used = 0
    private var next: Int32 = 0
    private var shift: UInt64

    init() {
        words = Array(repeating: 0, count: 64)
        codes = Array(repeating: -1, count: 64)
        shift = 64 - 6
    }

    /// A code that no number has.
    mutating func skip() -> Int32 {
        defer { next += 1 }
        return next
    }

    mutating func code(of word: UInt64) -> Int32 {
        var place = home(of: word)
        while codes[place] >= 0 {
            if words[place] == word { return codes[place] }
            place = (place + 1) & (words.count - 1)
        }
        words[place] = word
        codes[place] = next
        defer { next += 1 }
        used += 1
        if used * 2 > words.count { grow() }
        return next
    }

    /// Multiplicative hashing: Knuth, The Art of Computer Programming, volume 3, 6.4.
    private func home(of word: UInt64) -> Int {
        Int(truncatingIfNeeded: ((word ^ word >> 32) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private mutating func grow() {
        let old = zip(words, codes).filter { $0.1 >= 0 }
        let size = words.count * 4
        words = Array(repeating: 0, count: size)
        codes = Array(repeating: -1, count: size)
        shift -= 2
        for (word, code) in old {
            var place = home(of: word)
            while codes[place] >= 0 { place = (place + 1) & (size - 1) }
            words[place] = word
            codes[place] = code
        }
    }
}

/// Gives byte strings codes, from 0 on.
private struct BytesTable {
    private var hashes: [UInt64]
    private var codes: [Int32]
    private var used = 0
    /// The strings one behind the other, and where that of each code ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init() {
        hashes = Array(repeating: 0, count: 64)
        codes = Array(repeating: -1, count: 64)
    }

    /// A code that no string has.
    mutating func skip() -> Int32 {
        ends.append(bytes.count)
        return Int32(ends.count - 1)
    }

    mutating func code(of string: UnsafeRawBufferPointer) -> Int32 {
        let hash = Self.hash(string)
        var place = Int(truncatingIfNeeded: hash) & (codes.count - 1)
        while codes[place] >= 0 {
            if hashes[place] == hash, has(codes[place], string) { return codes[place] }
            place = (place + 1) & (codes.count - 1)
        }
        hashes[place] = hash
        codes[place] = Int32(ends.count)
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
        used += 1
        if used * 2 > codes.count { grow() }
        return Int32(ends.count - 1)
    }

    private func has(_ code: Int32, _ string: UnsafeRawBufferPointer) -> Bool {
        let start = code == 0 ? 0 : ends[Int(code) - 1]
        let end = ends[Int(code)]
        guard end - start == string.count else { return false }
        return bytes.withUnsafeBytes {
            ByteOrder.compare(UnsafeRawBufferPointer(rebasing: $0[start..<end]), string) == 0
        }
    }

    /// Eight bytes at a time, each mixed in by a multiplication whose high half comes back.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
        func mix(_ word: UInt64) {
            let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            hash = product.low ^ product.high ^ word
        }
        var at = 0
        while at + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = rest << 8 | UInt64(bytes[at])
            at += 1
        }
        mix(rest)
        return hash ^ hash >> 32
    }

    private mutating func grow() {
        let old = zip(hashes, codes).filter { $0.1 >= 0 }
        let size = codes.count * 4
        hashes = Array(repeating: 0, count: size)
        codes = Array(repeating: -1, count: size)
        for (hash, code) in old {
            var place = Int(truncatingIfNeeded: hash) & (size - 1)
            while codes[place] >= 0 { place = (place + 1) & (size - 1) }
            hashes[place] = hash
            codes[place] = code
        }
    }
}

/// A loop over many rows that ends when its task was cancelled.
enum Cancellation {
    /// To be called for each row; looks at the task now and then.
    @inline(__always)
    static func check(at row: Int) throws {
        if row & 0xFFFF == 0xFFFF { try Task.checkCancellation() }
    }
}
