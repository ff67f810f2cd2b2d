import ArcHost
import ArcKit
import LuaBridge
import Postgres
import Synchronization

/// Evaluates inputs at the prompt and prints what they give.
final class Evaluator: Sendable {
    private struct Settings {
        var format: TableFormat
        var isTimed = false
    }

    private let workspace: Workspace
    private let machine: Machine
    private let settings: Mutex<Settings>

    init(_ workspace: Workspace, _ machine: Machine, format: TableFormat) {
        self.workspace = workspace
        self.machine = machine
        settings = Mutex(Settings(format: format))
    }

    /// Evaluates one input.
    ///
    /// - Returns: whether the prompt goes on.
    /// - Throws: what the input raised.
    func evaluate(_ text: String) async throws -> Bool {
        let checked = await machine.check(text, name: "=input")
        let start = ContinuousClock.now
        switch PromptInput(text, check: { _ in checked }) {
        case .nothing: return true
        case .command(let name, let words): return try await run(name, words)
        case .expression(let chunk), .statement(let chunk):
            let values = try await machine.run(chunk, name: "=input")
            try await show(values)
        case .sql(let sql):
            for statement in SQLText.split(sql) where !statement.isEmpty { try await run(statement.text) }
        case .wrong(let error): throw error
        // The terminal was closed in the middle of an input.
        case .incomplete: throw HostError(.input, "the input isn't whole")
        }
        if settings.withLock({ $0.isTimed }) {
            Output.note("Time: " + Figure.duration(milliseconds: start.duration(to: .now) / .milliseconds(1)))
        }
        return true
    }

    private static var tableOptions: TableOptions {
        var options = Output.tableOptions
        options.rest = "Everything: \\format csv."
        return options
    }

    private var format: TableFormat { settings.withLock { $0.format } }

    /// Prints what a chunk returned; the first value is `_` from now on.
    private func show(_ values: [LuaValue]) async throws {
        guard let first = values.first else { return }
        try await machine.setGlobal("_", first)
        for value in values {
            if value == .nil {
                Output.write("nil\n")
            } else if let text = try Presentation.text(value, format, Self.tableOptions) {
                Output.write(text)
            }
        }
    }

    // MARK: - SQL

    private func run(_ sql: String) async throws {
        if let refusal = TransactionControl.refusal(of: sql) { throw refusal }
        let named = try NamedParameters(sql)
        var values: [Value] = []
        for name in named.names { values.append(try await LuaParameter(name, machine).value()) }
        let parameters = values
        let store = try await workspace.host.store()
        let result = try await store.session { try await $0.connection.columns(named.sql, parameters) }
        SQLScript.show(result, format, Self.tableOptions)
        if !result.columns.isEmpty { try await machine.setGlobal("_", .object(Frame(result))) }
    }

    // MARK: - Backslash commands

    private func run(_ name: String, _ words: [String]) async throws -> Bool {
        guard let command = MetaCommand(rawValue: name) else {
            throw HostError(.argument, "there is no \\\(name)", advice: "\\? lists what there is.")
        }
        switch command {
        case .quit: return false
        case .help: Output.write(MetaCommand.helpText)
        case .tables: try await describe(nil)
        case .describe: try await describe(words.first)
        case .expanded: toggleExpanded()
        case .timing:
            let isTimed = settings.withLock {
                $0.isTimed.toggle()
                return $0.isTimed
            }
            Output.note("Timing is \(isTimed ? "on" : "off").")
        case .format: try setFormat(words.first)
        case .reload: try await reload(words.first)
        }
        return true
    }

    private func reload(_ plugin: String?) async throws {
        let host = workspace.host
        let (changes, problems) = try await host.plugins.reload(plugin, on: host)
        for change in changes { Output.note(change.sentence) }
        if changes.isEmpty { Output.note("No plugin is loaded; each is read anew when it is needed.") }
        if plugin == nil { for problem in problems { Output.note("\(problem)") } }
    }

    private func toggleExpanded() {
        let format = settings.withLock {
            $0.format = $0.format == .expanded ? .table : .expanded
            return $0.format
        }
        Output.note("Rows are shown \(format == .expanded ? "one value a line" : "as a table").")
    }

    private func setFormat(_ name: String?) throws {
        let all = TableFormat.allCases.map(\.rawValue).joined(separator: ", ")
        guard let name else {
            Output.note("The format is \(format.rawValue); there are \(all).")
            return
        }
        guard let format = TableFormat(rawValue: name) else {
            throw HostError(.argument, "there is no format \"\(name)\"", advice: "There are \(all).")
        }
        settings.withLock { $0.format = format }
    }

    private func describe(_ table: String?) async throws {
        let store = try await workspace.host.store()
        let catalogue = try await store.read { session in
            if let table { return try await CatalogueQuery.columns(of: table, on: session.connection) }
            return try await CatalogueQuery.tables(on: session.connection)
        }
        Output.write(Frame(catalogue).text(.table, Self.tableOptions))
    }
}
