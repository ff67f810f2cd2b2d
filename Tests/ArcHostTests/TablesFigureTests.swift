import ArcHost
import Glibc
import Testing

@Suite("Figures and widths")
struct TablesFigureTests {
    @Test(
        "real numbers show six significant digits and no zeros that say nothing",
        arguments: [
            (0.42, "0.42"), (1.0 / 3, "0.333333"), (1e-9, "1e-09"), (2, "2"), (-0.5, "-0.5"),
            (1_234_567.891, "1.23457e+06"),
            (123_456_789, "123456789"), (1e300, "1e+300"), (.nan, "NaN"), (-.infinity, "-Infinity"),
            (-0.0, "0"),
        ] as [(Double, String)])
    func significant(_ value: Double, _ text: String) {
        #expect(Figure.significant(value, digits: 6) == text)
    }

    @Test("percentages, with an interval where there is one")
    func percent() {
        #expect(Figure.percent(0.42) == "42.0 %")
        #expect(Figure.percent(0.42, plusMinus: 0.104928) == "42.0 % ± 10.5")
        #expect(Figure.percent(12) == "1,200.0 %")
        #expect(Figure.percent(-0.0001) == "0.0 %")
    }

    @Test("a confidence near 1 is never shown as 100 %, which no interval has")
    func level() {
        #expect([0.95, 0.9, 0.999, 0.5].map(Figure.level) == ["95 %", "90 %", "99.9 %", "50 %"])
        #expect(Figure.level(0.99999999) == "99.999999 %")
        for confidence in [1 - 1e-12, (1.0).nextDown, 0.9999951] {
            #expect(!Figure.level(confidence).hasPrefix("100"), "\(confidence)")
        }
    }

    @Test(
        "dollars show cents, and small amounts two digits that count",
        arguments: [
            (1234.5, "$1,234.50"), (0, "$0.00"), (0.0087, "$0.0087"), (0.5, "$0.50"),
            (0.00001234, "$0.000012"),
            (-3, "-$3.00"), (1e-20, "$0.000000000000"),
        ] as [(Double, String)])
    func dollars(_ amount: Double, _ text: String) {
        #expect(Figure.dollars(amount) == text)
    }

    @Test(
        "durations, without a unit overflowing at its edge",
        arguments: [
            (0, "0 ms"), (0.44, "0.4 ms"), (9.96, "10 ms"), (999.4, "999 ms"), (999.6, "1.0 s"),
            (1234, "1.2 s"), (59_949, "59.9 s"),
            (59_960, "1 min 0 s"), (125_000, "2 min 5 s"), (3_599_600, "1 h 0 min"),
            (12_000_000, "3 h 20 min"),
            (187_200_000, "2 d 4 h"), (-1500, "-1.5 s"), (.infinity, "Infinity ms"),
        ] as [(Double, String)])
    func durations(_ milliseconds: Double, _ text: String) {
        #expect(Figure.duration(milliseconds: milliseconds) == text)
    }

    @Test(
        "sizes",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_575, "1.0 MiB"),
            (20_971_520, "20.0 MiB"), (.max, "8.0 EiB"), (.min, "-8.0 EiB"),
        ] as [(Int64, String)])
    func bytes(_ size: Int64, _ text: String) {
        #expect(Figure.bytes(size) == text)
    }

    @Test(
        "ages",
        arguments: [
            (0, "just now"), (59, "59 s ago"), (180, "3 min ago"), (7200, "2 h ago"), (86_400, "1 day ago"),
            (1_000_000, "11 days ago"), (6_000_000, "2 months ago"), (1e8, "3 years ago"), (-200, "in 3 min"),
            (.nan, "at an unknown time"),
        ] as [(Double, String)])
    func ages(_ seconds: Double, _ text: String) {
        #expect(Figure.age(seconds: seconds) == text)
    }

    @Test("thousands are separated, in counts of either sign")
    func counts() {
        #expect(Figure.count(0) == "0")
        #expect(Figure.count(999) == "999")
        #expect(Figure.count(-1_000) == "-1,000")
        #expect(Figure.count(Int64.min) == "-9,223,372,036,854,775,808")
        #expect(Figure.count(1, "row", "rows") == "1 row")
        #expect(Figure.fixed(1_234_567.891, decimals: 2) == "1,234,567.89")
    }

    @Test(
        "widths as terminals draw them",
        arguments: [
            ("", 0), ("abc", 3), ("日本", 4), ("é", 1), ("e\u{301}", 1), ("한국", 4), ("ｱ", 1), ("Ａ", 2),
            ("👩‍👩‍👧", 2), ("❤️", 2), ("🇩🇪", 2),
            ("\u{200B}", 0), ("…", 1), ("∅", 1),
        ])
    func widths(_ text: String, _ width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test("the width of a scalar is what the C library says, for nearly all that both know")
    func widthsLikeC() throws {
        let locale = try #require(newlocale(1 << LC_CTYPE, "C.UTF-8", nil))
        let previous = uselocale(locale)
        defer {
            uselocale(previous)
            freelocale(locale)
        }
        // Declared by wchar.h for X/Open alone, so not visible to Swift.
        let symbol = try #require(dlsym(nil, "wcwidth"))
        let wcwidth = unsafeBitCast(symbol, to: (@convention(c) (wchar_t) -> Int32).self)
        var known = 0
        var differing = 0
        for value in UInt32(0x20)..<0x2FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned else {
                continue
            }
            let width = wcwidth(wchar_t(value))
            if width < 0 { continue }
            known += 1
            if Int(width) != DisplayWidth.of(scalar) { differing += 1 }
        }
        #expect(known > 90_000)
        #expect(Double(differing) < 0.002 * Double(known), "\(differing) of \(known)")
    }

    @Test("what can't be seen, and what would move a terminal's cursor, is shown")
    func visible() {
        #expect(VisibleText.line("a\u{1B}[31mb\r\nc\td\u{7F}\u{9B}") == "a␛[31mb↵c⇥d␡<9B>")
        #expect(VisibleText.line("a\rb\0") == "a␍b␀")
        #expect(VisibleText.line("exe\u{202E}gnp") == "exe<202E>gnp")
        #expect(VisibleText.lines("a\nb\tc") == "a\nb⇥c")
        #expect(VisibleText.lines("a\n\tb\u{1B}", keepingTabs: true) == "a\n\tb␛")
        #expect(VisibleText.line("日本語 👩‍👩‍👧 é") == "日本語 👩‍👩‍👧 é")
    }
}
