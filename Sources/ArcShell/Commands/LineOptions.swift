import ArgumentParser

/// Pieces of Lua or SQL given on the command line.
struct LineOptions: ParsableArguments {
    @Option(
        name: .customShort("e"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Run a piece of Lua; several run in order, in one machine.", valueName: "lua"))
    var lua: [String] = []

    @Option(
        name: .customShort("c"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Run SQL; several run in order.", valueName: "sql"))
    var sql: [String] = []

    /// Whether there is one.
    var isGiven: Bool { !lua.isEmpty || !sql.isEmpty }

    func validate() throws {
        if !lua.isEmpty, !sql.isEmpty { throw ValidationError("give -e or -c, not both") }
    }

    /// Runs them one after the other; the first that fails ends it.
    func run(_ workspace: Workspace, _ output: OutputOptions) async throws {
        try await workspace.run {
            try await Script(workspace, name: "=(command line)").evaluate(lua, format: output.format)
            for sql in sql { try await SQLScript(workspace).run(sql, format: output.format) }
        }
    }
}
