public import LuaBridge
public import Postgres

/// A `:name` or `:name.field` of SQL at the prompt: a Lua value, found from the globals.
public struct LuaParameter: Sendable {
    private let path: [String]
    private let machine: Machine

    /// The parameter of that path in that machine.
    public init(_ path: String, _ machine: Machine) {
        self.path = path.split(separator: ".").map(String.init)
        self.machine = machine
    }

    /// Its value for the database.
    ///
    /// - Throws: `HostError` where there is no such value, or none that a database can hold.
    public func value() async throws -> Value {
        let name = path.joined(separator: ".")
        // Lua itself reads the fields: a handle's are as good as a table's.
        let chunk =
            "local at = ...\n" + path.dropFirst().map { "at = at[\"\($0)\"]\n" }.joined() + "return at"
        let root = await machine.global(path.first ?? "")
        guard root != .nil else {
            throw HostError(
                .argument, "there is no Lua value for :\(name)",
                advice: "Set it first: \(path.first ?? name) = …")
        }
        let found = try await machine.run(chunk, name: "=:\(name)", arguments: [root]).first ?? .nil
        return try Value(found, function: "SQL", parameter: ":\(name)")
    }
}
