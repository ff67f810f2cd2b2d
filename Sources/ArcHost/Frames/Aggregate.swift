import ArcKit
import Postgres

/// A value made of many: what `agg` and the methods of frames and columns compute.
///
/// NULLs have no part in any of them but `nulls`, `collect`, and `count` without a column. A NaN is a value: it makes sum,
/// mean, stddev, median and quantile NaN, and is the greatest of all, as PostgreSQL has it.
struct Aggregate: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case count, nulls, sum, mean, stddev, min, max, median, quantile, first, last, collect
        case countDistinct = "count_distinct"

        /// The kind of that name; `distinct` is short for `count_distinct`.
        init?(name: String) {
            self.init(rawValue: name == "distinct" ? Self.countDistinct.rawValue : name)
        }

        /// Whether it says how many there are, which of no rows is 0.
        var isNumberOfRows: Bool { self == .count || self == .countDistinct || self == .nulls }
    }

    let kind: Kind
    /// Nil for the number of rows.
    let column: Column?
    /// Which quantile.
    var share = 0.5
    /// Who asks, for messages.
    var function = ""

    /// The value of all rows together.
    func value(ofAll count: Int) throws -> Value { try values(of: RowGroups(all: count))[0] }

    /// The value of each group, as a column.
    ///
    /// - Throws: `HostError` with code `column` for a column that doesn't hold what it takes, `CancellationError` where the
    ///   task was cancelled meanwhile.
    func values(of groups: RowGroups) throws -> ColumnValues {
        guard let column else { return Self.integers(groups) { $0.count } }
        let values = column.values
        switch kind {
        case .count: return Self.integers(groups) { $0.count { !values.isNull(Int($0)) } }
        case .nulls: return Self.integers(groups) { $0.count { values.isNull(Int($0)) } }
        case .countDistinct: return try Self.distinct(values, groups)
        case .min: return try extreme(of: values, groups) { $0 < 0 }
        case .max: return try extreme(of: values, groups) { $0 > 0 }
        case .first: return picked(values, groups) { $0.first { !values.isNull(Int($0)) } }
        case .last: return picked(values, groups) { $0.last { !values.isNull(Int($0)) } }
        case .collect:
            return ColumnValues(groups.all.map { .array(ArrayValue($0.map { values[Int($0)] })) })
        case .sum: return try sums(of: column, groups)
        case .mean: return try reals(of: column, groups) { $0.isEmpty ? nil : Moments.mean($0) }
        case .stddev: return try reals(of: column, groups) { Moments.deviation($0) }
        case .median: return try reals(of: column, groups) { Quantile.linear(0.5, selectingFrom: &$0) }
        case .quantile: return try reals(of: column, groups) { Quantile.linear(share, selectingFrom: &$0) }
        }
    }

    private static func integers(_ groups: RowGroups, _ count: (ArraySlice<Int32>) -> Int) -> ColumnValues {
        ColumnValues(groups.all.map { Value.int(Int64(count($0))) })
    }

    /// A number for each group, of the numbers in it.
    private func reals(
        of column: Column, _ groups: RowGroups, _ number: (inout [Double]) -> Double?
    ) throws -> ColumnValues {
        let numbers = try numbers(of: column)
        return ColumnValues(
            try groups.all.enumerated().map { group, rows -> Value in
                try Cancellation.check(at: group)
                var known = rows.count == column.count ? numbers.known : numbers.known(rows)
                return number(&known).map(Value.double) ?? .null
            })
    }

    /// Of a column in which nothing is known nothing can be wrong.
    private func numbers(of column: Column) throws -> NumberRows {
        guard column.values.nullCount < column.count else {
            return NumberRows(
                values: Array(repeating: 0, count: column.count),
                nulls: Array(repeating: true, count: column.count))
        }
        return try column.numbers(for: function)
    }

    /// Integers and booleans add up to an integer as long as it fits, decimals to an exact decimal.
    private func sums(of column: Column, _ groups: RowGroups) throws -> ColumnValues {
        if let exact = try exactSums(of: column.values, groups) { return exact }
        let numbers = try numbers(of: column)
        let integers = column.values.integers()
        let isBoolean = column.values.content == .booleans
        return ColumnValues(
            groups.all.map { rows -> Value in
                let known = numbers.known(rows)
                guard !known.isEmpty else { return .null }
                if isBoolean { return .int(Int64(Moments.sum(known))) }
                if let integers, let sum = Self.sum(integers, rows) { return .int(sum) }
                return .double(Moments.sum(known))
            })
    }

    /// The sums of decimals, and of integers beside them; nil of a column that holds anything else, or no decimal.
    private func exactSums(of values: ColumnValues, _ groups: RowGroups) throws -> ColumnValues? {
        guard values.content == .others, !values.hasBytes else { return nil }
        var numbers = [Numeric?](repeating: nil, count: values.count)
        var isExact = false
        for row in 0..<values.count {
            try Cancellation.check(at: row)
            switch values[row] {
            case .null: continue
            case .int(let number): numbers[row] = Numeric(number)
            case .numeric(let number): (numbers[row], isExact) = (number, true)
            default: return nil
            }
        }
        guard isExact else { return nil }
        return ColumnValues(
            groups.all.map { rows -> Value in
                let known = rows.lazy.compactMap { numbers[Int($0)] }
                guard let first = known.first else { return .null }
                return .numeric(known.dropFirst().reduce(first, +))
            })
    }

    /// Nil where it doesn't fit. NULLs are 0 among the integers.
    private static func sum(_ integers: [Int64], _ rows: ArraySlice<Int32>) -> Int64? {
        var sum: Int64 = 0
        for row in rows {
            let (next, overflow) = sum.addingReportingOverflow(integers[Int(row)])
            if overflow { return nil }
            sum = next
        }
        return sum
    }

    private func picked(
        _ values: ColumnValues, _ groups: RowGroups, _ row: (ArraySlice<Int32>) -> Int32?
    ) -> ColumnValues {
        values.gathering(groups.all.map { row($0) ?? -1 })
    }

    /// The first of the values that come before, or behind, all others.
    private func extreme(
        of values: ColumnValues, _ groups: RowGroups, _ isBetter: (Int) -> Bool
    ) throws -> ColumnValues {
        let words = values.orderedWords()
        var compared = 0
        return values.gathering(
            try groups.all.map { rows in
                var best: Int32 = -1
                for row in rows where !values.isNull(Int(row)) {
                    compared += 1
                    try Cancellation.check(at: compared)
                    guard best >= 0 else { best = row; continue }
                    let order =
                        if let words {
                            words[Int(row)] < words[Int(best)]
                                ? -1 : words[Int(row)] > words[Int(best)] ? 1 : 0
                        } else {
                            RowOrder.compare(Int(row), Int(best), of: values)
                        }
                    if isBetter(order) { best = row }
                }
                return best
            })
    }

    private static func distinct(_ values: ColumnValues, _ groups: RowGroups) throws -> ColumnValues {
        let codes = try RowCodes(values)
        // In which group, from 1, each value was met last.
        var met = [Int](repeating: 0, count: codes.count)
        return ColumnValues(
            groups.all.enumerated().map { group, rows -> Value in
                var distinct: Int64 = 0
                for row in rows where !values.isNull(Int(row)) && met[Int(codes.codes[Int(row)])] != group + 1
                {
                    met[Int(codes.codes[Int(row)])] = group + 1
                    distinct += 1
                }
                return .int(distinct)
            })
    }
}

extension RowGroups {
    /// The rows of each group.
    var all: some RandomAccessCollection<ArraySlice<Int32>> { (0..<count).lazy.map { self[$0] } }
}
