/// Dots in a grid of characters, two across and four down in each.
struct BrailleCanvas {
    /// In characters.
    let width: Int
    let height: Int
    private var cells: [UInt8]

    init(width: Int, height: Int) {
        self.width = max(1, width)
        self.height = max(1, height)
        cells = Array(repeating: 0, count: self.width * self.height)
    }

    /// How many dots there are from left to right.
    var dotsAcross: Int { width * 2 }
    /// How many there are from top to bottom.
    var dotsDown: Int { height * 4 }

    /// Sets a dot; those outside are left out.
    mutating func set(_ x: Int, _ y: Int) {
        guard (0..<dotsAcross).contains(x), (0..<dotsDown).contains(y) else { return }
        // Dots 1, 2, 3, 7 are the left column from the top, 4, 5, 6, 8 the right one (Unicode, block 2800).
        let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
        cells[y / 4 * width + x / 2] |= bits[x % 2][y % 4]
    }

    /// Sets the dots of a straight line.
    ///
    /// Source: J. E. Bresenham, "Algorithm for computer control of a digital plotter", 1965.
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        var (x, y) = start
        let (across, down) = (abs(end.x - x), -abs(end.y - y))
        let (right, below) = (x < end.x ? 1 : -1, y < end.y ? 1 : -1)
        var error = across + down
        while true {
            set(x, y)
            if x == end.x, y == end.y { return }
            let twice = 2 * error
            if twice >= down {
                error += down
                x += right
            }
            if twice <= across {
                error += across
                y += below
            }
        }
    }

    /// The character at a place, or `empty` where no dot is set.
    func character(_ column: Int, _ row: Int, empty: Character = " ") -> Character {
        let dots = cells[row * width + column]
        return dots == 0 ? empty : Character(Unicode.Scalar(0x2800 + UInt32(dots)) ?? "?")
    }
}

/// Bars made of eighths of a character.
enum BlockBar {
    /// A bar of a length in characters, lying.
    static func lying(_ length: Double) -> String {
        let eighths = max(0, Int((length * 8).rounded()))
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + rest
    }

    /// A value as a character of a row of them, where 0 is the least and 1 the greatest.
    static func upright(_ share: Double) -> Character {
        Array("▁▂▃▄▅▆▇█")[min(7, max(0, Int(share * 8)))]
    }

    /// Values as a row of characters; a space where one isn't known.
    static func sparkline(_ values: [Double?]) -> String {
        let known = values.compactMap(\.self)
        guard let low = known.min(), let high = known.max() else {
            return String(repeating: " ", count: values.count)
        }
        return String(
            values.map { value -> Character in
                guard let value else { return " " }
                return upright(ChartScale.share(value, from: low, to: high))
            })
    }

    /// Values joined to so many: the mean of those that fall together.
    static func thinned(_ values: [Double?], to count: Int) -> [Double?] {
        guard values.count > count, count > 0 else { return values }
        return (0..<count).map { index in
            let stretch = values[index * values.count / count..<(index + 1) * values.count / count]
            let known = stretch.compactMap(\.self)
            guard !known.isEmpty else { return nil }
            return known.reduce(0) { $0 + $1 / Double(known.count) }
        }
    }
}
