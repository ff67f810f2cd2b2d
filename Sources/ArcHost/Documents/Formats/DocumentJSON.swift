import ArcKit
import Postgres

extension Document {
    /// Writes the document as one JSON object, whose form `docs/schemas/document.json` describes: every figure with all its
    /// digits, what isn't known as null. Figures, tables, charts, gates and cases stand in lists of their own, and sections
    /// name them. No table is held as text as a whole.
    public func writeJSON(to output: inout some TextOutputStream) {
        var json = JSONPieces()
        json.begin("{")
        writeHead(&json)
        json.object("metrics") { json in
            for metric in metrics { metric.write(&json) }
        }
        json.list("gates", gates) { json, gate in gate.write(&json) }
        json.list("sections", sections, Self.write)
        json.list("charts", charts) { json, chart in chart.write(&json) }
        json.list("cases", cases) { json, found in found.write(&json) }
        json.key("tables")
        json.begin("[")
        for table in tables { table.write(&json, to: &output) }
        json.end("]")
        json.end("}")
        output.write(json.text)
    }

    /// The document as JSON text, broken into lines.
    public var jsonText: String {
        var text = ""
        writeJSON(to: &text)
        return text
    }

    private func writeHead(_ json: inout JSONPieces) {
        json.member("report", report)
        json.member("title", title)
        json.member("made_at", madeAt?.description)
        json.member("arc_version", version)
        json.member("verdict", verdict?.rawValue)
        json.list("simulations", simulations) { json, simulation in
            json.object(short: true) { json in
                json.member("role", simulation.role)
                json.member("id", simulation.id)
                json.member("name", simulation.name)
            }
        }
        json.list("missing", missing) { json, missing in
            json.object(short: true) { json in
                json.member("source", missing.source)
                json.member("reason", missing.reason)
            }
        }
    }

    private static func write(_ json: inout JSONPieces, _ section: Section) {
        json.object { json in
            json.member("heading", section.heading)
            json.member("level", section.level)
            json.list("blocks", section.blocks, write)
        }
    }

    private static func write(_ json: inout JSONPieces, _ block: Block) {
        func named(_ type: String, _ name: String) {
            json.object(short: true) { json in
                json.member("type", type)
                json.member("name", name)
            }
        }
        switch block {
        case .text(let text):
            json.object(short: true) { json in
                json.member("type", "text")
                json.member("text", text)
            }
        case .metric(let metric):
            json.object(short: true) { json in
                json.member("type", "metric")
                json.member("name", metric.name)
                json.member("label", metric.label)
                json.member("note", metric.note)
            }
        case .table(let table): named("table", table.name)
        case .chart(let chart): named("chart", chart.name)
        case .gate(let gate): named("gate", gate.name)
        case .cases(let cases):
            json.object(short: true) { json in
                json.member("type", "cases")
                json.member("count", cases.count)
            }
        case .details(let details):
            json.object { json in
                json.member("type", "details")
                json.member("summary", details.summary)
                json.list("sections", details.sections, write)
            }
        }
    }
}

extension Document.Metric {
    func write(_ json: inout JSONPieces) {
        json.object(name, short: true) { json in
            json.member("value", value)
            json.member("unit", unit)
            json.member("n", n)
            json.member("errors", errors)
            json.member("se", standardError)
            json.member("low", low)
            json.member("high", high)
            json.member("method", method)
        }
    }
}

extension Document.Gate {
    func write(_ json: inout JSONPieces) {
        json.object(short: true) { json in
            json.member("name", name)
            json.member("verdict", verdict.rawValue)
            json.member("pass", verdict == .pass)
            json.member("reason", reason)
            json.member("metric", metric)
            json.member("unit", unit)
            for figure in Self.quantities { json.member(figure.name, self[keyPath: figure.path]) }
            json.member("n", n)
        }
    }
}

extension Document.Case {
    func write(_ json: inout JSONPieces) {
        json.object(short: true) { json in
            json.member("name", name)
            json.member("scenario", scenario)
            json.member("trial", trial)
            json.member("outcome", outcome.rawValue)
            json.member("message", message)
            json.member("seconds", seconds)
            json.member("details", details)
            json.member("file", file)
            json.member("line", line)
        }
    }
}

extension Document.TableBlock {
    /// Writes the table, and hands what was written on now and then.
    func write(_ json: inout JSONPieces, to output: inout some TextOutputStream) {
        json.begin("{")
        json.member("name", name)
        json.member("title", title)
        json.member("note", note)
        json.list("columns", columns, short: true) { json, column in json.value(column.name) }
        json.list("labels", columns, short: true) { json, column in json.value(column.label) }
        json.list("units", columns, short: true) { json, column in json.value(column.unit) }
        json.key("rows")
        json.begin("[")
        for row in 0..<count {
            json.begin("[", short: true)
            for column in columns.indices { json.value(cell(row, column)) }
            json.end("]")
            guard json.text.utf8.count > 1 << 16 else { continue }
            output.write(json.text)
            json.removeAll()
        }
        json.end("]")
        json.end("}")
    }
}
