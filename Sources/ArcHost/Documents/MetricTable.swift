/// Key figures side by side.
enum MetricTable {
    /// What people are told of a figure beside its name.
    enum Column: String, CaseIterable {
        case value
        case interval = "95 % interval"
        case n
        case errors

        func text(_ metric: Document.Metric) -> String? {
            switch self {
            case .value: metric.value.map(metric.display)
            case .interval: metric.interval
            case .n: metric.n.map { Figure.count($0) }
            case .errors: metric.errors.map { Figure.count($0) }
            }
        }
    }

    /// The columns that people are shown: what isn't known of any figure has none.
    static func columns(_ metrics: [Document.Metric]) -> [Column] {
        Column.allCases.filter { column in column == .value || metrics.contains { column.text($0) != nil } }
    }

    /// For people: values in their units. How they were made is told below, by ``methods(_:)``.
    static func people(_ metrics: [Document.Metric]) -> Table {
        let columns = columns(metrics)
        return Table(
            columns: [Table.Column("metric")] + columns.map { Table.Column($0.rawValue, .right) },
            rows: metrics.map { metric in
                [.text(metric.label ?? metric.name)] + columns.map { text($0.text(metric)) }
            })
    }

    /// One line for each method, with the figures it made; the commonest comes first and stands for the rest.
    static func methods(_ metrics: [Document.Metric]) -> [String] {
        let known = metrics.filter { $0.value != nil && $0.method != nil }
        let groups = Dictionary(grouping: known) { $0.method ?? "" }
            .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        guard let first = groups.first else { return notes(metrics) }
        let others = groups.dropFirst().map { method, metrics in
            "\(metrics.map { $0.label ?? $0.name }.joined(separator: ", ")): \(method)."
        }
        return ["Method: \(first.key)\(others.isEmpty ? "." : ", except where told:")"] + others
            + notes(metrics)
    }

    /// What must be known to read them, with the figures that it is about.
    static func notes(_ metrics: [Document.Metric]) -> [String] {
        Dictionary(grouping: metrics.filter { $0.note != nil }) { $0.note ?? "" }.sorted { $0.key < $1.key }
            .map {
                note, metrics in "\(metrics.map { $0.label ?? $0.name }.joined(separator: ", ")): \(note)."
            }
    }

    /// For programs: every digit, one row a figure.
    static func data(_ metrics: [Document.Metric]) -> Table {
        func real(_ value: Double?) -> Cell { value.map(Cell.real) ?? .null }
        return Table(
            columns: [
                Table.Column("metric"), Table.Column("value", .right), Table.Column("unit"),
                Table.Column("n", .right), Table.Column("errors", .right), Table.Column("se", .right),
                Table.Column("low", .right), Table.Column("high", .right), Table.Column("method"),
                Table.Column("note"),
            ],
            rows: metrics.map { metric in
                [
                    .text(metric.name), real(metric.value), text(metric.unit), count(metric.n),
                    count(metric.errors), real(metric.standardError), real(metric.low), real(metric.high),
                    text(metric.method), text(metric.note),
                ]
            })
    }

    private static func text(_ value: String?) -> Cell { value.map(Cell.text) ?? .null }
    private static func count(_ value: Int?) -> Cell { value.map { .integer(Int64($0)) } ?? .null }
}
