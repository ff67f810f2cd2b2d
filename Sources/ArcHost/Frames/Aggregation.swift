import ArcKit
import LuaBridge
import Postgres

/// A frame cut into groups of rows that agree in some columns.
final class FrameGroups: HostObject {
    static let typeName = "Groups"

    let frame: Frame
    let keys: [Column]
    /// The rows of each group, in the order in which the groups first appear.
    let groups: [[Int]]

    init(_ frame: Frame, by names: [String]) throws {
        self.frame = frame
        keys = try names.map { try frame.column($0) }
        var places: [[Value]: Int] = [:]
        var groups: [[Int]] = []
        for row in 0..<frame.count {
            let key = keys.map { $0[row] }
            if let place = places[key] {
                groups[place].append(row)
            } else {
                places[key] = groups.count
                groups.append([row])
            }
        }
        self.groups = groups
    }

    /// One row a group: its keys, then one column for each aggregate.
    func aggregated(_ aggregates: [(name: String, aggregate: Aggregate)]) -> Frame {
        let keyColumns = keys.map { key in Column(name: key.name, groups.map { key[$0[0]] }) }
        let valueColumns = aggregates.map { name, aggregate in
            Column(name: name, groups.map { aggregate.value(of: $0) })
        }
        return Frame(columns: keyColumns + valueColumns, count: groups.count)
    }
}

/// A number made of many: what `agg` and a frame's own methods compute. NULLs have no part in any of them but `count`
/// without a column.
struct Aggregate: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case count, sum, mean, min, max, distinct, median
    }

    let kind: Kind
    let column: Column?

    func value(of rows: [Int]) -> Value {
        guard let column else { return .int(Int64(rows.count)) }
        switch kind {
        case .count: return .int(Int64(rows.count { column[$0] != .null }))
        case .distinct: return .int(Int64(Set(rows.map { column[$0] }).subtracting([.null]).count))
        case .min, .max: return extreme(of: rows.map { column[$0] }.filter { $0 != .null })
        case .sum: return sum(of: rows)
        case .mean:
            let numbers = rows.compactMap(column.number)
            return numbers.isEmpty ? .null : .double(numbers.reduce(0, +) / Double(numbers.count))
        case .median:
            return Quantile.linear(0.5, of: rows.compactMap(column.number)).map(Value.double) ?? .null
        }
    }

    /// Integers and booleans add up to an integer as long as it fits.
    private func sum(of rows: [Int]) -> Value {
        switch column?.values.content {
        case .integers:
            var total: Int64?
            var fits = true
            for case .int(let value)? in rows.lazy.map({ column?[$0] }) {
                let (next, overflow) = (total ?? 0).addingReportingOverflow(value)
                if overflow { fits = false; break }
                total = next
            }
            if fits { return total.map(Value.int) ?? .null }
        case .booleans:
            let known = rows.compactMap { column?.number($0) }
            return known.isEmpty ? .null : .int(Int64(known.reduce(0, +)))
        default: break
        }
        let numbers = rows.compactMap { column?.number($0) }
        return numbers.isEmpty ? .null : .double(numbers.reduce(0, +))
    }

    private func extreme(of values: [Value]) -> Value {
        values.reduce(Value.null) { best, value in
            guard best != .null else { return value }
            let order = ValueOrder.compare(value, best, descending: kind == .max)
            return order == .orderedAscending ? value : best
        }
    }
}
