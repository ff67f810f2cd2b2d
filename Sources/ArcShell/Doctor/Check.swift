import ArcHost

/// What the doctor found out about one thing.
struct Check: Sendable, Equatable {
    enum Verdict: String, Sendable {
        /// As it should be.
        case ok
        /// It works, and could be better or will fail some day.
        case warn
        /// Something won't work.
        case fail
    }

    let name: String
    let verdict: Verdict
    /// What was found; never a password.
    let finding: String
    /// What to do, where there is something to do.
    let advice: String?

    static func ok(_ name: String, _ finding: String) -> Check {
        Check(name: name, verdict: .ok, finding: finding, advice: nil)
    }

    static func warn(_ name: String, _ finding: String, _ advice: String?) -> Check {
        Check(name: name, verdict: .warn, finding: finding, advice: advice)
    }

    static func fail(_ name: String, _ finding: String, _ advice: String?) -> Check {
        Check(name: name, verdict: .fail, finding: finding, advice: advice)
    }

    /// A failure with the words of an error: its first line is what was found, the others what to do.
    static func fail(_ name: String, _ error: any Error) -> Check {
        let lines = Failure.describe(error).split(separator: "\n", maxSplits: 1)
        return fail(
            name, lines.first.map(String.init) ?? "failed", lines.count > 1 ? String(lines[1]) : nil)
    }
}

/// The checks of one visit, as text.
struct Examination: Sendable {
    var checks: [Check] = []
    /// Whether a database was to be reached and couldn't.
    var isUnreachable = false
    /// Whether a database answered.
    var isConnected = false

    /// What the command ends with; nil where nothing fails.
    var status: ExitStatus? {
        if isUnreachable { return .unreachable }
        return checks.contains { $0.verdict == .fail } ? .error : nil
    }

    func text(_ format: TableFormat, _ options: TableOptions, hasColour: Bool) -> String {
        guard format != .table else { return lines(hasColour: hasColour) }
        return Table(
            columns: ["check", "verdict", "finding", "advice"].map { Table.Column($0) },
            rows: checks.map {
                [
                    .text($0.name), .text($0.verdict.rawValue), .text($0.finding),
                    $0.advice.map { .text($0) } ?? .null,
                ]
            }
        ).text(format, options)
    }

    /// A line for each check, below it what to do. Nothing is cut: what to do is often at a line's end.
    private func lines(hasColour: Bool) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        let margin = String(repeating: " ", count: 6 + width + 2)
        var text = ""
        for check in checks {
            let verdict = check.verdict.rawValue.padded(to: 6)
            text += hasColour ? check.verdict.coloured(verdict) : verdict
            text += check.name.padded(to: width + 2) + indented(check.finding, margin) + "\n"
            if let advice = check.advice { text += "\(margin)→ \(indented(advice, margin + "  "))\n" }
        }
        return text
    }

    private func indented(_ text: String, _ margin: String) -> String {
        VisibleText.lines(text).split(separator: "\n").joined(separator: "\n" + margin)
    }
}

extension Check.Verdict {
    fileprivate func coloured(_ text: String) -> String {
        let colour =
            switch self {
            case .ok: "32"
            case .warn: "33"
            case .fail: "31"
            }
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
