import Postgres
import SeededRandom
import TestServer
import Testing

@Suite("Arithmetic on numeric, with the server as the oracle")
struct NumericArithmeticTests {
    /// A number with up to so many digits before and behind the point, some of them with long runs of 0 and 9.
    private static func number(_ random: inout SeededGenerator) -> String {
        func digits(_ most: Int) -> String {
            let count = Int.random(in: 0...most, using: &random)
            let kind = Int.random(in: 0..<4, using: &random)
            return (0..<count).map { _ in
                kind == 0 ? "0" : kind == 1 ? "9" : String(Int.random(in: 0...9, using: &random))
            }.joined()
        }
        let size = [3, 12, 60].randomElement(using: &random) ?? 3
        let (whole, fraction) = (digits(size), digits(size))
        let sign = Bool.random(using: &random) ? "-" : ""
        return sign + (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    private static let special = [
        "0", "0.00", "-0.001", "1", "NaN", "Infinity", "-Infinity", "9999", "10000", "1e20", "1e-20",
    ]

    @Test("the nearest floating-point number is that of the number's text")
    func doubles() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let text = Self.number(&random)
            #expect(try #require(Numeric(text)).doubleValue == Double(text), "\(text)")
        }
        for text in [
            "9007199254740991", "9007199254740993", "0.0000001", "1e-20", "1e-21", "-0", "123456.7890123",
        ] {
            #expect(try #require(Numeric(text)).doubleValue == Double(text), "\(text)")
        }
    }

    @Test("sums, products, quotients and roundings are the server's, digit for digit, scale included")
    func oracle() async throws {
        var random = SeededGenerator(seed: 4)
        var pairs: [(String, String)] = Self.special.flatMap { one in Self.special.map { (one, $0) } }
        for _ in 0..<3000 { pairs.append((Self.number(&random), Self.number(&random))) }
        let database = try await TestDatabase.create("numeric")
        let connection = try await Connection.connect(database.options)
        let sql = """
            select (a + b)::text, (a - b)::text, (a * b)::text, case when b <> 0 or b = 'NaN' or a = 'NaN' then (a / b)::text end,
              (-a)::text, round(a, c)::text, trunc(a, c)::text, a < b, a = b,
              case when abs(a) < 'Infinity' and abs(b) < 'Infinity' and b <> 0 then floor(div(a, b) - case when mod(a, b) <> 0 and sign(a) <> sign(b) then 1 else 0 end)::text end,
              case when abs(a) < 'Infinity' and abs(b) < 'Infinity' and b <> 0 then (mod(a, b) + case when mod(a, b) <> 0 and sign(a) <> sign(b) then b else 0 end)::text end
            from (select $1::numeric as a, $2::numeric as b, $3::int as c) x
            """
        for (one, other) in pairs {
            let (a, b) = (try #require(Numeric(one)), try #require(Numeric(other)))
            let scale = Int.random(in: -6...12, using: &random)
            let row = try await connection.query(sql, [.text(one), .text(other), .int(Int64(scale))]).single()
            let what = "\(one) and \(other), \(scale)"
            #expect((a + b).description == row.text(0), "\(what)")
            #expect((a - b).description == row.text(1), "\(what)")
            #expect(try Numeric.multiplying(a, b).description == row.text(2), "\(what)")
            if let quotient = row.text(3) {
                #expect(try Numeric.dividing(a, by: b).description == quotient, "\(what)")
            } else {
                #expect(throws: NumericError.divisionByZero) { try Numeric.dividing(a, by: b) }
            }
            #expect(a.negated.description == row.text(4), "\(what)")
            #expect(a.rounded(to: scale).description == row.text(5), "\(what)")
            #expect(a.truncated(to: scale).description == row.text(6), "\(what)")
            #expect((a < b) == (row[7] == .bool(true)), "\(what)")
            #expect((a == b) == (row[8] == .bool(true)), "\(what)")
            guard let quotient = row.text(9), let rest = row.text(10) else { continue }
            let parts = try Numeric.floorDividing(a, by: b)
            #expect(parts.quotient.description == quotient, "\(what)")
            #expect(parts.remainder == Numeric(rest), "\(what)")
        }
        await connection.close()
    }

    @Test("numbers of more than 10,000 digits are added, and not multiplied")
    func bounds() throws {
        let long = try #require(Numeric(String(repeating: "7", count: 12_000)))
        #expect((long + long - long) == long)
        #expect(throws: NumericError.tooManyDigits) { try Numeric.multiplying(long, long) }
        #expect(throws: NumericError.tooManyDigits) { try Numeric.dividing(1, by: long) }
        #expect(throws: NumericError.tooManyDigits) { try Numeric.floorDividing(long, by: 3) }
    }
}

extension Row {
    fileprivate func text(_ index: Int) -> String? {
        if case .text(let text) = self[index] { text } else { nil }
    }
}
