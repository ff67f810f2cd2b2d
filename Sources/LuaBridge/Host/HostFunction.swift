/// One call of a host function by a script.
public struct HostCall: Sendable {
    /// The arguments as they were given.
    public let arguments: [LuaValue]
    private let operation: HostOperation

    init(_ operation: HostOperation, _ arguments: [LuaValue]) {
        self.operation = operation
        self.arguments = arguments
    }

    /// The function's name as errors show it.
    public var name: String { operation.function.name }

    var core: MachineCore { operation.core }

    /// The machine that calls. Throws where it is closed.
    public var machine: Machine {
        get throws(LuaError) {
            guard let machine = core.machine else { throw LuaError(.closed, "the Lua machine is closed") }
            return machine
        }
    }

    /// The argument at an index from 0, nil where there are fewer.
    public subscript(_ index: Int) -> LuaValue {
        index >= 0 && index < arguments.count ? arguments[index] : .nil
    }

    /// The object behind an argument, counted from 0. Throws an error that names the function and what it got.
    public func object<Object: HostObject>(_ index: Int, as type: Object.Type) throws(LuaError) -> Object {
        if let object = self[index].object(as: type) { return object }
        throw LuaError(
            .argument,
            "\(name): argument \(index + 1) must be a \(Object.typeName), got \(self[index].typeName)",
            advice: index == 0 ? "call methods with a colon, as in value:method()" : nil)
    }

    /// Lets go of an object: whoever uses its handles from now on gets an error with this description.
    public func close(_ object: any HostObject, as description: String) {
        core.close(object, as: description)
    }
}

/// A Swift function that scripts can call.
public struct HostFunction: Sendable {
    /// What runs.
    public enum Body: Sendable {
        /// Runs while Lua waits, on the machine's own thread: for what takes microseconds. It can't call Lua.
        case immediate(@Sendable (HostCall) throws -> [LuaValue])
        /// As `immediate`, and as fast as a C function nearly: nothing is made of arguments that aren't asked for.
        case direct(@Sendable (borrowing DirectCall) throws -> Void)
        /// Suspends the script's task, runs outside the machine, and resumes the task with what it returns. What it does
        /// before it first waits it does on the machine's own thread.
        case waiting(@Sendable (HostCall) async throws -> [LuaValue])
    }

    /// A dotted path for a function (`arc.query`), a plain name for a method. A path that begins with `host.` is
    /// seen by preludes alone.
    public var name: String
    /// What runs.
    public var body: Body
    /// How the arguments come, from the first; those beyond its end come as values.
    public var forms: [ArgumentForm?]

    /// A function by its name and body.
    public init(_ name: String, _ body: Body, forms: [ArgumentForm?] = []) {
        self.name = name
        self.body = body
        self.forms = forms
    }

    /// A function that runs while Lua waits.
    public static func immediate(
        _ name: String, _ body: @escaping @Sendable (HostCall) throws -> [LuaValue]
    ) -> HostFunction {
        HostFunction(name, .immediate(body))
    }

    /// A function that runs while Lua waits, for what is called very often.
    public static func direct(
        _ name: String, _ body: @escaping @Sendable (borrowing DirectCall) throws -> Void
    ) -> HostFunction {
        HostFunction(name, .direct(body))
    }

    /// A function that suspends the task.
    public static func waiting(
        _ name: String, _ body: @escaping @Sendable (HostCall) async throws -> [LuaValue]
    ) -> HostFunction {
        HostFunction(name, .waiting(body))
    }
}

/// What scripts can do with the objects of one type. Each function gets the handle as its first argument.
public struct HostType: Sendable {
    /// The immediate function of a metamethod.
    public typealias Metamethod = @Sendable (HostCall) throws -> [LuaValue]

    /// The type's name: ``HostObject/typeName`` of its objects.
    public var name: String
    /// Methods by plain name. One named `close` also runs at the end of a `<close>` variable.
    public var methods: [HostFunction]
    /// `object[key]` where no method has that name; gets handle and key.
    public var index: Metamethod?
    /// `#object`
    public var length: Metamethod?
    /// `tostring(object)`
    public var tostring: Metamethod?
    /// `a == b` for two different objects.
    public var equals: Metamethod?
    /// `object(…)`; may wait.
    public var call: HostFunction.Body?
    /// Others by Lua's name: `__add`, `__lt`, `__concat`, `__pairs`, `__newindex`…
    public var metamethods: [HostFunction]

    /// A type with these abilities.
    public init(
        _ name: String, methods: [HostFunction] = [], index: Metamethod? = nil, length: Metamethod? = nil,
        tostring: Metamethod? = nil, equals: Metamethod? = nil, call: HostFunction.Body? = nil,
        metamethods: [HostFunction] = []
    ) {
        self.name = name
        self.methods = methods
        self.index = index
        self.length = length
        self.tostring = tostring
        self.equals = equals
        self.call = call
        self.metamethods = metamethods
    }

    var allMetamethods: [HostFunction] {
        var all = metamethods
        let named = [("__index", index), ("__len", length), ("__tostring", tostring), ("__eq", equals)]
        for case (let name, let body?) in named { all.append(HostFunction(name, .immediate(body))) }
        if let call { all.append(HostFunction("__call", call)) }
        return all
    }
}
