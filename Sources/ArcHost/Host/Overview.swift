public import ArcKit
import LuaBridge
import Postgres

/// A simulation at one look: what `arc show` prints.
public struct Overview: Sendable {
    private let status: SimulationStatus
    private let metrics: [Document.Metric]
    /// The plugins' metrics that are missing, and why.
    public let failures: [PluginFailure]

    fileprivate init(_ status: SimulationStatus, _ results: PluginResults<Document.Metric>) {
        self.status = status
        metrics = results.values
        failures = results.failures
    }

    /// The overview in that format: for people with the metrics in a table; as JSON the status with `metrics` by name;
    /// as CSV and JSON Lines the metrics alone.
    public func text(_ format: TableFormat, _ options: TableOptions) throws -> String {
        var options = options
        options.countsRows = false
        switch format {
        case .table, .expanded, .markdown:
            return record.text(format == .expanded ? .table : format, options) + "\n"
                + MetricTable.people(metrics).text(format, options) + notes(format)
        case .json:
            guard case .object(let members) = try JSONValue(.table(status.table), function: "arc show") else {
                return ""
            }
            let figures = JSONValue.object(metrics.map { JSONValue.Member($0.name, $0.json) })
            var whole = members + [JSONValue.Member("metrics", figures)]
            if !failures.isEmpty { whole.append(JSONValue.Member("missing", .array(failures.map(\.json)))) }
            return try JSON.write(LuaValue(.object(whole)), .pretty) + "\n"
        case .jsonl, .csv: return MetricTable.data(metrics).text(format, options)
        }
    }

    /// What must be known to read the figures, such as why one has no interval.
    private func notes(_ format: TableFormat) -> String {
        let notes = MetricTable.notes(metrics)
        if notes.isEmpty { return "" }
        return "\n"
            + notes.map { "- \(format == .markdown ? MarkdownText.line($0) : VisibleText.line($0))\n" }
            .joined()
    }

    private var record: Table {
        var fields: [(String, String?)] = [
            ("simulation", status.id), ("name", status.name),
            ("configuration", "\(status.configuration), version \(status.configurationVersion)"),
            ("state", status.state.rawValue), ("runs", runs), ("ended in", endings),
            ("cost", status.totalCostUSD.map(Figure.dollars)),
            ("took", status.executionTimeMs.map { Figure.duration(milliseconds: Double($0)) }),
            ("created", status.createdAt.description), ("completed", status.completedAt?.description),
        ]
        fields.removeAll { $0.1 == nil }
        return Table(
            columns: [Table.Column("field"), Table.Column("value")],
            rows: fields.map { [.text($0.0), .text($0.1 ?? "")] })
    }

    private var runs: String {
        let percent = status.completionPercent.map { " (\(Figure.percent($0 / 100)))" } ?? ""
        return "\(Figure.count(status.completedRuns)) of \(Figure.count(status.totalRuns))\(percent): "
            + "\(Figure.count(status.totalScenarios, "scenario", "scenarios")) × "
            + Figure.count(status.trials, "trial", "trials")
    }

    private var endings: String? {
        let parts = OutcomeStatus.allCases.compactMap { status -> String? in
            guard let count = self.status.statuses[status], count > 0 else { return nil }
            return "\(Figure.count(count)) \(status.rawValue)"
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension Host {
    /// A simulation at one look.
    public func overview(of simulation: SimulationReference) async throws -> Overview {
        let (status, outcomes) = try await store().read { session in
            (try await session.status(of: simulation), Frame(try await session.outcomes(of: simulation)))
        }
        let name = simulation.name ?? simulation.id
        return Overview(status, try await plugins.metrics(of: outcomes, simulation: name, on: self))
    }
}

extension Document.Metric {
    /// The figure as a document's JSON has it.
    fileprivate var json: JSONValue {
        .members(
            ("value", .optional(value)), ("unit", unit.map(JSONValue.string) ?? .null),
            ("n", .optional(n)), ("errors", .optional(errors)),
            ("se", .optional(standardError)), ("low", .optional(low)), ("high", .optional(high)),
            ("method", method.map(JSONValue.string) ?? .null), ("note", note.map(JSONValue.string) ?? .null))
    }
}

extension JSONValue {
    fileprivate static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
    fileprivate static func optional(_ value: Int?) -> JSONValue {
        value.map { .integer(Int64($0)) } ?? .null
    }
}
