public import ArcKit
public import LuaBridge
public import Postgres

// How the errors of each module show themselves to scripts: `pcall(arc.query, …)` gives a value with `message`,
// `code` and `advice`.

extension HostError: ScriptError {
    public var scriptMessage: String { message }
    public var scriptCode: String { code.rawValue }
    public var scriptAdvice: String? { advice }
}

extension EvaluationError: ScriptError {
    public var scriptMessage: String { message }
    public var scriptCode: String { code.rawValue }
    public var scriptAdvice: String? { advice }
}

extension DatabaseError: ScriptError {
    public var scriptMessage: String { message }
    /// The SQLSTATE where the server gave one, such as "23505"; else the kind of failure.
    public var scriptCode: String { sqlState ?? code.rawValue }
    public var scriptAdvice: String? { server?.hint ?? advice }
}
