import Glibc
public import Postgres

/// The numbers of outcomes' `metrics`: what stands at the top of each object. Texts, booleans and whatever lies deeper
/// has no part.
public struct RecordedNumbers {
    /// The different names.
    private(set) var names = TextNumbers()
    /// Of each name its numbers, with their rows.
    private var numbers: [[(row: Int32, value: Double)]] = []

    /// Takes in what the server printed of a row's `metrics`, which is JSON.
    mutating func add(_ json: UnsafeRawBufferPointer, row: Int) {
        // Most outcomes have none: {}.
        guard json.count > 2 else { return }
        var reader = MemberReader(json)
        var place = 0
        while let (name, number) = reader.next() {
            defer { place += 1 }
            guard let number else { continue }
            // The server sorts the members, so that mostly they are those of the row before.
            let isExpected = place < names.count && names.isText(place, name)
            let found = isExpected ? place : names.number(of: name)
            if found == numbers.count { numbers.append([]) }
            numbers[found].append((Int32(row), number))
        }
    }

    /// For each row of outcomes' `metrics` its number of that name, NaN where it has none.
    public static func named(_ name: String, in metrics: ColumnValues) -> [Double] {
        var numbers = RecordedNumbers()
        metrics.forEachBytes { row, json in numbers.add(json, row: row) }
        let found = (0..<numbers.names.count).first { numbers.name($0) == name }
        return found.map { numbers.column($0, rows: metrics.count) }
            ?? [Double](repeating: .nan, count: metrics.count)
    }

    /// For each row its number of that name, NaN where it has none.
    func column(_ name: Int, rows: Int) -> [Double] {
        var column = [Double](repeating: .nan, count: rows)
        for (row, value) in numbers[name] { column[Int(row)] = value }
        return column
    }

    /// The name of that number as whoever recorded it wrote it.
    func name(_ number: Int) -> String {
        let written = names[number]
        guard written.utf8.contains(UInt8(ascii: "\\")) else { return written }
        return (try? JSONReader.value(of: "\"\(written)\"".utf8))?.string ?? written
    }
}

/// Reads the members of a JSON object as PostgreSQL's jsonb prints it, whose form is known to be right.
private struct MemberReader {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

    /// The next member: its name as it is written between its quotes, and its value where that is a number. Nil where the
    /// object ends.
    mutating func next() -> (name: UnsafeRawBufferPointer, number: Double?)? {
        while place < bytes.count, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "}") { return nil }
            place += 1
        }
        guard place < bytes.count else { return nil }
        let start = place + 1
        skipText()
        let name = UnsafeRawBufferPointer(rebasing: bytes[start..<max(start, place - 1)])
        while byte == UInt8(ascii: ":") || byte == UInt8(ascii: " ") { place += 1 }
        return (name, value())
    }

    /// Passes over a value; returns it where it is a number.
    private mutating func value() -> Double? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return number()
        case UInt8(ascii: "\""): skipText()
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested()
        default:
            while place < bytes.count, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { place += 1 }
        }
        return nil
    }

    private mutating func skipText() {
        place += 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place += 1
                return
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
    }

    private mutating func skipNested() {
        var depth = 0
        repeat {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                skipText()
                continue
            default: break
            }
            place += 1
        } while depth > 0 && place < bytes.count
    }

    /// A number of up to 15 digits is a whole one over a power of ten, both of which a Double holds exactly, so that the
    /// quotient is the nearest Double (Clinger, "How to read floating point numbers accurately", PLDI 1990). The rest
    /// is strtod's; the object's end stands behind every number.
    private mutating func number() -> Double {
        let start = place
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative { place += 1 }
        var (digits, decimals, whole, hasPoint) = (0, 0, 0.0, false)
        while true {
            switch byte {
            case let digit where digit &- UInt8(ascii: "0") < 10:
                whole = whole * 10 + Double(digit &- UInt8(ascii: "0"))
                digits += 1
                if hasPoint { decimals += 1 }
            case UInt8(ascii: ".") where !hasPoint: hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"): digits = .max / 2
            default:
                guard digits <= 15 else { return exact(from: start) }
                let value = whole / Self.powers[decimals]
                return isNegative ? -value : value
            }
            place += 1
        }
    }

    private func exact(from start: Int) -> Double {
        guard let base = bytes.baseAddress else { return .nan }
        return strtod((base + start).assumingMemoryBound(to: CChar.self), nil)
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
