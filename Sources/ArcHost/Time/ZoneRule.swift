import Postgres

/// When clocks change each year from now on, as POSIX writes it: "CET-1CEST,M3.5.0,M10.5.0/3".
///
/// Source: POSIX.1-2017, Base Definitions, §8.3, TZ; RFC 9636, §3.3.1.
struct ZoneRule: Sendable {
    /// A day of every year, and a time on it.
    private struct Change: Sendable {
        enum Day: Sendable {
            /// The n-th day from 0; leap days count.
            case day(Int)
            /// The n-th day from 1; leap days don't count.
            case dayWithoutLeap(Int)
            /// The n-th such weekday of a month, 5 for the last one; Sunday is 0.
            case weekday(month: Int, week: Int, day: Int)
        }
        var day: Day
        /// Seconds from midnight, of any sign.
        var time = 7200
    }

    private let standard: Zone.Reading
    private let summer: Zone.Reading?
    private let begin: Change?
    private let end: Change?

    init?(_ text: String) {
        var reader = Reader(text: Array(text.utf8))
        guard let name = reader.name(), let offset = reader.time() else { return nil }
        standard = Zone.Reading(offset: -offset, abbreviation: name)
        guard let summerName = reader.name() else {
            (summer, begin, end) = (nil, nil, nil)
            guard reader.isAtEnd else { return nil }
            return
        }
        let west = reader.isAtEnd || reader.isAt(",") ? offset - 3600 : reader.time() ?? offset - 3600
        summer = Zone.Reading(offset: -west, abbreviation: summerName)
        guard let begin = reader.change(), let end = reader.change(), reader.isAtEnd else { return nil }
        (self.begin, self.end) = (begin, end)
    }

    func reading(at second: Int64) -> Zone.Reading {
        guard let summer, let begin, let end else { return standard }
        let year = Self.year(of: second + Int64(standard.offset))
        let from = Self.second(of: begin, in: year) - Int64(standard.offset)
        let until = Self.second(of: end, in: year) - Int64(summer.offset)
        let isSummer = from < until ? (from..<until).contains(second) : !(until..<from).contains(second)
        return isSummer ? summer : standard
    }

    private static let daysTo1970 = -10_957

    private static func year(of second: Int64) -> Int {
        let days = (second >= 0 ? second : second - 86_399) / 86_400
        return CalendarDate(days: Int32(clamping: Int(days) + daysTo1970)).components.year
    }

    /// Seconds from 1970 by the clock that changes.
    private static func second(of change: Change, in year: Int) -> Int64 {
        func days(_ month: Int, _ day: Int) -> Int {
            Int(CalendarDate(year: year, month: month, day: day).days) - daysTo1970
        }
        let day: Int
        switch change.day {
        case .day(let number): day = days(1, 1) + number
        case .dayWithoutLeap(let number):
            let isAfterLeapDay = days(3, 1) - days(2, 28) == 2 && number >= 60
            day = days(1, 1) + number - 1 + (isAfterLeapDay ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let first = days(month, 1)
            // 1970-01-01 was a Thursday.
            let offset = (weekday - (first + 4) % 7 + 14) % 7
            let next = month == 12 ? days(12, 31) + 1 : days(month + 1, 1)
            var found = first + offset + (week - 1) * 7
            while found >= next { found -= 7 }
            day = found
        }
        return Int64(day) * 86_400 + Int64(change.time)
    }

    private struct Reader {
        let text: [UInt8]
        var index = 0

        init(text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { index == text.count }

        func isAt(_ character: Character) -> Bool {
            index < text.count && text[index] == character.asciiValue
        }

        mutating func take(_ character: Character) -> Bool {
            guard isAt(character) else { return false }
            index += 1
            return true
        }

        /// "CET" or "<+03>".
        mutating func name() -> String? {
            let isQuoted = take("<")
            let start = index
            while index < text.count,
                isQuoted ? text[index] != UInt8(ascii: ">") : (97...122).contains(text[index] | 32)
            { index += 1 }
            guard index > start else { return nil }
            defer { if isQuoted { index = min(index + 1, text.count) } }
            return String(decoding: text[start..<index], as: UTF8.self)
        }

        mutating func number() -> Int? {
            let digits = text[index...].prefix(4, while: { (48...57).contains($0) })
            guard !digits.isEmpty else { return nil }
            index += digits.count
            return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
        }

        /// Seconds of "-1", "2:30" or "+03:00:00".
        mutating func time() -> Int? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard var seconds = number().map({ $0 * 3600 }) else { return nil }
            for unit in [60, 1] where take(":") { seconds += (number() ?? 0) * unit }
            return isNegative ? -seconds : seconds
        }

        /// ",M3.5.0/2", ",J60" or ",59".
        mutating func change() -> Change? {
            guard take(",") else { return nil }
            let day: Change.Day
            if take("M") {
                guard let month = number(), take("."), let week = number(), take("."), let weekday = number(),
                    (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
                else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else if take("J") {
                guard let number = number() else { return nil }
                day = .dayWithoutLeap(number)
            } else {
                guard let number = number() else { return nil }
                day = .day(number)
            }
            var change = Change(day: day)
            if take("/") {
                guard let time = time() else { return nil }
                change.time = time
            }
            return change
        }
    }
}

extension ArraySlice where Element == UInt8 {
    /// The first elements, at most so many, that fit.
    fileprivate func prefix(_ most: Int, while fits: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        prefix(most).prefix(while: fits)
    }
}
