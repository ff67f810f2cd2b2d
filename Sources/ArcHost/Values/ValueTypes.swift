import LuaBridge
import Postgres

/// What scripts can do with times, decimals and other values of the database.
enum ValueTypes {
    static let types: [HostType] = [time, decimal, value]

    private static let time = HostType(
        TimeObject.typeName,
        index: { call in
            let timestamp = try call.object(0, as: TimeObject.self).timestamp
            switch call[1].stringValue {
            case "unix": return [.optional(timestamp.unixSeconds)]
            case "iso": return [.string(timestamp.description)]
            default:
                throw HostError(
                    .argument, "a time has no field \(ArgumentCheck.display(call[1]))",
                    advice: "It has unix (seconds) and iso (text).")
            }
        },
        tostring: { call in [.string(try call.object(0, as: TimeObject.self).timestamp.description)] },
        equals: { call in
            [.boolean(try times(call).0 == times(call).1)]
        },
        metamethods: [
            .immediate("__lt") { call in [.boolean(try times(call).0 < times(call).1)] },
            .immediate("__le") { call in [.boolean(try times(call).0 <= times(call).1)] },
            // Seconds from one moment to the other.
            .immediate("__sub") { call in
                let (one, other) = try times(call)
                guard let left = one.unixSeconds, let right = other.unixSeconds else { return [.nil] }
                return [.number(left - right)]
            },
        ])

    private static func times(_ call: HostCall) throws -> (Timestamp, Timestamp) {
        guard let one = call[0].object(as: TimeObject.self), let other = call[1].object(as: TimeObject.self)
        else {
            throw HostError(
                .argument,
                "a time can be compared with and subtracted from a time, got \(call[0].typeName) and \(call[1].typeName)"
            )
        }
        return (one.timestamp, other.timestamp)
    }

    private static let decimal = HostType(
        DecimalObject.typeName,
        methods: [
            .immediate("number") { call in
                [.optional(Double(try call.object(0, as: DecimalObject.self).text))]
            }
        ],
        tostring: { call in [.string(try call.object(0, as: DecimalObject.self).text)] },
        equals: { call in [.boolean(try numbers(call).0 == numbers(call).1)] },
        metamethods: [
            .immediate("__lt") { call in [.boolean(try numbers(call).0 < numbers(call).1)] },
            .immediate("__le") { call in [.boolean(try numbers(call).0 <= numbers(call).1)] },
            .immediate("__add") { call in [.number(try numbers(call).0 + numbers(call).1)] },
            .immediate("__sub") { call in [.number(try numbers(call).0 - numbers(call).1)] },
            .immediate("__mul") { call in [.number(try numbers(call).0 * numbers(call).1)] },
            .immediate("__div") { call in [.number(try numbers(call).0 / numbers(call).1)] },
            .immediate("__unm") { call in [.number(-(try numbers(call).0))] },
        ])

    /// Two operands of which at least one is a decimal, as the floats that arithmetic is done in.
    private static func numbers(_ call: HostCall) throws -> (Double, Double) {
        func number(_ value: LuaValue) throws -> Double {
            if let decimal = value.object(as: DecimalObject.self) { return Double(decimal.text) ?? .nan }
            guard let number = value.numberValue else {
                throw HostError(.argument, "arithmetic on a decimal needs a number, got a \(value.typeName)")
            }
            return number
        }
        return (try number(call[0]), try number(call[1]))
    }

    private static let value = HostType(
        DatabaseObject.typeName,
        tostring: { call in [.string(try call.object(0, as: DatabaseObject.self).value.description)] },
        equals: { call in
            let one = try call.object(0, as: DatabaseObject.self)
            return [.boolean(one.value == call[1].object(as: DatabaseObject.self)?.value)]
        })
}

extension Timestamp {
    /// Seconds since 1970, to the microsecond; nil for the infinities.
    var unixSeconds: Double? { unixMicroseconds.map { Double($0) / 1_000_000 } }
}
