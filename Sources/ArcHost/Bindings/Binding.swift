import LuaBridge

/// One function of the `arc` library, declared once. The registration, the check of its arguments, `help()`,
/// completion, the check of capabilities, `arc.d.lua` and `docs/reference.md` all come from this.
struct Binding: Sendable {
    /// What a function does beyond computing; a plugin needs the grant for it.
    enum Effect: String, Sendable, CaseIterable, Comparable {
        case databaseRead = "db.read"
        case databaseWrite = "db.write"
        case fileRead = "fs.read"
        case fileWrite = "fs.write"
        case environment = "env"

        static func < (one: Effect, other: Effect) -> Bool { one.rawValue < other.rawValue }
    }

    enum Body: Sendable {
        /// Answers at once.
        case immediate(@Sendable (Arguments) throws -> [LuaValue])
        /// May wait: its coroutine is suspended meanwhile.
        case waiting(@Sendable (Arguments) async throws -> [LuaValue])
        /// Written in Lua, in a prelude; declared here for everything else.
        case lua

        /// Checks what it is called with, and nothing else: the rest is written in Lua, in a prelude, which calls this first.
        static let checked = Body.immediate { _ in [] }
    }

    /// Where scripts find it: "arc.query"; of a method, its type and name: "Frame:head".
    let path: String
    /// What it does, in one or two sentences.
    let summary: String
    let parameters: [Parameter]
    /// What it returns; nil for nothing.
    let result: Returned?
    /// What its second result says, a text; nil of a function that has none.
    let remark: Remark?
    let effects: Set<Effect>
    /// An example that runs as it stands on a database with the example results.
    let example: String
    let body: Body
    /// Other parameters that it takes as well, for editors.
    var overloads: [[Parameter]] = []

    /// What a function returns.
    struct Returned: Sendable {
        let type: ParameterType
        let summary: String
    }

    /// A text that a function returns after its result, so that a bare value needn't leave it open why it is what it is.
    enum Remark: Sendable {
        /// Why the result is nil; nil where it isn't.
        case reason
        /// What a reader should know of a result that is always there, or nil.
        case note(String)
    }

    init(
        _ path: String, _ summary: String, _ parameters: [Parameter] = [],
        returns: (ParameterType, String)? = nil, remark: Remark? = nil, effects: Set<Effect> = [],
        example: String,
        overloads: [[Parameter]] = [], _ body: Body
    ) {
        self.path = path
        self.summary = summary
        self.parameters = parameters
        self.result = returns.map { Returned(type: $0.0, summary: $0.1) }
        self.remark = remark
        self.effects = effects
        self.example = example
        self.overloads = overloads
        self.body = body
    }

    /// The last part of the path: "query".
    var name: String { path.split { $0 == "." || $0 == ":" }.last.map(String.init) ?? path }

    /// The type whose method it is; nil for functions. The receiver isn't among the parameters.
    var receiver: String? { path.firstIndex(of: ":").map { String(path[..<$0]) } }

    /// Whether it is also a method of a simulation's handle: its first parameter is a simulation.
    var isSimulationMethod: Bool {
        guard case .simulation = parameters.first?.type else { return false }
        return true
    }

    /// What it returns, with what stands where it can be nil.
    var resultAnnotation: String? {
        guard let result else { return nil }
        guard case .reason = remark else { return result.type.annotation }
        return result.type.annotation + "?"
    }

    /// What its second result is, in a sentence's end.
    var remarkSummary: String? {
        switch remark {
        case .reason: "where that is nil, a text that says why"
        case .note(let summary): summary
        case nil: nil
        }
    }

    /// `arc.query(sql, parameters?)`.
    var signature: String {
        path + "("
            + parameters.map { $0.isRequired || $0.isRest ? $0.name : $0.name + "?" }.joined(separator: ", ")
            + ")"
    }
}
