/// Where a function reaches a value.
enum Root {
    /// The x, at least `lowest`, at which an increasing function reaches `target`, as exactly as numbers are; `lowest` where it is
    /// there already, nil where it never is or isn't defined.
    ///
    /// Source: the Illinois variant of the regula falsi, Dowell & Jarratt, "A modified regula falsi method for
    /// computing the root of an equation", BIT 11 (1971), halving where it is slow.
    static func ofIncreasing(
        from lowest: Double, near guess: Double, reaching target: Double, _ function: (Double) -> Double?
    ) -> Double? {
        guard let first = function(lowest) else { return nil }
        var low = (x: lowest, y: first - target)
        if low.y >= 0 { return lowest }
        var step = max(guess - lowest, 1e-9)
        guard let second = function(lowest + step) else { return nil }
        var high = (x: lowest + step, y: second - target)
        while high.y < 0 {
            low = high
            step *= 2
            guard step < 1e12, let y = function(lowest + step) else { return nil }
            high = (lowest + step, y - target)
        }
        var keptLow = false
        var keptHigh = false
        for round in 1...200 {
            guard high.x - low.x > 4 * max(high.x.ulp, low.x.ulp), high.y != 0 else { break }
            var x = high.x - high.y * (high.x - low.x) / (high.y - low.y)
            if round % 4 == 0 || !(x > low.x && x < high.x) { x = low.x + (high.x - low.x) / 2 }
            guard let y = function(x).map({ $0 - target }) else { return nil }
            if y < 0 {
                low = (x, y)
                if keptHigh { high.y /= 2 }
                (keptLow, keptHigh) = (false, true)
            } else {
                high = (x, y)
                if keptLow { low.y /= 2 }
                (keptLow, keptHigh) = (true, false)
            }
        }
        return high.x
    }
}
