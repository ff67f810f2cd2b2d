import ArcHost

/// One way to go on with what is typed.
struct Completion: Sendable, Equatable {
    /// The end of the text before the cursor that this completes, such as `arc.ma`; perhaps empty.
    let fragment: String
    /// What stands in its place if this is chosen, such as `arc.map(`. It usually begins with ``fragment``.
    let replacement: String
    /// How it is listed.
    let label: String

    init(_ fragment: String, _ replacement: String, label: String? = nil) {
        self.fragment = fragment
        self.replacement = replacement
        self.label = label ?? replacement
    }
}

/// The candidates below the input, in columns.
struct CandidateList {
    /// More than this many aren't listed, and counted instead.
    static let limit = 200

    /// The candidates in as many columns as fit, read downward; each line ends in a newline.
    static func text(_ labels: [String], width: Int) -> String {
        let shown = labels.prefix(limit).map { VisibleText.line($0) }
        guard let widest = shown.map({ DisplayWidth.of($0) }).max() else { return "" }
        let columns = max(1, (width - 1) / (widest + 2))
        let rows = (shown.count + columns - 1) / columns
        var text = ""
        for row in 0..<rows {
            var line = ""
            for index in stride(from: row, to: shown.count, by: rows) {
                let isLast = index + rows >= shown.count
                let padding = isLast ? 0 : widest + 2 - DisplayWidth.of(shown[index])
                line += shown[index] + String(repeating: " ", count: padding)
            }
            text += DisplayWidth.prefix(of: line, columns: max(1, width - 1)) + "\n"
        }
        if labels.count > limit {
            text += "… and \(Figure.count(labels.count - limit)) more: type another letter\n"
        }
        return text
    }
}
