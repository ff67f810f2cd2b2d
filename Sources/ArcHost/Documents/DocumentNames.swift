extension Document {
    /// Gives tables, charts and figures whose names occur again a number: formats know them by their names.
    mutating func makeNamesDistinct() {
        var tables = DistinctNames.of(self.tables.map(\.name))[...]
        var charts = DistinctNames.of(self.charts.map(\.name))[...]
        var metrics = DistinctNames.of(self.metrics.map(\.name))[...]
        sections.change { block in
            switch block {
            case .table(var table):
                table.name = tables.removeFirst()
                block = .table(table)
            case .chart(var chart):
                chart.name = charts.removeFirst()
                block = .chart(chart)
            case .metric(var metric):
                metric.name = metrics.removeFirst()
                block = .metric(metric)
            default: break
            }
        }
    }

    /// A name made from a title: "The weakest scenarios" is `the_weakest_scenarios`.
    static func name(from title: String) -> String? {
        let words = title.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let name = words.joined(separator: "_").prefix(60)
        return name.isEmpty ? nil : String(name)
    }
}

extension [Document.Section] {
    /// Changes every block in order, those in details after the one that holds them.
    fileprivate mutating func change(_ body: (inout Document.Block) -> Void) {
        for section in indices {
            for index in self[section].blocks.indices {
                body(&self[section].blocks[index])
                guard case .details(var details) = self[section].blocks[index] else { continue }
                details.sections.change(body)
                self[section].blocks[index] = .details(details)
            }
        }
    }
}
