import ArcKit
import LuaBridge

/// One type of handles, declared once, as `Binding` is for functions: what scripts can do with a frame, a time, a
/// simulation. Its methods are bindings whose paths have a colon: "Frame:head".
struct TypeBinding: Sendable {
    /// What a metamethod does, in the terms of a script.
    struct Operator: Sendable {
        /// As a script writes it: "time - time".
        let usage: String
        /// What comes out.
        let summary: String
        /// The operator for lua-language-server, once for each right operand: "sub(arc.Time): arc.Duration".
        let annotations: [String]
        let function: HostFunction

        init(_ usage: String, _ summary: String, annotations: [String] = [], _ function: HostFunction) {
            self.usage = usage
            self.summary = summary
            self.annotations = annotations
            self.function = function
        }
    }

    /// The name that errors and `help` use: `typeName` of its objects.
    let name: String
    /// What it is, in one or two sentences.
    let summary: String
    /// What a script reads with a dot, where that is known beforehand.
    let fields: [Parameter]
    let methods: [Binding]
    let operators: [Operator]
    /// An example that runs as it stands on a database with the example results.
    let example: String
    /// Whether it is written in Lua, in a prelude, and declared here for everything else.
    var isLua: Bool
    /// `value[key]` where no method has that name.
    var index: HostType.Metamethod?
    /// `#value`
    var length: HostType.Metamethod?
    /// `tostring(value)`
    var tostring: HostType.Metamethod?
    /// `a == b` for two different objects.
    var equals: HostType.Metamethod?
    /// Metamethods that nobody has to be told of: `__index` and `__eq` as direct functions, where they are called very often.
    var metamethods: [HostFunction]

    init(
        _ name: String, _ summary: String, fields: [Parameter] = [], methods: [Binding] = [],
        operators: [Operator] = [], example: String, isLua: Bool = false, index: HostType.Metamethod? = nil,
        length: HostType.Metamethod? = nil, tostring: HostType.Metamethod? = nil,
        equals: HostType.Metamethod? = nil, metamethods: [HostFunction] = []
    ) {
        self.name = name
        self.summary = summary
        self.fields = fields
        self.methods = methods
        self.operators = operators
        self.example = example
        self.isLua = isLua
        self.index = index
        self.length = length
        self.tostring = tostring
        self.equals = equals
        self.metamethods = metamethods
    }

    /// The type as a machine takes it.
    ///
    /// - Parameter function: the host function of a binding; nil where it is written in Lua, in a prelude.
    func hostType(_ function: (Binding) -> HostFunction?) -> HostType {
        HostType(
            name,
            methods: methods.compactMap { binding in
                function(binding).map { HostFunction(binding.name, $0.body, forms: $0.forms) }
            },
            index: index, length: length, tostring: tostring, equals: equals,
            metamethods: operators.map(\.function) + metamethods)
    }

    /// The error for a field that the type doesn't have.
    func unknownField(_ key: String) -> HostError { Self.unknownField(key, of: name, names: memberNames) }

    /// The names of fields and methods.
    var memberNames: [String] { fields.map(\.name) + methods.map(\.name) }

    /// The error for a field that a type doesn't have.
    static func unknownField(_ key: String, of type: String, names: [String]) -> HostError {
        let article = "AEIO".contains(type.prefix(1)) ? "an" : "a"
        let near = NearestName.of(key, among: names)
        return HostError(
            .argument, "\(article) \(type) has no field \"\(key)\"",
            advice: near.map { "Did you mean \"\($0)\"?" } ?? "It has: \(names.joined(separator: ", ")).")
    }
}
