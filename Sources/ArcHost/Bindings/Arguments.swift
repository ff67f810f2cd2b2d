import ArcKit
import LuaBridge
import Postgres

/// The arguments of a call, checked against the declaration of its binding.
struct Arguments: Sendable {
    /// The function's name as the script wrote it, for messages.
    let function: String
    private let call: HostCall
    /// The arguments that `...` took.
    let rest: [LuaValue]
    /// What a method was called on; nil of functions.
    let receiver: LuaValue
    private let names: [String]
    private let values: [LuaValue]

    /// The machine that called. Throws where it is closed.
    var machine: Machine { get throws(LuaError) { try call.machine } }

    /// Checks `call` against the binding's parameters.
    ///
    /// - Throws: `HostError` with code `argument`, which names the function and the parameter or field, what was
    ///   expected and what came.
    init(_ call: HostCall, for binding: Binding) throws {
        function = binding.path
        self.call = call
        let parameters = binding.parameters
        var given = call.arguments[...]
        receiver =
            try binding.receiver.map { try Self.receiver(given.popFirst() ?? .nil, $0, binding) } ?? .nil
        let hasRest = parameters.last?.isRest == true
        rest = hasRest ? Array(given.dropFirst(parameters.count - 1)) : []
        if !hasRest, given.count > parameters.count, let extra = given.last, extra != .nil {
            throw HostError(
                .argument, "\(binding.path) takes \(Self.count(parameters.count)), got \(given.count)",
                advice: "It is \(binding.signature).")
        }
        var values: [LuaValue] = []
        values.reserveCapacity(parameters.count)
        for parameter in parameters where !parameter.isRest {
            let value = given.popFirst() ?? .nil
            try ArgumentCheck(function: binding.path).check(value, against: parameter, place: parameter.name)
            values.append(value)
        }
        names = parameters.map(\.name)
        self.values = values
    }

    /// The arguments of a method, as those of the function that takes what it is called on as its first parameter.
    func takingReceiver(as name: String, of function: String) -> Arguments {
        Arguments(
            function: function, call: call, rest: rest, names: [name] + names,
            values: [receiver] + values)
    }

    private init(
        function: String, call: HostCall, rest: [LuaValue], names: [String], values: [LuaValue]
    ) {
        self.function = function
        self.call = call
        self.rest = rest
        self.names = names
        self.values = values
        receiver = .nil
    }

    private init(function: String, call: HostCall, record: LuaTable?) {
        self.function = function
        self.call = call
        rest = []
        receiver = .nil
        let named = record?.fields.filter { $0.name != nil } ?? []
        names = named.map { $0.name ?? "" }
        values = named.map(\.value)
    }

    /// What the method was called on, which is of the type that the binding names.
    private static func receiver(_ value: LuaValue, _ type: String, _ binding: Binding) throws -> LuaValue {
        if let handle = value.handle, Swift.type(of: handle.object).typeName == type { return value }
        throw HostError(
            .argument, "\(binding.path) must be called on a \(type), got \(ArgumentCheck.display(value))",
            advice: "Call it with a colon: value:\(binding.name)(…).")
    }

    private static func count(_ number: Int) -> String {
        number == 1 ? "1 argument" : "\(number) arguments"
    }

    /// The value of that parameter; nil where it wasn't given (or is `arc.null`).
    subscript(_ name: String) -> LuaValue? {
        guard let index = names.lastIndex(of: name), index < values.count else { return nil }
        return values[index].isAbsent ? nil : values[index]
    }

    /// The fields of a record parameter, as arguments of their own; empty where it wasn't given.
    func fields(_ name: String) -> Arguments {
        Arguments(function: function, call: call, record: self[name]?.table)
    }

    func string(_ name: String) -> String? { self[name]?.stringValue }
    func integer(_ name: String) -> Int64? { self[name]?.integerValue }
    func number(_ name: String) -> Double? { self[name]?.numberValue }
    func boolean(_ name: String) -> Bool? { self[name]?.boolValue }
    func function(_ name: String) -> LuaFunction? { self[name]?.function }
    func list(_ name: String) -> [LuaValue]? { self[name]?.table?.array }

    /// The numbers of a parameter of type `numbers`; nil where one isn't known, or the parameter wasn't given.
    func numberList(_ name: String) -> [Double?]? { self[name].map(\.numbers) }

    /// The object that the method was called on.
    func receiver<Object: HostObject>(as type: Object.Type = Object.self) throws -> Object {
        if let object = receiver.object(as: type) { return object }
        throw HostError(.argument, "\(function) must be called on a \(Object.typeName)")
    }

    /// The object behind a handle.
    func object<Object: HostObject>(_ name: String, as type: Object.Type = Object.self) -> Object? {
        self[name]?.handle?.object as? Object
    }

    /// Seconds: a number, a duration, or a text such as "24h".
    func seconds(_ name: String) throws -> Double? {
        guard let value = self[name] else { return nil }
        if let number = value.numberValue { return number }
        if let duration = value.object(as: DurationObject.self) {
            return try DurationText.seconds(duration.text, function: function, parameter: name)
        }
        return try DurationText.seconds(value.stringValue ?? "", function: function, parameter: name)
    }

    /// A required text; the check has seen that it is there.
    func text(_ name: String) -> String { string(name) ?? "" }

    /// An error about one of these arguments.
    func wrong(_ name: String, _ expected: String, advice: String? = nil) -> HostError {
        let got = self[name].map(ArgumentCheck.display) ?? "nothing"
        return HostError(.argument, "\(function): \(name) must be \(expected), got \(got)", advice: advice)
    }
}

extension LuaValue {
    /// The numbers of a list or of a frame's column that is as `ParameterType.numbers` wants it.
    var numbers: [Double?] {
        if let column = object(as: Column.self) { return (0..<column.count).map(column.number) }
        return (table?.array ?? []).map {
            $0.numberValue ?? $0.object(as: DecimalObject.self)?.number.doubleValue
        }
    }
}

extension LuaTable {
    /// The fields whose keys are texts.
    var stringFields: [String: LuaValue] {
        var result: [String: LuaValue] = [:]
        for field in fields { if let name = field.name { result[name] = field.value } }
        return result
    }
}
