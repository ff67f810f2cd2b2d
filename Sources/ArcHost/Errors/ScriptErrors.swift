public import ArcKit
public import LuaBridge
public import Postgres

// How the errors of each module show themselves to scripts: `pcall(arc.query, …)` gives a value with `message`,
// `code` and `advice`.

extension HostError: ScriptError {
    /// What happened.
    public var scriptMessage: String { message }
    /// The code's name.
    public var scriptCode: String { code.rawValue }
    /// How to go on.
    public var scriptAdvice: String? { advice }
}

extension EvaluationError: ScriptError {
    /// What happened.
    public var scriptMessage: String { message }
    /// The code's name.
    public var scriptCode: String { code.rawValue }
    /// How to go on.
    public var scriptAdvice: String? { advice }
}

extension DatabaseError: ScriptError {
    /// What happened.
    public var scriptMessage: String { message }
    /// The SQLSTATE where the server gave one, such as "23505"; else the kind of failure.
    public var scriptCode: String { sqlState ?? code.rawValue }
    /// How to go on.
    public var scriptAdvice: String? { server?.hint ?? advice }
}
