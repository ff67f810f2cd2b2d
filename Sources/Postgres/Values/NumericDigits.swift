/// Whole numbers of any size, as digits to the base 10,000, the last one first; no zeros at the end.
///
/// Sums and products take their time in proportion to the digits, or to the product of their numbers: whoever lets
/// numbers of any size in bounds them first.
struct NumericDigits {
    private static let base: UInt32 = 10_000
    private(set) var digits: [UInt32]

    init(_ digits: [UInt32]) {
        self.digits = digits
        trim()
    }

    var isZero: Bool { digits.isEmpty }

    private mutating func trim() { while digits.last == 0 { digits.removeLast() } }

    /// This number times a power of the base.
    func shifted(_ places: Int) -> NumericDigits {
        isZero ? self : NumericDigits([UInt32](repeating: 0, count: places) + digits)
    }

    static func < (left: NumericDigits, right: NumericDigits) -> Bool {
        if left.digits.count != right.digits.count { return left.digits.count < right.digits.count }
        return left.digits.reversed().lexicographicallyPrecedes(right.digits.reversed())
    }

    static func + (left: NumericDigits, right: NumericDigits) -> NumericDigits {
        var sum: [UInt32] = []
        var carry: UInt32 = 0
        for index in 0..<max(left.digits.count, right.digits.count) {
            let total = left[index] + right[index] + carry
            sum.append(total % base)
            carry = total / base
        }
        sum.append(carry)
        return NumericDigits(sum)
    }

    /// - Parameter right: not more than `left`.
    static func - (left: NumericDigits, right: NumericDigits) -> NumericDigits {
        var rest = left.digits
        var borrow: UInt32 = 0
        for index in rest.indices {
            let taken = right[index] + borrow
            borrow = rest[index] < taken ? 1 : 0
            rest[index] = rest[index] + borrow * base - taken
        }
        return NumericDigits(rest)
    }

    static func * (left: NumericDigits, right: NumericDigits) -> NumericDigits {
        var product = [UInt32](repeating: 0, count: left.digits.count + right.digits.count)
        for (place, digit) in left.digits.enumerated() where digit != 0 {
            var carry: UInt32 = 0
            for (offset, other) in right.digits.enumerated() {
                // At most 9,999 + 9,999² + 9,999, which fits.
                let total = product[place + offset] + digit * other + carry
                product[place + offset] = total % base
                carry = total / base
            }
            product[place + right.digits.count] += carry
        }
        return NumericDigits(product)
    }

    /// The quotient, and what is left.
    ///
    /// Source: D. Knuth, The Art of Computer Programming, vol. 2, §4.3.1, algorithm D.
    ///
    /// - Parameter divisor: not 0.
    func divided(by divisor: NumericDigits) -> (quotient: NumericDigits, remainder: NumericDigits) {
        let count = divisor.digits.count
        guard digits.count >= count, count > 0 else { return (NumericDigits([]), self) }
        // The divisor's first digit has to be at least half the base for the guesses to be near.
        let scale = Self.base / ((divisor.digits.last ?? 0) + 1)
        let lower = divisor.times(scale, padding: 0)
        var upper = times(scale, padding: 1)
        let first = lower[count - 1]
        let second = count > 1 ? lower[count - 2] : 0
        var quotient = [UInt32](repeating: 0, count: digits.count - count + 1)
        for place in quotient.indices.reversed() {
            let two = upper[place + count] * Self.base + upper[place + count - 1]
            var guess = two / first
            var rest = two % first
            while guess >= Self.base
                || rest < Self.base
                    && UInt64(guess) * UInt64(second)
                        > UInt64(rest) * UInt64(Self.base)
                        + UInt64(count > 1 ? upper[place + count - 2] : 0)
            {
                guess -= 1
                rest += first
            }
            if Self.subtract(lower, times: guess, from: &upper, at: place) {
                guess -= 1
                Self.add(lower, to: &upper, at: place)
            }
            quotient[place] = guess
        }
        return (NumericDigits(quotient), NumericDigits(Self.quotient(of: upper, by: scale)))
    }

    private func times(_ factor: UInt32, padding: Int) -> [UInt32] {
        var product: [UInt32] = []
        var carry: UInt32 = 0
        for digit in digits {
            let total = digit * factor + carry
            product.append(total % Self.base)
            carry = total / Self.base
        }
        // Of a divisor nothing is carried: its first digit stays below the base.
        return padding > 0 ? product + [carry] : product
    }

    /// Whether too much was taken away.
    private static func subtract(
        _ divisor: [UInt32], times factor: UInt32, from upper: inout [UInt32], at place: Int
    ) -> Bool {
        var borrow: Int64 = 0
        for (index, digit) in divisor.enumerated() {
            let rest = Int64(upper[place + index]) - Int64(digit) * Int64(factor) - borrow
            let kept = (rest % Int64(base) + Int64(base)) % Int64(base)
            upper[place + index] = UInt32(kept)
            borrow = (kept - rest) / Int64(base)
        }
        let last = Int64(upper[place + divisor.count]) - borrow
        upper[place + divisor.count] = UInt32(last < 0 ? last + Int64(base) : last)
        return last < 0
    }

    private static func add(_ divisor: [UInt32], to upper: inout [UInt32], at place: Int) {
        var carry: UInt32 = 0
        for (index, digit) in divisor.enumerated() {
            let total = upper[place + index] + digit + carry
            upper[place + index] = total % base
            carry = total / base
        }
        upper[place + divisor.count] = (upper[place + divisor.count] + carry) % base
    }

    private static func quotient(of digits: [UInt32], by divisor: UInt32) -> [UInt32] {
        var result = digits
        var rest: UInt32 = 0
        for index in digits.indices.reversed() {
            let two = rest * base + digits[index]
            result[index] = two / divisor
            rest = two % divisor
        }
        return result
    }

    /// The digit of that power of the base; 0 beyond the number.
    subscript(_ power: Int) -> UInt32 { power < digits.count ? digits[power] : 0 }
}
