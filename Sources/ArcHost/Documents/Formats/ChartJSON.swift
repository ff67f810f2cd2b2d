extension Chart {
    func write(_ json: inout JSONPieces) {
        json.object { json in
            json.member("name", name)
            json.member("kind", kind)
            json.member("title", title)
            json.member("unit", unit)
            json.member("value_label", valueLabel)
            json.member("axis_label", axisLabel)
            json.member("note", note)
            write(content: &json)
        }
    }

    private func write(content json: inout JSONPieces) {
        switch content {
        case .line(let line): Self.write(line, &json)
        case .bar(let bars):
            json.list("bars", bars) { json, bar in
                json.object(short: true) { json in
                    json.member("label", bar.label)
                    json.member("value", bar.value)
                    json.member("low", bar.low)
                    json.member("high", bar.high)
                }
            }
        case .histogram(let histogram):
            json.numbers("edges", histogram.edges)
            json.list("counts", histogram.counts, short: true) { json, count in json.value(count) }
        case .box(let boxes):
            json.list("boxes", boxes) { json, box in box.write(&json) }
        case .heatmap(let map):
            json.list("rows", map.rows, short: true) { json, name in json.value(name) }
            json.list("columns", map.columns, short: true) { json, name in json.value(name) }
            json.list("grid", map.values) { json, row in
                json.begin("[", short: true)
                for value in row { json.value(value) }
                json.end("]")
            }
        case .sparkline(let values): json.numbers("values", values)
        }
    }

    private static func write(_ line: Line, _ json: inout JSONPieces) {
        json.member("axis", line.axis.kind.rawValue)
        if line.axis.kind == .number {
            json.numbers("x", line.axis.positions)
        } else {
            json.list("x", line.axis.labels, short: true) { json, label in json.value(label) }
        }
        json.list("series", line.series) { json, series in
            json.object { json in
                json.member("name", series.name)
                json.numbers("y", series.values)
                json.numbers("low", series.low)
                json.numbers("high", series.high)
            }
        }
        json.list("marks", line.marks) { json, mark in
            json.object(short: true) { json in
                if line.axis.kind == .number {
                    json.member("x", mark.position)
                } else {
                    json.member("x", mark.place)
                }
                json.member("label", mark.label)
            }
        }
    }
}

extension Chart.Box {
    fileprivate func write(_ json: inout JSONPieces) {
        json.object(short: true) { json in
            json.member("label", label)
            json.member("n", n)
            json.member("low", low)
            json.member("q1", lowerQuartile)
            json.member("median", median)
            json.member("q3", upperQuartile)
            json.member("high", high)
            json.member("least", least)
            json.member("greatest", greatest)
            json.member("beyond", beyond)
        }
    }
}

extension JSONPieces {
    /// A list of numbers on one line.
    fileprivate mutating func numbers(_ key: String, _ numbers: [Double?]) {
        list(key, numbers, short: true) { json, number in json.value(number) }
    }
}
