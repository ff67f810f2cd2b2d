import ArcKit
import Postgres

extension Frame {
    /// One row for each column: its type, how many values and NULLs it has, and, of numbers, mean, standard deviation and the
    /// five-number summary.
    func described() throws -> Frame {
        let names = ["column", "type", "values", "nulls", "mean", "sd", "min", "p25", "median", "p75", "max"]
        var rows: [[Value]] = []
        for column in columns {
            let nulls = column.values.nullCount
            let head: [Value] = [
                .text(column.name), .text(column.typeName), .int(Int64(count - nulls)), .int(Int64(nulls)),
            ]
            guard column.isNumeric else {
                rows.append(head + Array(repeating: .null, count: names.count - head.count))
                continue
            }
            var numbers = try column.numbers(for: "Frame:describe").known
            let mean = Moments.mean(numbers)
            let deviation = Moments.deviation(numbers)
            let five = Quantile.linear([0, 0.25, 0.5, 0.75, 1], sorting: &numbers) ?? []
            rows.append(
                head + [.double(mean), deviation.map(Value.double) ?? .null] + five.map(Value.double))
        }
        return Frame(
            columns: names.indices.map { place in Column(name: names[place], rows.map { $0[place] }) },
            count: columns.count)
    }

    /// The first row of each combination of values in these columns; of all columns where none is named.
    func unique(_ names: [String], for function: String) throws -> Frame {
        let columns = names.isEmpty ? columns : try columns(names, for: function)
        return taking(try RowCodes(columns.map(\.values), count: count).firsts)
    }

    /// How many rows there are of each combination of values in these columns, the most frequent first.
    func valueCounts(_ names: [String], for function: String) throws -> Frame {
        let groups = try FrameGroups(self, by: names, for: function)
        let counted = try groups.aggregated([("count", Aggregate(kind: .count, column: nil))])
        guard let last = counted.columns.last else { return counted }
        let order = try RowOrder.sorted(
            count: counted.count, by: [RowOrder.Key(column: last.values, descending: true)])
        return counted.taking(order)
    }

    /// `size` rows drawn at random without replacement, in the order of the frame, the same ones for the same seed: selection
    /// sampling, algorithm S of Knuth, The Art of Computer Programming, volume 2, 3.4.2.
    func sample(_ size: Int, seed: UInt64) -> Frame {
        var dice = SplitMix(state: seed)
        var rows: [Int32] = []
        var wanted = min(size, count)
        rows.reserveCapacity(wanted)
        for row in 0..<count where wanted > 0 {
            guard Int.random(in: 0..<count - row, using: &dice) < wanted else { continue }
            rows.append(Int32(row))
            wanted -= 1
        }
        return taking(rows)
    }
}

/// Random numbers that are the same for the same seed: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
