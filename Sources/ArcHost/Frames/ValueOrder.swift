import Glibc
import Postgres

/// The order of values within a column.
enum ValueOrder {
    /// Below 0 where the first comes first, 0 where neither does. Numbers are in order among themselves, exactly, NaN last
    /// of them; so are moments, days, times, UUIDs and
    /// intervals, these as PostgreSQL compares them, with months of 30 days and days of 24 hours. Whatever else is there goes by
    /// its text, byte by byte.
    static func compare(_ one: Value, _ other: Value) -> Int {
        switch (one, other) {
        case (.int(let one), .int(let other)): return sign(one, other)
        case (.timestamp(let one), .timestamp(let other)): return sign(one.microseconds, other.microseconds)
        case (.date(let one), .date(let other)): return sign(one.days, other.days)
        case (.time(let one), .time(let other)): return sign(one.microseconds, other.microseconds)
        case (.uuid(let one), .uuid(let other)): return sign(one, other)
        case (.interval(let one), .interval(let other)): return sign(one.span, other.span)
        default: break
        }
        switch (exact(one), exact(other)) {
        case (let one?, let other?): return sign(one, other)
        case (nil, nil): return ByteOrder.compare(one.description, other.description)
        case (_?, nil): return -1
        case (nil, _?): return 1
        }
    }

    private static func sign<Part: Comparable>(_ one: Part, _ other: Part) -> Int {
        one < other ? -1 : one > other ? 1 : 0
    }

    /// The number that a value is; a double by the digits that it is written with.
    private static func exact(_ value: Value) -> Numeric? {
        switch value {
        case .bool(let flag): Numeric(flag ? 1 : 0)
        case .int(let number): Numeric(number)
        case .double(let number): Numeric("\(number)")
        case .numeric(let number): number
        default: nil
        }
    }

    /// What stands for a value where equal ones are looked for: every number for those that are the same number, every interval
    /// for those that are as long.
    static func key(_ value: Value) -> Value {
        if case .bool = value { return value }
        if case .interval(let interval) = value { return .interval(interval.canonical) }
        return exact(value).map(Value.numeric) ?? value
    }
}

/// The order of texts by their bytes, which in UTF-8 is that of their scalars: PostgreSQL's collation "C".
enum ByteOrder {
    static func compare(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Int {
        if let left = one.baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, min(one.count, other.count))
            if order != 0 { return Int(order) }
        }
        return one.count - other.count
    }

    static func compare(_ one: String, _ other: String) -> Int {
        if one.utf8.elementsEqual(other.utf8) { return 0 }
        return one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
    }
}
