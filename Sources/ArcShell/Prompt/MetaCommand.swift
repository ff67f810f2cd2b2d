/// The commands that begin with a backslash.
enum MetaCommand: String, CaseIterable {
    case help = "?"
    case quit = "q"
    case describe = "d"
    case tables = "dt"
    case expanded = "x"
    case timing
    case format
    case reload

    /// The names without the backslash.
    static var names: [String] { allCases.map(\.rawValue) }

    private var summary: (arguments: String, text: String) {
        switch self {
        case .help: ("", "show this")
        case .quit: ("", "quit; so does Ctrl-D")
        case .describe: ("[TABLE]", "list the tables, or describe one")
        case .tables: ("", "list the tables")
        case .expanded: ("", "show rows as one line for each value, or as a table again")
        case .timing: ("", "show how long each input takes, or stop")
        case .reload:
            ("[PLUGIN]", "load plugins anew; one that doesn't work stays as it was")
        case .format: ("[FORMAT]", "print data as table, expanded, json, jsonl, csv or markdown")
        }
    }

    /// What `\?` prints.
    static var helpText: String {
        let rows = allCases.map { command -> (String, String) in
            let (arguments, text) = command.summary
            return ("\\\(command.rawValue) \(arguments)", text)
        }
        let width = rows.map(\.0.count).max() ?? 0
        let list = rows.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count))  \($0.1)" }
        return """
            Type Lua (help() lists the library), or SQL that ends with a semicolon.
            In SQL, :name and :sim.id are Lua values. The result of either is _.

            \(list.joined(separator: "\n"))

            Ctrl-C ends what runs; Ctrl-R searches the history; TAB completes; Alt-Enter
            begins another line.

            """
    }
}
