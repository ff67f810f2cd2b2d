import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("Exact sums")
struct ExactSumTests {
    @Test(
        "a sum is that of the values' 15 digits, whether they are few decimals, many, or none",
        arguments: 0..<4)
    func random(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var values: [Double] = [0, 0.1, 0.2, 1e-6, 1e-7, 1e8, 100_000_000.000001, 99_999_999.999999, 1e9]
        for power in [1e-7, 1e-3, 1, 1e4, 1e8, 1e9] {
            for _ in 0..<300 {
                let value = random.unit() * power
                let scale = [1, 100, 1e4, 1e6, 1e7, 1e9][random.index(below: 6)]
                values += [
                    value, (value * scale).rounded() / scale, ((value * scale).rounded() / scale).nextUp,
                ]
            }
        }
        let parameter = Value.array(ArrayValue(values.map(Value.double)))
        try await withStore { store in
            let sums = try await store.pool.query(
                """
                select place % 300 as part, \(RunTotals.exactSum("x")) is not distinct from sum(x::numeric) as agree
                from unnest($1::double precision[]) with ordinality as v(x, place) group by 1
                """, [parameter])
            #expect(sums.count == 300)
            #expect(try sums.allSatisfy { try $0.get("agree", as: Bool.self) })
            let none = try await store.pool.query(
                "select \(RunTotals.exactSum("x")) from (values (null::float8)) v(x)")
            #expect(try none.single()[0].isNull)
        }
    }
}
