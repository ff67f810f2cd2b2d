import Glibc

/// Numbers and quantities as people read them.
public enum Figure {
    /// A number with at most so many significant digits, without trailing zeros: `0.42`, `1.5e-07`.
    public static func significant(_ value: Double, digits: Int) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        // Whole numbers are shown whole as long as a Double counts exactly.
        if value == value.rounded(), abs(value) < 0x1p53 { return String(Int64(value)) }
        return print("%.*g", digits, value)
    }

    /// A confidence in percent, as in "95 %" and "99.99999 %": as few digits as it takes, and never 100, which no interval has.
    public static func level(_ confidence: Double) -> String {
        let percent = confidence * 100
        let shown = (4...17).lazy.map { significant(percent, digits: $0) }.first { $0 != "100" }
        return "\(shown ?? "99.99999999999999") %"
    }

    /// A float as Lua's `tostring` writes it: `0.1`, `2.0`, `1e+15`, `inf`.
    ///
    /// Source: Lua 5.4, lobject.c, tostringbuff.
    static func lua(_ value: Double) -> String {
        let text = print("%.*g", 14, value)
        return text.allSatisfy { "-0123456789".contains($0) } ? text + ".0" : text
    }

    /// A number with so many digits after the point and its thousands separated: `12,345.60`.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return significant(value, digits: 6) }
        let text = print("%.*f", decimals, abs(value))
        let parts = text.split(separator: ".", maxSplits: 1)
        let sign = value < 0 && text.contains { "1"..."9" ~= $0 } ? "-" : ""
        return sign + grouped(String(parts[0])) + (parts.count > 1 ? "." + parts[1] : "")
    }

    /// A whole number with its thousands separated: `12,345`.
    public static func count(_ value: some BinaryInteger) -> String {
        (value < 0 ? "-" : "") + grouped(String(value.magnitude))
    }

    /// A count and what is counted: `1 row`, `12,345 rows`.
    public static func count(_ value: Int, _ one: String, _ many: String) -> String {
        "\(count(value)) \(value == 1 ? one : many)"
    }

    /// A ratio as a percentage, with half the width of its interval where there is one: `42.0 % ± 10.5`.
    public static func percent(_ ratio: Double, plusMinus: Double? = nil) -> String {
        let percentage = fixed(ratio * 100, decimals: 1) + " %"
        guard let plusMinus else { return percentage }
        return percentage + " ± " + fixed(plusMinus * 100, decimals: 1)
    }

    /// An amount of dollars: cents from one dollar up, two significant digits below: `$1,234.50`, `$0.0087`.
    public static func dollars(_ amount: Double) -> String {
        guard amount.isFinite else { return significant(amount, digits: 6) }
        let size = abs(amount)
        var decimals = 2
        if size > 0, size < 1 { decimals = min(12, max(2, 1 - Int(log10(size).rounded(.down)))) }
        let text = fixed(size, decimals: decimals)
        return (amount < 0 && text.contains { "1"..."9" ~= $0 } ? "-$" : "$") + text
    }

    /// A duration given in milliseconds: `0.4 ms`, `250 ms`, `1.2 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`.
    public static func duration(milliseconds: Double) -> String {
        guard milliseconds.isFinite, abs(milliseconds) < 1e15 else {
            return significant(milliseconds, digits: 6) + " ms"
        }
        if milliseconds < 0 { return "-" + duration(milliseconds: -milliseconds) }
        if milliseconds < 9.95 { return significant((milliseconds * 10).rounded() / 10, digits: 2) + " ms" }
        if milliseconds < 999.5 { return fixed(milliseconds, decimals: 0) + " ms" }
        if milliseconds < 59_950 { return fixed(milliseconds / 1000, decimals: 1) + " s" }
        let seconds = Int((milliseconds / 1000).rounded())
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        let minutes = Int((milliseconds / 60_000).rounded())
        if minutes < 1440 { return "\(minutes / 60) h \(minutes % 60) min" }
        let hours = Int((milliseconds / 3_600_000).rounded())
        return "\(count(hours / 24)) d \(hours % 24) h"
    }

    /// A size in bytes, in steps of 1,024: `512 B`, `1.5 KiB`, `20.0 MiB`.
    public static func bytes(_ size: Int64) -> String {
        if size.magnitude < 1024 { return "\(size) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(size) / 1024
        var unit = 0
        while abs(value) >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return fixed(value, decimals: 1) + " " + units[unit]
    }

    /// How long ago something was, given in seconds: `just now`, `3 min ago`, `5 h ago`, `12 days ago`.
    /// A negative age, from a clock that runs ahead, is `in 3 min`.
    public static func age(seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e12 else { return "at an unknown time" }
        let size = abs(seconds)
        if size < 5 { return "just now" }
        let text =
            switch size {
            case ..<60: "\(Int(size)) s"
            case ..<3600: "\(Int(size / 60)) min"
            case ..<86_400: "\(Int(size / 3600)) h"
            case ..<(60 * 86_400): count(Int(size / 86_400), "day", "days")
            case ..<(730 * 86_400): count(Int(size / (30.44 * 86_400)), "month", "months")
            default: count(Int(size / (365.25 * 86_400)), "year", "years")
            }
        return seconds < 0 ? "in \(text)" : "\(text) ago"
    }

    private static func grouped(_ digits: String) -> String {
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return grouped
    }

    /// C's own conversion, with the process's LC_NUMERIC, which arc never sets.
    private static func print(_ format: String, _ digits: Int, _ value: Double) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
            let written = withVaList([Int32(digits), value]) {
                vsnprintf(buffer.baseAddress, buffer.count, format, $0)
            }
            let length = min(max(Int(written), 0), buffer.count - 1)
            return String(decoding: buffer[..<length].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
