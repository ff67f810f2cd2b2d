// What PostgreSQL's operators on numeric do, digit for digit, scale included: the server is the oracle of the tests.
//
// Source: PostgreSQL's numeric.c (add_var, mul_var, div_var, select_div_scale, round_var).

/// Why there is no result.
public enum NumericError: Error, Sendable, Hashable {
    /// The divisor is 0.
    case divisionByZero
    /// An operand or the result has more than ``Numeric/mostDigits`` digits, or lies outside of numeric's range.
    case tooManyDigits
}

extension Numeric {
    /// Numbers with more digits are neither multiplied nor divided, so that one operation takes milliseconds at most.
    public static let mostDigits = 10_000

    /// The exact sum; its scale is the larger of the two.
    public static func + (left: Numeric, right: Numeric) -> Numeric {
        guard left.isFinite, right.isFinite else {
            if left.isNaN || right.isNaN { return .nan }
            if left.isFinite { return right }
            return right.isFinite || left == right ? left : .nan
        }
        let low = min(left.lowest, right.lowest)
        let scale = max(left.scale, right.scale)
        // What most amounts are: 16 digits at most, which a machine's integer holds.
        if max(left.weight, right.weight) - low < 4 {
            return Numeric(left.units(of: low) + right.units(of: low), of: low, scale: scale)
        }
        let (a, b) = (left.whole(from: low), right.whole(from: low))
        if left.isNegative == right.isNegative {
            return Numeric(left.isNegative, a + b, low, scale)
        }
        return a < b
            ? Numeric(right.isNegative, b - a, low, scale) : Numeric(left.isNegative, a - b, low, scale)
    }

    /// The exact difference; its scale is the larger of the two.
    public static func - (left: Numeric, right: Numeric) -> Numeric { left + right.negated }

    /// The exact product; its scale is the sum of the two.
    public static func multiplying(_ left: Numeric, _ right: Numeric) throws(NumericError) -> Numeric {
        guard left.isFinite, right.isFinite else {
            let isZero = left == 0 || right == 0
            return left.isNaN || right.isNaN || isZero
                ? .nan : left.isBelowZero == right.isBelowZero ? .infinity : .negativeInfinity
        }
        let low = left.lowest + right.lowest
        let (a, b) = (left.whole(from: left.lowest), right.whole(from: right.lowest))
        try limit(a, b)
        let product = a * b
        let exact = Numeric(left.isNegative != right.isNegative, product, low, left.scale + right.scale)
        return exact.scale > largestScale ? exact.rounded(to: largestScale) : exact
    }

    /// The quotient, rounded half away from zero to a scale of at least 16 significant digits and not less than either
    /// operand's, as PostgreSQL chooses it.
    public static func dividing(_ left: Numeric, by right: Numeric) throws(NumericError) -> Numeric {
        if left.isNaN || right.isNaN { return .nan }
        if right == 0 { throw .divisionByZero }
        guard left.isFinite else {
            guard right.isFinite else { return .nan }
            return left.isBelowZero == right.isBelowZero ? .infinity : .negativeInfinity
        }
        if !right.isFinite { return 0 }
        let scale = quotientScale(left, right)
        // One digit to the base more than is shown, to round by.
        let low = -(scale / 4 + 2)
        let shift = left.lowest - right.lowest - low
        guard shift.magnitude <= mostDigits else { throw .tooManyDigits }
        let a = left.whole(from: left.lowest).shifted(max(shift, 0))
        let b = right.whole(from: right.lowest).shifted(max(-shift, 0))
        try limit(a, b)
        let quotient = a.divided(by: b).quotient
        return Numeric(left.isNegative != right.isNegative, quotient, low, scale + 4).rounded(to: scale)
    }

    /// The largest whole number that isn't more than the quotient, and what is left, which has the divisor's sign: Lua's
    /// `//` and `%`.
    public static func floorDividing(_ left: Numeric, by right: Numeric) throws(NumericError) -> (
        quotient: Numeric, remainder: Numeric
    ) {
        if left.isNaN || right.isNaN { return (.nan, .nan) }
        if right == 0 { throw .divisionByZero }
        guard left.isFinite else { return (.nan, .nan) }
        guard right.isFinite else {
            return left == 0 || left.isBelowZero == right.isBelowZero ? (0, left) : (-1, right)
        }
        let low = min(left.lowest, right.lowest)
        let (a, b) = (left.whole(from: low), right.whole(from: low))
        try limit(a, b)
        let parts = a.divided(by: b)
        let scale = max(left.scale, right.scale)
        let quotient = Numeric(left.isNegative != right.isNegative, parts.quotient, 0, 0)
        let remainder = Numeric(left.isNegative, parts.remainder, low, scale)
        if remainder == 0 || remainder.isNegative == right.isNegative { return (quotient, remainder) }
        return (quotient - 1, remainder + right)
    }

    /// The number of the other sign.
    public var negated: Numeric {
        switch kind {
        case .notANumber: self
        case .infinity: .negativeInfinity
        case .negativeInfinity: .infinity
        case .finite: Numeric(isNegative: !isNegative, weight: weight, digits: digits, scale: scale)
        }
    }

    /// Rounded half away from zero to so many decimals; to tens, hundreds, … where negative.
    public func rounded(to scale: Int) -> Numeric {
        let scale = min(max(scale, -131_072), Self.largestScale)
        guard isFinite, scale < self.scale || scale < 0 else {
            return isFinite ? truncated(to: scale) : self
        }
        let half = Numeric(isNegative: isNegative, decimals: [5], point: -scale)
        return (self + half).truncated(to: scale)
    }

    /// Cut off behind so many decimals; the scale becomes that, or 0 where negative.
    public func truncated(to scale: Int) -> Numeric {
        let scale = min(max(scale, -131_072), Self.largestScale)
        guard isFinite else { return self }
        let groups = scale >= 0 ? scale / 4 : -((3 - scale) / 4)
        let kept = scale - groups * 4
        var digits: [UInt16] = []
        for (index, digit) in self.digits.enumerated() {
            let power = weight - index
            if power >= -groups {
                digits.append(digit)
            } else if power == -groups - 1 {
                let unit: UInt16 = [10_000, 1000, 100, 10][kept]
                digits.append(digit - digit % unit)
            }
        }
        return Numeric(isNegative: isNegative, weight: weight, digits: digits, scale: max(scale, 0))
    }

    /// The largest scale that numeric has.
    private static let largestScale = 16_383

    /// The power of the base of the last digit.
    private var lowest: Int { digits.isEmpty ? 0 : weight - digits.count + 1 }

    private var isBelowZero: Bool { isFinite ? isNegative : kind == .negativeInfinity }

    /// The digits as a whole number of units of a power of the base.
    private func whole(from power: Int) -> NumericDigits {
        NumericDigits(digits.reversed().map { UInt32($0) }).shifted(digits.isEmpty ? 0 : lowest - power)
    }

    /// The same with its sign, where it has at most four digits to the base 10,000.
    private func units(of power: Int) -> Int64 {
        guard !digits.isEmpty else { return 0 }
        let units = (0...weight - power).reduce(Int64(0)) { units, place in
            units * 10_000 + (place < digits.count ? Int64(digits[place]) : 0)
        }
        return isNegative ? -units : units
    }

    /// So many units of a power of the base.
    private init(_ units: Int64, of power: Int, scale: Int) {
        let whole = Numeric(units)
        self.init(
            isNegative: whole.isNegative, weight: whole.weight + power, digits: whole.digits, scale: scale)
    }

    private static func limit(_ left: NumericDigits, _ right: NumericDigits) throws(NumericError) {
        guard max(left.digits.count, right.digits.count) <= mostDigits / 4 else { throw .tooManyDigits }
    }

    private init(_ isNegative: Bool, _ whole: NumericDigits, _ low: Int, _ scale: Int) {
        self.init(
            isNegative: isNegative, weight: low + whole.digits.count - 1,
            digits: whole.digits.reversed().map { UInt16($0) }, scale: scale)
    }

    private static func quotientScale(_ left: Numeric, _ right: Numeric) -> Int {
        var weight = left.weight - right.weight
        if (left.digits.first ?? 0) <= (right.digits.first ?? 0) { weight -= 1 }
        return min(max(16 - weight * 4, left.scale, right.scale, 0), 1000)
    }
}
