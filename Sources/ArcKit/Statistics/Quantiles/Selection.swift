extension Quantile {
    /// The quantile by definition 7, as ``linear(_:of:)`` has it, of values of any kind: NaN where one of them is NaN, and
    /// infinities where they lie. Nil without values.
    ///
    /// It takes time in proportion to their number, and leaves them in another order.
    ///
    /// - Parameter p: the share of the values below, 0…1.
    public static func linear(_ p: Double, selectingFrom values: inout [Double]) -> Double? {
        linear([p], selectingFrom: &values)?[0]
    }

    /// Several quantiles of the same values, likewise.
    ///
    /// - Parameter shares: the shares of the values below, 0…1, in ascending order.
    public static func linear(_ shares: [Double], selectingFrom values: inout [Double]) -> [Double]? {
        guard !values.isEmpty else { return nil }
        if values.contains(where: \.isNaN) { return shares.map { _ in .nan } }
        return values.withUnsafeMutableBufferPointer { values in
            // Before the place of one quantile there is none that the next ones could be.
            var settled = 0
            return shares.map { p in
                let position = Double(values.count - 1) * p
                let below = Int(position)
                select(below, of: values, from: settled)
                settled = below
                let low = values[below]
                guard position > Double(below) else { return low }
                var high = values[below + 1]
                for value in values[(below + 2)...] where value < high { high = value }
                return between(low, high, share: position - Double(below))
            }
        }
    }

    /// Several quantiles of the same values, which are left in ascending order.
    public static func linear(_ shares: [Double], sorting values: inout [Double]) -> [Double]? {
        guard !values.isEmpty else { return nil }
        if values.contains(where: \.isNaN) { return shares.map { _ in .nan } }
        values.sort()
        return shares.map { p in
            let position = Double(values.count - 1) * p
            let below = Int(position)
            guard position > Double(below) else { return values[below] }
            return between(values[below], values[below + 1], share: position - Double(below))
        }
    }

    private static func between(_ low: Double, _ high: Double, share: Double) -> Double {
        low == high ? low : low + (high - low) * share
    }

    /// Puts the value of that place in the order there, none greater before it and none less behind it, where those before
    /// `first` are none greater than those from there on: quickselect
    /// (Hoare, "Algorithm 65: Find", Communications of the ACM 4, 1961), whose pivots are drawn at random so that no
    /// arrangement of the values is bad.
    private static func select(
        _ place: Int, of values: UnsafeMutableBufferPointer<Double>, from first: Int
    ) {
        var (low, high) = (first, values.count - 1)
        var state = UInt64(values.count)
        while low < high {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let pivot = values[low + Int(state >> 33) % (high - low + 1)]
            var (left, right) = (low, high)
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                guard left <= right else { break }
                values.swapAt(left, right)
                left += 1
                right -= 1
            }
            if place <= right {
                high = right
            } else if place >= left {
                low = left
            } else {
                return
            }
        }
    }
}
