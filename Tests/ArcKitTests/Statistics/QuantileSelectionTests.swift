import ArcKit
import SeededRandom
import Testing

@Suite("Quantiles of values in any order")
struct QuantileSelectionTests {
    @Test("several quantiles at once are those of the values in order, with ties and of few values too")
    func several() {
        var random = SeededGenerator(seed: 7)
        let shares = [0, 0.25, 0.5, 0.5, 0.95, 0.99, 1]
        for count in Array(1...40) + [1000, 5003] {
            let steps = [2.0, 50, 1e9][count % 3]
            var values = (0..<count).map { _ in (random.unit() * steps).rounded() }
            let sorted = values.sorted()
            let expected = shares.map { Quantile.linear($0, ofSorted: sorted) ?? .nan }
            #expect(Quantile.linear(shares, selectingFrom: &values) == expected, "\(count)")
            #expect(values.sorted() == sorted)
        }
        var none: [Double] = []
        #expect(Quantile.linear(shares, selectingFrom: &none) == nil)
    }
}
