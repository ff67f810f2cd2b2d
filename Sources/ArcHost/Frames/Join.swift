import Postgres

/// Two frames side by side: the rows of one beside those rows of the other that agree with them in some columns.
struct Join {
    enum Kind: String, CaseIterable {
        case inner, left, right, full, semi, anti
    }

    let kind: Kind
    let left: Frame
    let right: Frame
    /// The columns that have to agree, by their places in each frame.
    let keys: [(left: Int, right: Int)]
    /// What is put behind names that both frames have.
    let suffixes: (left: String, right: String)
    /// Who asks, for messages.
    let function: String
    /// The bytes that the result may take; nil for no limit.
    var room: Int?

    /// What the result has at most, where every row agrees with every other: few rows can make very many.
    var mostRows: Int {
        let product = left.count.multipliedReportingOverflow(by: right.count)
        return product.overflow ? .max : max(product.partialValue, left.count + right.count)
    }

    /// Rows of both frames beside each other; −1 where one has none.
    private struct Pairs {
        var left: [Int32] = []
        var right: [Int32] = []
    }

    /// The joined frame: the left frame's columns, then the right one's without the keys.
    ///
    /// Rows are in the order of the left frame, and those that agree with one row in the order of the right frame; in a right
    /// join it is the other way round. NULL agrees with nothing.
    ///
    /// - Throws: `HostError` where keys can't be compared, or the result would be too large.
    func frame() throws -> Frame {
        try checkTypes()
        let codes = try RowCodes(
            keys.map { .joined([left.columns[$0.left].values, right.columns[$0.right].values]) },
            count: left.count + right.count)
        let leftCodes = codes.codes[..<left.count]
        let rightCodes = codes.codes[left.count...]
        switch kind {
        case .semi, .anti:
            var isThere = [Bool](repeating: false, count: codes.count)
            let missing = nullRows(of: right, isLeft: false)
            for (row, code) in rightCodes.enumerated() where missing?[row] != true {
                isThere[Int(code)] = true
            }
            let nulls = nullRows(of: left, isLeft: true)
            let rows = leftCodes.enumerated().filter { row, code in
                (isThere[Int(code)] && nulls?[row] != true) == (kind == .semi)
            }
            return left.taking(rows.map { Int32($0.offset) })
        case .inner, .left, .full:
            var pairs = try matches(leftCodes, left, rightCodes, right, codes.count, keepsAll: kind != .inner)
            if kind == .full { addUnmatched(to: &pairs) }
            return try assembled(pairs)
        case .right:
            let pairs = try matches(rightCodes, right, leftCodes, left, codes.count, keepsAll: true)
            return try assembled(Pairs(left: pairs.right, right: pairs.left))
        }
    }

    private func checkTypes() throws {
        for key in keys {
            let (one, other) = (left.columns[key.left], right.columns[key.right])
            let areNumbers = [one, other].allSatisfy { $0.isNumeric && $0.values.content != .booleans }
            let isUnknown = [one, other].contains { $0.values.nullCount == $0.count }
            guard one.typeName != other.typeName, !areNumbers, !isUnknown else { continue }
            throw HostError(
                .column,
                "\(function): column \"\(one.name)\" is \(one.typeName), and \"\(other.name)\" of the other frame is \(other.typeName)",
                advice: "Columns can be compared that have the same type.")
        }
    }

    /// The rows that have NULL in a key; nil where none has.
    private func nullRows(of frame: Frame, isLeft: Bool) -> [Bool]? {
        let columns = keys.map { frame.columns[isLeft ? $0.left : $0.right].values }.filter {
            $0.nullCount > 0
        }
        guard !columns.isEmpty else { return nil }
        return (0..<frame.count).map { row in columns.contains { $0.isNull(row) } }
    }

    /// Every row of the one frame beside those of the other that have its code.
    private func matches(
        _ codes: ArraySlice<Int32>, _ frame: Frame, _ otherCodes: ArraySlice<Int32>, _ other: Frame,
        _ count: Int, keepsAll: Bool
    ) throws -> Pairs {
        let isLeft = kind != .right
        let nulls = nullRows(of: frame, isLeft: isLeft)
        let found = Rows(by: otherCodes, count: count, leavingOut: nullRows(of: other, isLeft: !isLeft))
        var size = 0
        for (row, code) in codes.enumerated() {
            let matches = nulls?[row] == true ? 0 : found.count(of: code)
            size += matches == 0 && keepsAll ? 1 : matches
        }
        try check(size: size)
        var pairs = Pairs()
        pairs.left.reserveCapacity(size)
        pairs.right.reserveCapacity(size)
        for (row, code) in codes.enumerated() {
            try Cancellation.check(at: row)
            let matches = nulls?[row] == true ? [] : found[code]
            for match in matches {
                try Cancellation.check(at: pairs.left.count)
                pairs.left.append(Int32(row))
                pairs.right.append(match)
            }
            if matches.isEmpty, keepsAll {
                pairs.left.append(Int32(row))
                pairs.right.append(-1)
            }
        }
        return pairs
    }

    /// A join can be as large as both frames multiplied: that is known before any of it is made.
    private func check(size: Int) throws {
        let width = left.columns.count + right.columns.count
        let bytes = size.multipliedReportingOverflow(by: 8 * (width + 2))
        guard size > Int(Int32.max) || bytes.overflow || bytes.partialValue > room ?? .max else { return }
        throw HostError(
            .argument,
            "\(function): the result would have \(Figure.count(size, "row", "rows")), which is more than there is room for",
            advice: "Join by more columns, or take rows away from one of the frames first.")
    }

    private func addUnmatched(to pairs: inout Pairs) {
        var isMatched = [Bool](repeating: false, count: right.count)
        for row in pairs.right where row >= 0 { isMatched[Int(row)] = true }
        for row in 0..<right.count where !isMatched[row] {
            pairs.left.append(-1)
            pairs.right.append(Int32(row))
        }
    }

    private func assembled(_ pairs: Pairs) throws -> Frame {
        let keyOfLeft = Dictionary(keys.map { ($0.left, $0.right) }) { first, _ in first }
        let rightKeys = Set(keys.map(\.right))
        let others = right.columns.indices.filter { !rightKeys.contains($0) }.map { right.columns[$0] }
        let leftNames = Set(left.names)
        let shared = Set(others.map(\.name)).intersection(leftNames)
        let ours = try left.columns.indices.map { place in
            try Task.checkCancellation()
            let column = left.columns[place]
            guard let key = keyOfLeft[place] else {
                let name = shared.contains(column.name) ? column.name + suffixes.left : column.name
                return column.named(name).gathering(pairs.left)
            }
            return Column(name: column.name, values: self.keys(column, right.columns[key], pairs))
        }
        let theirs = try others.map { column in
            try Task.checkCancellation()
            let name = shared.contains(column.name) ? column.name + suffixes.right : column.name
            return column.named(name).gathering(pairs.right)
        }
        return Frame(columns: ours + theirs, count: pairs.left.count)
    }

    /// The values of a key, from whichever frame has the row.
    private func keys(_ one: Column, _ other: Column, _ pairs: Pairs) -> ColumnValues {
        guard kind == .right || kind == .full else { return one.values.gathering(pairs.left) }
        let both = ColumnValues.joined([one.values, other.values])
        let shift = Int32(one.count)
        return both.gathering(zip(pairs.left, pairs.right).map { $0 >= 0 ? $0 : $1 + shift })
    }

    /// The rows that have each code.
    private struct Rows {
        private let rows: [Int32]
        private let starts: [Int]

        init(by codes: ArraySlice<Int32>, count: Int, leavingOut nulls: [Bool]?) {
            var starts = [Int](repeating: 0, count: count + 1)
            for (row, code) in codes.enumerated() where nulls?[row] != true { starts[Int(code) + 1] += 1 }
            for code in 0..<count { starts[code + 1] += starts[code] }
            var next = starts
            var rows = [Int32](repeating: 0, count: starts[count])
            for (row, code) in codes.enumerated() where nulls?[row] != true {
                rows[next[Int(code)]] = Int32(row)
                next[Int(code)] += 1
            }
            (self.rows, self.starts) = (rows, starts)
        }

        subscript(_ code: Int32) -> ArraySlice<Int32> { rows[starts[Int(code)]..<starts[Int(code) + 1]] }

        func count(of code: Int32) -> Int { starts[Int(code) + 1] - starts[Int(code)] }
    }
}
