import LuaBridge
import Postgres

extension TypeBinding.Operator {
    /// `value .. value`, for the types whose `tostring` says all that there is to say.
    ///
    /// - Parameter name: what the type's values are called in the usage: "time".
    static func concatenation(_ name: String) -> TypeBinding.Operator {
        TypeBinding.Operator(
            "\(name) .. text, text .. \(name)", "one after the other, as tostring writes them",
            annotations: ["concat(any): string"],
            .immediate("__concat") { call in
                guard let one = bytes(call[0]), let other = bytes(call[1]) else {
                    throw HostError(
                        .argument, "\(call[0].typeName) and \(call[1].typeName) can't be put together",
                        advice: "Make texts of them: tostring(value).")
                }
                let both = one + other
                return [String(validating: both, as: UTF8.self).map(LuaValue.string) ?? .bytes(both)]
            })
    }

    private static func bytes(_ value: LuaValue) -> [UInt8]? {
        switch value {
        case .string(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .integer(let number): Array("\(number)".utf8)
        case .number(let number): Array(Figure.lua(number).utf8)
        case .handle(let handle): text(handle.object).map { Array($0.utf8) }
        default: nil
        }
    }

    private static func text(_ object: any HostObject) -> String? {
        switch object {
        case let time as TimeObject: time.text
        case let duration as DurationObject: duration.text
        case let decimal as DecimalObject: decimal.text
        case let uuid as UUIDObject: uuid.id.description
        case let other as DatabaseObject: other.value.description
        default: nil
        }
    }
}
