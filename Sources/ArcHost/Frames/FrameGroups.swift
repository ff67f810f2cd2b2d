import LuaBridge
import Postgres

/// Rows in groups: each group's rows in order, one group behind the other.
struct RowGroups: Sendable {
    let rows: [Int32]
    /// Where each group begins in `rows`, and where the last one ends.
    private let starts: [Int]

    /// How many groups there are.
    var count: Int { starts.count - 1 }

    /// One group of all rows.
    init(all count: Int) {
        rows = Array(0..<Int32(count))
        starts = [0, count]
    }

    /// Groups of these rows.
    init(_ groups: [[Int32]]) {
        rows = groups.flatMap(\.self)
        starts = groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }

    /// A group for each code, in the order of the codes.
    init(_ codes: RowCodes) {
        var starts = [Int](repeating: 0, count: codes.count + 1)
        for code in codes.codes { starts[Int(code) + 1] += 1 }
        for code in 0..<codes.count { starts[code + 1] += starts[code] }
        var next = starts
        var rows = [Int32](repeating: 0, count: codes.codes.count)
        for (row, code) in codes.codes.enumerated() {
            rows[next[Int(code)]] = Int32(row)
            next[Int(code)] += 1
        }
        (self.rows, self.starts) = (rows, starts)
    }

    /// The rows of that group.
    subscript(_ group: Int) -> ArraySlice<Int32> { rows[starts[group]..<starts[group + 1]] }
}

/// A frame cut into groups of rows that agree in some columns, in the order in which the groups first appear.
final class FrameGroups: HostObject {
    static let typeName = "Groups"

    let frame: Frame
    let keys: [Column]
    let groups: RowGroups
    /// The first row of each group.
    private let firsts: [Int32]

    /// Groups by these columns; without any, one group of all rows.
    init(_ frame: Frame, by names: [String], for function: String? = nil) throws {
        self.frame = frame
        keys = try frame.columns(names, for: function)
        if keys.isEmpty {
            (groups, firsts) = (RowGroups(all: frame.count), [])
        } else {
            let codes = try RowCodes(keys.map(\.values), count: frame.count)
            (groups, firsts) = (RowGroups(codes), codes.firsts)
        }
    }

    var memoryFootprint: Int { groups.rows.count * 4 + groups.count * 12 + 256 }

    func forEachSharedMemory(_ body: (any SharedMemory) -> Void) { body(frame) }

    /// The number of groups.
    var count: Int { groups.count }

    /// One row a group: what its rows agree in.
    var keyFrame: Frame { Frame(columns: keys.map { $0.gathering(firsts) }, count: groups.count) }

    /// The rows of one group.
    func part(_ group: Int) -> Frame { frame.taking(groups[group]) }

    /// One row a group: its keys, then one column for each aggregate.
    func aggregated(_ aggregates: [(name: String, aggregate: Aggregate)]) throws -> Frame {
        let found = try aggregates.map { Column(name: $0.name, values: try $0.aggregate.values(of: groups)) }
        return Frame(columns: keyFrame.columns + found, count: groups.count)
    }
}
