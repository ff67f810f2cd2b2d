import Postgres

extension Document {
    /// A table of a document: a frame, and how people are shown its columns. Its rows are made into cells one at a time, as a
    /// format needs them.
    public struct TableBlock: Sendable {
        /// How one of the frame's columns is shown.
        public struct Column: Sendable, Hashable {
            /// The frame's name for it, by which data knows it.
            public var name: String
            /// What people read above it; the name where nil.
            public var label: String?
            /// The unit of its numbers: "ratio", "usd", "ms", … as a metric's.
            public var unit: String?
            /// The column that holds each row's unit, where they differ; it isn't shown itself.
            public var units: String?
            /// Whether its numbers are differences of two in that unit.
            public var showsDifferences = false
            /// Where its cells stand.
            public var alignment: Table.Column.Alignment
            /// So many digits after the point, where people read.
            public var decimals: Int?
            /// The column that holds the address that a cell leads to; it isn't shown itself.
            public var link: String?
            /// Whether its values name cases of the document, to which they lead.
            public var namesCases = false

            /// The heading for people.
            public var heading: String {
                guard let unit, !Quantity(unit: unit).isSelfEvident else { return label ?? name }
                return "\(label ?? name) (\(unit))"
            }
        }

        /// Its name, unique in the document.
        public var name: String
        /// A line above it.
        public var title: String?
        /// What must be known to read it, below it.
        public var note: String?
        /// The columns that are shown, from left to right.
        public let columns: [Column]
        let frame: Frame
        /// For each column, its place in the frame, and those of the addresses and the units.
        private let places: [(values: Int, links: Int?, units: Int?)]

        /// A table of all of a frame's columns, or of those named.
        ///
        /// - Throws: `HostError` with code `column` for one that the frame doesn't have.
        init(
            name: String, title: String? = nil, frame: Frame, columns: [Column]? = nil,
            for function: String? = nil
        ) throws {
            self.name = name
            self.title = title
            self.frame = frame
            self.columns =
                columns
                ?? frame.columns.map {
                    Column(name: $0.name, alignment: $0.isNumeric ? .right : .left)
                }
            places = try self.columns.map { column in
                (
                    try frame.place(column.name, for: function),
                    try column.link.map { try frame.place($0, for: function) },
                    try column.units.map { try frame.place($0, for: function) }
                )
            }
        }

        /// A table of cells.
        public init(name: String, title: String? = nil, data: Table) {
            let frame = Frame(data)
            let columns = zip(frame.names, data.columns).map { name, column in
                Column(name: name, unit: column.unit, alignment: column.alignment)
            }
            self.name = name
            self.title = title
            self.frame = frame
            self.columns = columns
            places = frame.columns.indices.map { ($0, nil, nil) }
        }

        /// How many rows it has.
        public var count: Int { frame.count }

        /// A row's cells, from 0, one for each column.
        public func row(_ index: Int) -> [Cell] { places.map { Cell(frame.columns[$0.values][index]) } }

        /// The cell of a row and a column, both from 0.
        public func cell(_ row: Int, _ column: Int) -> Cell {
            Cell(frame.columns[places[column].values][row])
        }

        /// The address that a cell leads to, where it is one that a browser may be sent to.
        public func address(_ row: Int, _ column: Int) -> String? {
            guard let place = places[column].links, case .text(let text) = frame.columns[place][row] else {
                return nil
            }
            return Self.isHarmless(text) ? text : nil
        }

        /// Whether an address leads to the web or to a file beside the report, and can run nothing.
        private static func isHarmless(_ address: String) -> Bool {
            let hasOddities = address.unicodeScalars.contains {
                $0.value <= 0x20 || $0.value == 0x7F || $0 == "\\" || $0.properties.generalCategory == .format
            }
            guard !hasOddities, !address.isEmpty else { return false }
            let lower = address.lowercased()
            if lower.hasPrefix("https://") || lower.hasPrefix("http://") { return true }
            // Without a colon before the first slash there is no scheme.
            return !address.prefix { $0 != "/" && $0 != "#" && $0 != "?" }.contains(":")
                && !address.hasPrefix("//")
        }

        /// The first rows as people are shown them, with what stands for each number in its unit.
        func shown(rows limit: Int? = nil) -> Table {
            let indices = 0..<min(count, max(0, limit ?? count))
            return Table(
                columns: columns.map { Table.Column($0.heading, $0.alignment) },
                rows: indices.map { row in columns.indices.map { shown(row, $0) } }, total: count)
        }

        /// A cell as people are shown it.
        func shown(_ row: Int, _ column: Int) -> Cell {
            let cell = cell(row, column)
            let how = columns[column]
            let quantity = Quantity(
                unit: how.unit ?? unit(row, column), isDifference: how.showsDifferences)
            let isPlain =
                quantity == Quantity() && how.units == nil && how.decimals == nil
            guard !isPlain, let number = cell.number else { return cell }
            return .text(quantity.text(number, decimals: how.decimals, inTable: how.unit != nil))
        }

        /// The unit of a row's value, where each row has its own.
        private func unit(_ row: Int, _ column: Int) -> String? {
            guard let place = places[column].units, case .text(let unit) = frame.columns[place][row] else {
                return nil
            }
            return unit
        }
    }
}

extension Cell {
    /// The cell's number, where it is one that can be written in a unit.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let value): value
        case .decimal(let text): Double(text)
        default: nil
        }
    }
}
