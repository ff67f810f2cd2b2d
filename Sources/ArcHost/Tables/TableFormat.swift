/// The forms in which arc prints tabular data (`--format`).
public enum TableFormat: String, Sendable, CaseIterable {
    /// Aligned columns under a ruled heading, for people.
    case table
    /// One line for each value, for rows too wide for a screen (`\x` at the prompt).
    case expanded
    /// One array of objects.
    case json
    /// One object a line.
    case jsonl
    /// RFC 4180, with lines that end in LF as psql's do. NULL is an empty cell, an empty text is `""`.
    case csv
    /// A table of GitHub's Markdown.
    case markdown
}

/// How a table is laid out. The defaults are those for a file or a pipe: nothing is cut.
public struct TableOptions: Sendable {
    /// A part of a layout that a terminal may colour.
    public enum Part: Sendable {
        /// The names of the columns.
        case heading
        /// Rules between things.
        case rule
        /// What stands for NULL.
        case null
        /// The line below a table that counts its rows.
        case note
    }

    /// The columns to fit into. With nil nothing is ever cut; with a width, `table` and `expanded` cut and say so.
    public var width: Int?
    /// The rows that `table` and `expanded` show at most. With nil, all of them.
    public var rowLimit: Int?
    /// Whether a line below a table counts its rows; where something was cut, it is there in any case.
    public var countsRows = true
    /// How the reader gets what was cut; it ends the note that says so.
    public var rest = "Everything: --format csv."
    /// Whether a terminal shows the text: then control characters in CSV are made visible. The other formats
    /// never hold any.
    public var terminal = false
    /// Whether CSV gets an apostrophe before texts that a spreadsheet would take for a formula. For reports that
    /// people open; off for data, since it changes it.
    public var guardsFormulas = false
    /// Adds colour to a part. It may add only what takes no column.
    public var paint: @Sendable (Part, String) -> String = { _, text in text }

    /// The defaults.
    public init() {}

    /// The same for what people open in a spreadsheet: CSV begins no formula, and nothing in it is invisible.
    public var guarded: TableOptions {
        var options = self
        (options.guardsFormulas, options.terminal) = (true, true)
        return options
    }
}

extension Table {
    /// The table in a format, ending in a newline unless it is empty.
    public func text(_ format: TableFormat, _ options: TableOptions = TableOptions()) -> String {
        var text = ""
        write(format, options, to: &text)
        return text
    }

    /// Writes the table in a format, row by row.
    public func write(
        _ format: TableFormat, _ options: TableOptions = TableOptions(),
        to output: inout some TextOutputStream
    ) {
        if let writer = RowWriter(format, options) { return writeData(writer, to: &output) }
        switch format {
        case .expanded: ExpandedLayout(self, options).write(to: &output)
        case .markdown: writeMarkdown(to: &output)
        case .table, .json, .jsonl, .csv: AlignedLayout(self, options).write(to: &output)
        }
    }
}
