import Postgres
import SeededRandom
import Testing

@testable import ArcKit

@Suite("Sums of doubles in roll-ups")
struct RollupSumTests {
    @Test("a sum of whole millionths and of anything else is the sum of the casts, to the last digit")
    func exactSums() async throws {
        var generator = SeededGenerator(seed: 18)
        let doubles = Self.doubles(using: &generator)
        try await withStore { store in
            let differences = try await store.pool.query(
                """
                with known as (select i / 40 as part, x from unnest($1::text::double precision[]) with ordinality as u(x, i)),
                sums as (
                  select part, sum(x::numeric) as cast_sum, sum(x::numeric * x::numeric) as cast_squares,
                    arc_exact(count(x), sum((x * 1e6)::bigint) filter (where arc_is_whole(x, 1e8)), 0.000001,
                      sum(x::numeric) filter (where not arc_is_whole(x, 1e8))) as exact_sum,
                    arc_exact(count(x), sum((x * 1e6)::bigint * (x * 1e6)::bigint) filter (where arc_is_whole(x, 3000)),
                      0.000000000001, sum(x::numeric * x::numeric) filter (where not arc_is_whole(x, 3000))) as exact_squares,
                    count(*) filter (where arc_is_whole(x, 1e8)) as whole
                  from known group by part
                )
                select count(*) as parts, sum(whole) as whole,
                  count(*) filter (where cast_sum is distinct from exact_sum or cast_squares is distinct from exact_squares)
                    as different
                from sums
                """, [.text("{\(doubles.map { $0.map { "\($0)" } ?? "NULL" }.joined(separator: ","))}")]
            ).single()
            #expect(try differences.get("different", as: Int.self) == 0)
            // Both ways were taken.
            let whole = try differences.get("whole", as: Int.self)
            #expect(whole > doubles.count / 4)
            #expect(whole < doubles.count * 3 / 4)
        }
    }

    /// What scores and costs may be, and what lies next to it.
    private static func doubles(using generator: inout SeededGenerator) -> [Double?] {
        let edges: [Double?] = [
            nil, 0, 1, 1e-6, 1e-7, .leastNonzeroMagnitude, 1e-300, 1.0 / 3, 0.1 + 0.2, 3000, 3000.000001,
            99_999_999.999999,
            1e8,
            100_000_000.000001, 1e9, 999_999_999.999999, 0.000_000_999_999_999,
        ]
        var doubles = edges
        while doubles.count < 20_000 {
            let size = Double(10).power(Int.random(in: 0...14, using: &generator))
            let whole = (Double.random(in: 0...1, using: &generator) * size).rounded() / 1e6
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: doubles.append(edges.randomElement(using: &generator) ?? nil)
            case 1: doubles.append(Double.random(in: 0...1, using: &generator))
            case 2: doubles.append(min(whole.nextUp, 1e9))
            case 3: doubles.append(whole.nextDown.magnitude)
            default: doubles.append(whole)
            }
        }
        return doubles
    }
}

extension Double {
    fileprivate func power(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * self }
    }
}
