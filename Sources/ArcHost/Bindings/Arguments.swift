import ArcKit
import LuaBridge

/// The arguments of a call, checked against the declaration of its binding.
struct Arguments: Sendable {
    /// The function's name as the script wrote it, for messages.
    let function: String
    /// The machine that called.
    let machine: Machine
    /// The arguments that `...` took.
    let rest: [LuaValue]
    private let values: [String: LuaValue]

    /// Checks `call` against the binding's parameters.
    ///
    /// - Throws: `HostError` with code `argument`, which names the function and the parameter or field, what was
    ///   expected and what came.
    init(_ call: HostCall, for binding: Binding) throws {
        function = binding.path
        machine = call.machine
        let hasRest = binding.parameters.last?.isRest == true
        rest = hasRest ? Array(call.arguments.dropFirst(binding.parameters.count - 1)) : []
        if !hasRest, call.arguments.count > binding.parameters.count, let extra = call.arguments.last,
            extra != .nil
        {
            throw HostError(
                .argument,
                "\(binding.path) takes \(Self.count(binding.parameters.count)), got \(call.arguments.count)",
                advice: "It is \(binding.signature).")
        }
        var values: [String: LuaValue] = [:]
        for (index, parameter) in binding.parameters.enumerated() where !parameter.isRest {
            let value = index < call.arguments.count ? call.arguments[index] : .nil
            try ArgumentCheck(function: binding.path).check(value, against: parameter, place: parameter.name)
            values[parameter.name] = value
        }
        self.values = values
    }

    private init(function: String, machine: Machine, values: [String: LuaValue]) {
        self.function = function
        self.machine = machine
        self.rest = []
        self.values = values
    }

    private static func count(_ number: Int) -> String {
        number == 1 ? "1 argument" : "\(number) arguments"
    }

    /// The value of that parameter; nil where it wasn't given (or is `arc.null`).
    subscript(_ name: String) -> LuaValue? {
        guard let value = values[name], value != .nil, value != .null else { return nil }
        return value
    }

    /// The fields of a record parameter, as arguments of their own; empty where it wasn't given.
    func fields(_ name: String) -> Arguments {
        Arguments(function: function, machine: machine, values: self[name]?.table?.stringFields ?? [:])
    }

    func string(_ name: String) -> String? { self[name]?.stringValue }
    func integer(_ name: String) -> Int64? { self[name]?.integerValue }
    func number(_ name: String) -> Double? { self[name]?.numberValue }
    func boolean(_ name: String) -> Bool? { self[name]?.boolValue }
    func function(_ name: String) -> LuaFunction? { self[name]?.function }
    func list(_ name: String) -> [LuaValue]? { self[name]?.table?.array }

    /// The object behind a handle.
    func object<Object: HostObject>(_ name: String, as type: Object.Type = Object.self) -> Object? {
        self[name]?.handle?.object as? Object
    }

    /// Seconds: a number, or a text such as "24h".
    func seconds(_ name: String) throws -> Double? {
        guard let value = self[name] else { return nil }
        if let number = value.numberValue { return number }
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

extension LuaTable {
    /// The fields whose keys are texts.
    var stringFields: [String: LuaValue] {
        var result: [String: LuaValue] = [:]
        for field in fields { if let name = field.name { result[name] = field.value } }
        return result
    }
}
