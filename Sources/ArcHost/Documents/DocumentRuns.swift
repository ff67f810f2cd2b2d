import ArcKit
import Postgres

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
        var (metrics, gates): ([Document.Metric], [Document.Gate]) = ([], [])
        func close() {
            if !metrics.isEmpty { runs.append(.metrics(metrics)) }
            if !gates.isEmpty { runs.append(.gates(gates)) }
            (metrics, gates) = ([], [])
        }
        for block in blocks {
            switch block {
            case .metric(let metric):
                if !gates.isEmpty { close() }
                metrics.append(metric)
                continue
            case .gate(let gate):
                if !metrics.isEmpty { close() }
                gates.append(gate)
                continue
            default: close()
            }
            switch block {
            case .text(let text): runs.append(.text(text))
            case .table(let table): runs.append(.table(table))
            case .chart(let chart): runs.append(.chart(chart))
            case .cases(let cases): runs.append(.cases(cases))
            case .details(let details): runs.append(.details(details))
            case .metric, .gate: break
            }
        }
        close()
        return runs
    }
}

extension Document {
    /// What it is about, when it was made and by what, in a line; nil where nobody said.
    var about: String? {
        let parts =
            simulations.map { "\($0.role) \($0.name ?? $0.id)" }
            + [madeAt.map { "made \($0.minute)" }, version.map { "arc \($0)" }].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }

    /// What its gates say together: "failed: 1 of 3 gates failed"; nil without gates.
    var verdictSentence: String? {
        guard let verdict else { return nil }
        let gates = gates
        let counts = Gate.Verdict.allCases.compactMap { one -> String? in
            let count = gates.count { $0.verdict == one }
            return count == 0 ? nil : "\(Figure.count(count)) \(one.word)"
        }
        let word = verdict.word
        let capital = word.prefix(1).uppercased() + word.dropFirst()
        return "\(capital): \(Figure.count(gates.count, "gate", "gates")), \(counts.joined(separator: ", "))"
    }
}

extension Timestamp {
    /// A moment in UTC to the minute, as people read it.
    var minute: String { isFinite ? description.prefix(16) + " UTC" : description }
}

extension Document.Gate {
    /// One character that shows the verdict without colour.
    var sign: String { verdict.sign }

    /// The verdict and its reason.
    var sentence: String { reason.map { "\(verdict.word): \($0)" } ?? verdict.word }

    /// What it rests on: "score -0.074 (-0.089 … -0.031), tolerance 0.05, p 0.003, n 40"; nil without figures.
    var figures: String? {
        let change = Quantity(unit: unit, isDifference: isOfChange)
        let interval = low.flatMap { low in high.map { " (\(change.text(low)) … \(change.text($0)))" } } ?? ""
        let subject = value.map { "\(metric ?? "value") \(change.text($0))\(interval)" } ?? metric
        let others = Self.quantities.filter { !["value", "low", "high"].contains($0.name) }
            .compactMap { figure in
                self[keyPath: figure.path].map { "\(figure.name) \(text($0, of: figure.meaning))" }
            }
        let parts = [subject].compactMap(\.self) + others + (n.map { ["n \(Figure.count($0))"] } ?? [])
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// Whether it is about a change against a baseline: then its value is a difference, as are the ends of the interval
    /// and the bound.
    private var isOfChange: Bool { tolerance != nil || baseline != nil }

    private func text(_ value: Double, of meaning: QuantityOfGate.Meaning) -> String {
        switch meaning {
        case .found: Quantity(unit: unit, isDifference: isOfChange).text(value)
        case .size: Quantity(unit: unit, isDifference: true).size(value)
        case .level: Quantity(unit: unit).text(value)
        case .probability: Quantity(unit: "p").text(value)
        }
    }

    /// One of the numbers that a gate may have, by the name that Lua and data know it by.
    struct QuantityOfGate: Sendable {
        /// What a number says.
        enum Meaning {
            /// A change where the gate is about one, else a value of the metric.
            case found
            /// How large a change is.
            case size
            /// A value of the metric.
            case level
            /// A probability, which has no unit.
            case probability
        }
        let name: String
        let path: any WritableKeyPath<Document.Gate, Double?> & Sendable
        let meaning: Meaning
        let summary: String
    }

    /// The numbers in the order in which they are told.
    static let quantities: [QuantityOfGate] = [
        .init(
            name: "value", path: \.value, meaning: .found,
            summary: "what was found, in that unit; with a tolerance or a baseline, the change"),
        .init(name: "low", path: \.low, meaning: .found, summary: "the lower end of its interval"),
        .init(name: "high", path: \.high, meaning: .found, summary: "the upper end"),
        .init(
            name: "bound", path: \.bound, meaning: .found,
            summary:
                "what the verdict goes by: the end of the value's one-sided interval, or the limit that it is held against"
        ),
        .init(
            name: "tolerance", path: \.tolerance, meaning: .size,
            summary: "the change for the worse that is put up with"),
        .init(
            name: "baseline", path: \.baseline, meaning: .level,
            summary: "the metric of what it is compared with"),
        .init(
            name: "candidate", path: \.candidate, meaning: .level,
            summary: "the metric of what is in question"),
        .init(name: "p", path: \.p, meaning: .probability, summary: "the test's p-value"),
    ]
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
    /// How many ended how: "3 passed, 1 failed, 1 in error".
    static func counts(_ cases: [Document.Case]) -> String {
        let parts = Document.Case.Outcome.allCases.compactMap { outcome in
            let count = cases.count { $0.outcome == outcome }
            return count == 0
                ? nil : "\(Figure.count(count)) \(outcome == .error ? "in error" : outcome.rawValue)"
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
