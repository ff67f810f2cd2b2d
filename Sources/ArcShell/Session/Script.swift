import ArcHost
import LuaBridge
import Postgres

/// Runs Lua for a command, and prints what it returns.
struct Script: Sendable {
    let workspace: Workspace
    let name: String
    let arguments: [String]

    init(_ workspace: Workspace, name: String, arguments: [String] = []) {
        self.workspace = workspace
        self.name = name
        self.arguments = arguments
    }

    /// Runs a whole script.
    func run(_ source: String, format: TableFormat) async throws {
        // The chunk's name says with its first letter what it is; the script's own doesn't.
        let machine = try workspace.host.makeScriptMachine(
            name: String(name.drop { $0 == "@" || $0 == "=" }), arguments: arguments, folder: folder)
        let returned = try await machine.run(source, name: name, arguments: arguments.map(LuaValue.string))
        try Self.show(returned, format)
    }

    /// The folder of the script's file; where it isn't one, the current folder.
    private var folder: String {
        guard name.hasPrefix("@"), let slash = name.lastIndex(of: "/") else { return "." }
        let folder = name[..<slash].dropFirst()
        return folder.isEmpty ? "/" : String(folder)
    }

    /// Whether a text is SQL rather than Lua, as the prompt would take it.
    func isSQL(_ text: String) async throws -> Bool {
        guard SQLText.startsLikeSQL(text) else { return false }
        if case .complete = await (try workspace.host.makeScriptMachine()).check(text, name: name) {
            return SQLText.isUnmistakable(text)
        }
        return true
    }

    /// Runs lines in order, in one machine: each as an expression where it is one, else as statements.
    func evaluate(_ lines: [String], format: TableFormat) async throws {
        let machine = try workspace.host.makeScriptMachine()
        for line in lines {
            let isExpression: Bool
            if case .complete(true) = await machine.check(line, name: name) {
                isExpression = true
            } else {
                isExpression = false
            }
            let chunk = isExpression ? "return " + line : line
            try Self.show(try await machine.run(chunk, name: name), format)
        }
    }

    /// Prints each value that a chunk returned.
    static func show(_ values: [LuaValue], _ format: TableFormat) throws {
        for value in values {
            if let text = try Presentation.text(value, format, Output.tableOptions) { Output.write(text) }
        }
    }
}
