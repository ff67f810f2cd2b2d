/// Tabular data: named columns and rows of cells, ready for any ``TableFormat``.
///
/// Every row has a cell for every column.
public struct Table: Sendable, Hashable {
    /// What a column holds, and how its cells are aligned.
    public struct Column: Sendable, Hashable {
        /// The side of a column on which its cells stand.
        public enum Alignment: Sendable, Hashable {
            /// For text, dates and whatever is read from its beginning.
            case left
            /// For numbers.
            case right
        }

        /// The name, as the query or the report calls it.
        public var name: String
        /// Where its cells stand.
        public var alignment: Alignment
        /// What its numbers count, such as `ms`; shown in the heading where people read, never in data.
        public var unit: String?

        /// A column.
        public init(_ name: String, _ alignment: Alignment = .left, unit: String? = nil) {
            self.name = name
            self.alignment = alignment
            self.unit = unit
        }

        /// The name with its unit, for people.
        var heading: String {
            unit.map { "\(name) (\($0))" } ?? name
        }
    }

    /// The columns, from left to right.
    public let columns: [Column]
    /// The rows, each with one cell for every column.
    public let rows: [[Cell]]
    /// How many rows there are in all, where these are only the first of them.
    public let total: Int

    /// A table. A row with fewer cells than columns is filled up with NULL, and one with more is a mistake of
    /// the program.
    public init(columns: [Column], rows: [[Cell]], total: Int? = nil) {
        precondition(
            rows.allSatisfy { $0.count <= columns.count }, "a row has more cells than there are columns")
        self.columns = columns
        self.rows = rows.map { row in
            row.count == columns.count
                ? row : row + Array(repeating: .null, count: columns.count - row.count)
        }
        self.total = max(total ?? rows.count, rows.count)
    }
}
