extension Document.Section {
    /// Blocks as a reader takes them in: figures that follow one another stand in one table, and so do gates.
    enum Run {
        case metrics([Document.Metric])
        case text(String)
        case table(Document.TableBlock)
        case chart(Chart)
        case gates([Document.Gate])
        case cases([Document.Case])
        case details(Document.Details)
    }

    var runs: [Run] {
        var runs: [Run] = []
        for block in blocks {
            switch (block, runs.last) {
            case (.metric(let metric), .metrics(let metrics)):
                runs[runs.count - 1] = .metrics(metrics + [metric])
            case (.gate(let gate), .gates(let gates)): runs[runs.count - 1] = .gates(gates + [gate])
            case (.metric(let metric), _): runs.append(.metrics([metric]))
            case (.gate(let gate), _): runs.append(.gates([gate]))
            case (.text(let text), _): runs.append(.text(text))
            case (.table(let table), _): runs.append(.table(table))
            case (.chart(let chart), _): runs.append(.chart(chart))
            case (.cases(let cases), _): runs.append(.cases(cases))
            case (.details(let details), _): runs.append(.details(details))
            }
        }
        return runs
    }
}

extension Document.Gate {
    /// One character that shows the verdict without colour.
    var sign: String {
        switch verdict {
        case .pass: "✓"
        case .fail: "✗"
        case .tooLittleEvidence: "?"
        }
    }

    /// The verdict in a word or three.
    var word: String {
        switch verdict {
        case .pass: "passed"
        case .fail: "failed"
        case .tooLittleEvidence: "too little evidence"
        }
    }

    /// The verdict and its reason.
    var sentence: String { reason.map { "\(word): \($0)" } ?? word }

    /// What it rests on: "pass_rate −3.0 %, bound −4.1 %, tolerance 2.0 %, p 0.012, n 120"; nil without figures.
    var figures: String? {
        func quantity(_ name: String, _ value: Double?) -> String? {
            value.map { "\(name) \(Quantity.text($0, unit: unit))" }
        }
        let parts = [
            quantity(metric ?? "value", value) ?? metric, quantity("bound", bound),
            quantity("tolerance", tolerance), p.map { "p \(Figure.significant($0, digits: 3))" },
            n.map { "n \(Figure.count($0))" },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension Document.Case {
    /// One character that shows the outcome without colour.
    var sign: String {
        switch outcome {
        case .passed: "✓"
        case .failed: "✗"
        case .error: "!"
        case .skipped: "–"
        }
    }
}

/// Cases side by side, those that went wrong first.
enum CaseList {
    /// How many ended how: "3 passed, 1 failed".
    static func counts(_ cases: [Document.Case]) -> String {
        let parts = Document.Case.Outcome.allCases.compactMap { outcome in
            let count = cases.count { $0.outcome == outcome }
            return count == 0 ? nil : "\(Figure.count(count)) \(outcome.rawValue)"
        }
        return parts.joined(separator: ", ")
    }

    /// In the order in which people want them: errors and failures first, each as they were given.
    static func worstFirst(_ cases: [Document.Case]) -> [Document.Case] {
        let order: [Document.Case.Outcome] = [.error, .failed, .skipped, .passed]
        return order.flatMap { outcome in cases.filter { $0.outcome == outcome } }
    }

    /// The cases for people. How long it took, messages and details are there where one of them has any.
    static func table(_ cases: [Document.Case]) -> Table {
        let hasTime = cases.contains { $0.seconds != nil }
        let hasMessage = cases.contains { $0.message != nil || $0.details != nil }
        var columns = [Table.Column("outcome"), Table.Column("case")]
        if hasTime { columns.append(Table.Column("took", .right)) }
        if hasMessage { columns.append(Table.Column("why")) }
        return Table(
            columns: columns,
            rows: cases.map { found in
                var row: [Cell] = [.text("\(found.sign) \(found.outcome.rawValue)"), .text(found.title)]
                if hasTime {
                    row.append(.optional(found.seconds.map { Figure.duration(milliseconds: $0 * 1000) }))
                }
                if hasMessage {
                    let why = [found.message, found.details].compactMap(\.self)
                    row.append(why.isEmpty ? .null : .text(why.joined(separator: "\n")))
                }
                return row
            })
    }
}
