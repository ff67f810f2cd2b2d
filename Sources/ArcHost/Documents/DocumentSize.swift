import LuaBridge
import Synchronization

/// How long a document may get, and how much of that is used. What a report writes is in arc's memory, not in its plugin's.
final class DocumentRoom: Sendable {
    /// Bytes.
    let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// Takes room for so many bytes more.
    ///
    /// - Throws: `HostError` with code `argument` where there isn't as much.
    func take(_ bytes: Int) throws {
        let fits = used.withLock { used in
            guard bytes <= limit - used else { return false }
            used += bytes
            return true
        }
        guard !fits else { return }
        throw HostError(
            .argument, "the document would hold more than \(Figure.bytes(Int64(limit)))",
            advice: "Show the part that matters: the first rows, or groups. "
                + "plugin.json may allow more: \"limits\": {\"memory_mb\": …}.")
    }
}

extension Document.Block {
    /// About how many bytes the block holds.
    var size: Int {
        switch self {
        case .text(let text): 64 + text.utf8.count
        case .metric(let it):
            256 + Self.size(it.name, it.label, it.unit, it.method, it.note)
        case .table(let table): table.size
        case .chart(let chart):
            256 + Self.size(chart.name, chart.title, chart.note, chart.valueLabel, chart.axisLabel)
                + chart.content.size
        case .gate(let it): 256 + Self.size(it.name, it.reason, it.metric, it.unit)
        case .cases(let cases):
            cases.reduce(0) { $0 + 256 + Self.size($1.name, $1.scenario, $1.message, $1.details, $1.file) }
        case .details(let details): 512 + details.summary.utf8.count
        }
    }

    private static func size(_ texts: String?...) -> Int {
        texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
    }
}

extension Document.TableBlock {
    /// A frame's values count for each table that shows them: so often they are written.
    fileprivate var size: Int {
        let texts = (title?.utf8.count ?? 0) + (note?.utf8.count ?? 0)
        return columns.reduce(512 + texts) { $0 + 128 + $1.name.utf8.count + ($1.label?.utf8.count ?? 0) }
            + frame.columns.reduce(0) { $0 + max($1.memory.byteCount, 8 * frame.count) }
    }
}

extension Chart.Content {
    fileprivate var size: Int {
        func texts(_ texts: [String]) -> Int { texts.reduce(0) { $0 + 32 + $1.utf8.count } }
        return switch self {
        case .line(let line):
            texts(line.axis.labels) + 8 * line.axis.positions.count
                + line.series.reduce(0) { $0 + 16 * ($1.values.count + $1.low.count + $1.high.count) }
                + texts(line.marks.map(\.place)) + texts(line.marks.compactMap(\.label))
        case .bar(let bars): 64 * bars.count + texts(bars.map(\.label))
        case .histogram(let histogram): 16 * histogram.edges.count
        case .box(let boxes): 128 * boxes.count + texts(boxes.map(\.label))
        case .heatmap(let map):
            texts(map.rows) + texts(map.columns) + map.values.reduce(0) { $0 + 32 + 16 * $1.count }
        case .sparkline(let values): 16 * values.count
        }
    }
}
