internal import CPostgres

/// The rows of a result, column by column.
public struct ColumnSet: Sendable {
    /// What the server said of the command.
    public let summary: CommandSummary
    /// The values of each column, from left to right.
    public let values: [ColumnValues]
    /// The number of rows.
    public let count: Int

    init(summary: CommandSummary, values: [ColumnValues], count: Int) {
        self.summary = summary
        self.values = values
        self.count = count
    }

    /// The rows of a result, which isn't needed any more then.
    public init(_ result: QueryResult) {
        let rows = GatheredRows(result.columns)
        withExtendedLifetime(result.storage) {
            for row in 0..<result.count { rows.append(result.storage.pointer, row: Int32(row)) }
        }
        summary = CommandSummary(of: result.storage.pointer, columns: result.columns)
        (values, count) = (rows.finish(), result.count)
    }

    /// The columns, from left to right. None for a command that returns no rows.
    public var columns: [ResultColumn] { summary.columns }

    /// The value at `row` and `column`, both from 0. Out of range is a programming error and traps.
    public subscript(row: Int, column: Int) -> Value { values[column][row] }

    /// The bytes that the values hold in memory.
    public var heldBytes: Int { values.reduce(0) { $0 + $1.heldBytes } }
}

/// Rows that are still coming, as columns.
///
/// It belongs to whoever reads the rows, on one thread.
final class GatheredRows {
    private let builders: UnsafeMutablePointer<ColumnBuilder>
    private let width: Int
    private(set) var count = 0

    init(_ columns: [ResultColumn]) {
        width = columns.count
        builders = .allocate(capacity: width)
        for (index, column) in columns.enumerated() {
            (builders + index).initialize(to: ColumnBuilder(column))
        }
    }

    deinit {
        builders.deinitialize(count: width)
        builders.deallocate()
    }

    /// Takes in a row of a result that has these columns.
    func append(_ result: OpaquePointer, row: Int32) {
        for index in 0..<width {
            let column = Int32(truncatingIfNeeded: index)
            let length = PQgetlength(result, row, column)
            if length == 0, PQgetisnull(result, row, column) == 1 {
                builders[index].appendNull()
            } else {
                builders[index].append(
                    UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(length)))
            }
        }
        count += 1
    }

    /// The bytes that they hold so far, without what values of rarer types have elsewhere.
    var heldBytes: Int { (0..<width).reduce(0) { $0 + builders[$1].heldBytes } }

    /// The columns of what came; it is empty again.
    func finish() -> [ColumnValues] { (0..<width).map { builders[$0].finish() } }
}
