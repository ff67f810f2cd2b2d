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

    /// A table. A row with fewer cells than columns is filled up with NULL; one with more brings columns without
    /// a name along, so that nothing is lost.
    public init(columns: [Column], rows: [[Cell]], total: Int? = nil) {
        let width = rows.reduce(columns.count) { max($0, $1.count) }
        self.columns = columns + Array(repeating: Column(""), count: width - columns.count)
        self.rows = rows.map { $0 + Array(repeating: .null, count: width - $0.count) }
        self.total = max(total ?? rows.count, rows.count)
    }
}
