extension Double {
    /// The shortest digits that read back as the same number, without an exponent: what JUnit's times must be. Nil for NaN
    /// and the infinities.
    var plainDigits: String? {
        guard isFinite else { return nil }
        let text = description
        guard let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }),
            let exponent = Int(text[text.index(after: mark)...])
        else { return text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
        let mantissa = text[..<mark].drop { $0 == "-" }
        let point = mantissa.firstIndex(of: ".") ?? mantissa.endIndex
        let digits = mantissa.filter { $0 != "." }
        // Where the point stands once the exponent has moved it.
        let place = mantissa.distance(from: mantissa.startIndex, to: point) + exponent
        let sign = self < 0 ? "-" : ""
        if place <= 0 { return sign + "0." + String(repeating: "0", count: -place) + digits }
        if place >= digits.count {
            return sign + digits + String(repeating: "0", count: place - digits.count)
        }
        let split = digits.index(digits.startIndex, offsetBy: place)
        let rest = digits[split...]
        return sign + digits[..<split] + (rest.allSatisfy { $0 == "0" } ? "" : "." + rest)
    }
}
