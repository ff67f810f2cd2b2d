import ArcKit

extension Document {
    /// One of the tables of a document as CSV: its own, or its key figures, gates or cases.
    public struct CSVPart: Sendable {
        /// Its name, unique among the parts: "metrics", "gates", "cases", or that of a table.
        public let name: String
        fileprivate let columns: [String]
        fileprivate let count: Int
        fileprivate let row: @Sendable (Int) -> [Cell]

        /// Writes the part: numbers with every digit, texts so that no spreadsheet takes them for a formula and no terminal
        /// acts on them.
        public func write(to output: inout some TextOutputStream) {
            guard var writer = RowWriter(.csv, TableOptions().guarded) else { return }
            writer.begin(columns)
            for index in 0..<count {
                writer.add(row(index))
                guard writer.bytes.count > 1 << 16 else { continue }
                output.write(String(decoding: writer.bytes, as: UTF8.self))
                writer.removeAll()
            }
            writer.end()
            output.write(String(decoding: writer.bytes, as: UTF8.self))
        }
    }

    /// What there is as CSV: key figures, gates and cases, where there are any, and then each table.
    public var csvParts: [CSVPart] {
        let (metrics, gates, cases) = (metrics, gates, cases)
        var parts: [CSVPart] = []
        if !metrics.isEmpty { parts.append(CSVPart("metrics", MetricTable.data(metrics))) }
        if !gates.isEmpty { parts.append(CSVPart("gates", Self.table(gates))) }
        if !cases.isEmpty {
            parts.append(
                CSVPart(name: "cases", columns: Self.caseColumns, count: cases.count) { Self.row(cases[$0]) })
        }
        let names = DistinctNames.of(parts.map(\.name) + tables.map(\.name)).dropFirst(parts.count)
        parts += zip(names, tables).map { name, table in
            CSVPart(name: name, columns: table.columns.map(\.name), count: table.count) { table.row($0) }
        }
        return parts
    }

    /// Gates for programs: every digit, one row a gate.
    static func table(_ gates: [Gate]) -> Table {
        let texts = ["gate", "verdict", "reason", "metric", "unit"]
        let names = texts + Gate.quantities.map(\.name) + ["n"]
        return Table(
            columns: names.map { Table.Column($0) },
            rows: gates.map { gate in
                let texts: [Cell] = [
                    .text(gate.name), .text(gate.verdict.rawValue), .optional(gate.reason),
                    .optional(gate.metric), .optional(gate.unit),
                ]
                return texts + Gate.quantities.map { .optional(gate[keyPath: $0.path]) }
                    + [.optional(gate.n)]
            })
    }

    private static let caseColumns = [
        "case", "scenario", "trial", "outcome", "message", "seconds", "details", "file", "line",
    ]

    private static func row(_ found: Case) -> [Cell] {
        [
            .text(found.name), .optional(found.scenario), .optional(found.trial),
            .text(found.outcome.rawValue), .optional(found.message), .optional(found.seconds),
            .optional(found.details), .optional(found.file), .optional(found.line),
        ]
    }
}

extension Document.CSVPart {
    fileprivate init(_ name: String, _ table: Table) {
        self.init(name: name, columns: table.columns.map(\.name), count: table.rows.count) { table.rows[$0] }
    }
}
