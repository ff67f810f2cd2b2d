import Glibc

/// Numerical integration.
enum GaussLegendre {
    /// The places in −1…1, and their weights, at which a sum is the integral of a polynomial up to degree 2n − 1.
    ///
    /// Source: the roots of the Legendre polynomial by Newton's method, Press et al., "Numerical recipes", 3rd edition,
    /// 2007, section 4.6.
    static func points(_ count: Int) -> [(place: Double, weight: Double)] {
        (0..<count).map { number in
            var place = -cos(Double.pi * (Double(number) + 0.75) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<50 {
                var (last, value) = (1.0, place)
                for degree in 2...count {
                    let degree = Double(degree)
                    (last, value) = (value, ((2 * degree - 1) * place * value - (degree - 1) * last) / degree)
                }
                slope = Double(count) * (place * value - last) / (place * place - 1)
                let step = value / slope
                place -= step
                if step.magnitude < 1e-15 { break }
            }
            return (place, 2 / ((1 - place * place) * slope * slope))
        }
    }
}
