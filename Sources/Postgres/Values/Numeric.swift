/// An exact decimal number of any size, or NaN, or an infinity: PostgreSQL's numeric.
///
/// Two numbers are equal when they have the same value: 1.0 equals 1.00. Their `description` differs, since
/// the scale is kept. As in PostgreSQL, NaN equals itself and is greater than everything else.
public struct Numeric: Sendable {
    enum Kind: Sendable { case negativeInfinity, finite, infinity, notANumber }

    let kind: Kind
    let isNegative: Bool
    /// The power of 10,000 of the first digit.
    let weight: Int
    /// Digits to the base 10,000, the first and the last of them not 0; none for zero.
    let digits: [UInt16]
    /// The number of decimals that are shown.
    public let scale: Int

    /// Not a number.
    public static let nan = Numeric(kind: .notANumber)
    /// Greater than every finite number.
    public static let infinity = Numeric(kind: .infinity)
    /// Less than every finite number.
    public static let negativeInfinity = Numeric(kind: .negativeInfinity)

    private init(kind: Kind) {
        self.kind = kind
        isNegative = kind == .negativeInfinity
        weight = 0
        digits = []
        scale = 0
    }

    init(isNegative: Bool, weight: Int, digits: [UInt16], scale: Int) {
        let leading = digits.prefix { $0 == 0 }.count
        var kept = Array(digits.dropFirst(leading))
        while kept.last == 0 { kept.removeLast() }
        kind = .finite
        self.digits = kept
        self.weight = kept.isEmpty ? 0 : weight - leading
        self.isNegative = isNegative && !kept.isEmpty
        self.scale = scale
    }

    /// A whole number.
    public init(_ value: Int64) {
        var digits: [UInt16] = []
        var rest = value.magnitude
        while rest > 0 {
            digits.append(UInt16(rest % 10_000))
            rest /= 10_000
        }
        self.init(isNegative: value < 0, weight: digits.count - 1, digits: digits.reversed(), scale: 0)
    }

    /// The number that `text` writes, as "-12.50", "1e-7", "NaN" or "Infinity"; nil for anything else.
    public init?(_ text: some StringProtocol) {
        switch text.lowercased() {
        case "nan": self = .nan
        case "infinity", "+infinity", "inf", "+inf": self = .infinity
        case "-infinity", "-inf": self = .negativeInfinity
        default:
            guard let parsed = Self.parse(Array(text.utf8)) else { return nil }
            self = parsed
        }
    }

    /// Whether this is neither NaN nor an infinity.
    public var isFinite: Bool { kind == .finite }

    /// Whether this is NaN.
    public var isNaN: Bool { kind == .notANumber }

    /// The nearest floating-point number.
    public var doubleValue: Double {
        switch kind {
        case .finite: exactQuotient ?? Double(description) ?? .nan
        case .notANumber: .nan
        case .infinity: .infinity
        case .negativeInfinity: -.infinity
        }
    }

    /// The nearest floating-point number by one division, which rounds but once since both of its numbers are exact: a whole
    /// number below 2^53 and a power of ten up to 10^20. Nil for what isn't such a quotient. Source: Clinger, "How to read
    /// floating point numbers accurately", PLDI 1990.
    private var exactQuotient: Double? {
        let below = digits.count - 1 - weight
        guard digits.count <= 4, (0...5).contains(below) else { return nil }
        let whole = digits.reduce(0) { $0 * 10_000 + Int64($1) }
        guard whole < 1 << 53 else { return nil }
        let divisor = (0..<below).reduce(1.0) { power, _ in power * 10_000 }
        return Double(isNegative ? -whole : whole) / divisor
    }

    /// This number as an integer; nil where it has a fraction that isn't 0, or is too large.
    public var intValue: Int64? {
        guard isFinite, digits.isEmpty || (digits.count <= weight + 1 && weight < 5) else { return nil }
        var value: Int64 = 0
        for index in 0..<max(weight + 1, 0) {
            let digit = Int64(index < digits.count ? digits[index] : 0)
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, overflow) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if tooLarge || overflow { return nil }
            value = sum
        }
        return digits.isEmpty ? 0 : value
    }

    private static func parse(_ text: [UInt8]) -> Numeric? {
        var index = 0
        var isNegative = false
        if let sign = text.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            index = 1
        }
        var decimals: [UInt8] = []
        var whole: Int?
        scan: while index < text.count {
            switch text[index] {
            case let byte where byte >= 48 && byte <= 57: decimals.append(byte - 48)
            case UInt8(ascii: ".") where whole == nil: whole = decimals.count
            default: break scan
            }
            index += 1
        }
        guard !decimals.isEmpty else { return nil }
        var exponent = 0
        if index < text.count {
            guard text[index] | 32 == UInt8(ascii: "e"),
                let value = Int(String(decoding: text[(index + 1)...], as: UTF8.self)), abs(value) < 200_000
            else { return nil }
            exponent = value
        }
        let point = (whole ?? decimals.count) + exponent
        return Numeric(isNegative: isNegative, decimals: decimals, point: point)
    }

    /// - Parameter point: How many of `decimals` stand before the decimal point; may lie outside of them.
    init(isNegative: Bool, decimals: [UInt8], point: Int) {
        let weight = point > 0 ? (point - 1) / 4 : -((-point) / 4 + 1)
        let padding = (weight + 1) * 4 - point
        let padded = [UInt8](repeating: 0, count: padding) + decimals
        let digits = stride(from: 0, to: padded.count, by: 4).map { start in
            (start..<start + 4).reduce(UInt16(0)) { $0 * 10 + UInt16($1 < padded.count ? padded[$1] : 0) }
        }
        self.init(
            isNegative: isNegative, weight: weight, digits: digits, scale: max(decimals.count - point, 0))
    }
}

extension Numeric: Hashable, Comparable {
    /// Whether both are the same number.
    public static func == (left: Numeric, right: Numeric) -> Bool {
        left.kind == right.kind && left.isNegative == right.isNegative && left.weight == right.weight
            && left.digits == right.digits
    }

    /// Hashes the number, not its scale.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(isNegative)
        hasher.combine(weight)
        hasher.combine(digits)
    }

    /// PostgreSQL's order, with NaN last.
    public static func < (left: Numeric, right: Numeric) -> Bool {
        guard left.isFinite, right.isFinite else { return left.kind.order < right.kind.order }
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative
            ? right.isSmallerInSize(than: left) : left.isSmallerInSize(than: right)
    }

    private func isSmallerInSize(than other: Numeric) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        if weight != other.weight { return weight < other.weight }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension Numeric.Kind {
    fileprivate var order: Int {
        switch self {
        case .negativeInfinity: 0
        case .finite: 1
        case .infinity: 2
        case .notANumber: 3
        }
    }
}

extension Numeric: CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int64) { self.init(value) }

    /// PostgreSQL's text: all the digits, without exponent.
    public var description: String {
        switch kind {
        case .notANumber: return "NaN"
        case .infinity: return "Infinity"
        case .negativeInfinity: return "-Infinity"
        case .finite: break
        }
        func group(_ power: Int) -> String {
            let index = weight - power
            return String(
                String(10_000 + (digits.indices.contains(index) ? Int(digits[index]) : 0)).dropFirst())
        }
        var text = isNegative ? "-" : ""
        let whole = (0...max(weight, 0)).reversed().map(group).joined().drop { $0 == "0" }
        text += whole.isEmpty ? "0" : whole
        if scale > 0 {
            let groups = (1...(scale + 3) / 4).map { group(-$0) }.joined()
            text += "." + groups.prefix(scale)
        }
        return text
    }
}
