import LuaBridge
import Postgres

extension TypeBinding {
    private static let scale = Parameter.optional(
        "scale", .integer(-1000...1000), "how many decimals; 0 unless said, negative for tens and hundreds")

    /// `arc.decimal`
    static let decimal = TypeBinding(
        DecimalObject.typeName,
        "An exact decimal number of any size (PostgreSQL's numeric), also NaN and the infinities. +, - and * are exact, / is rounded to at least 16 significant digits, all as PostgreSQL does it. A float beside it counts as the shortest decimal that reads back as it. == needs decimals on both sides.",
        fields: decimalFields, methods: decimalMethods, operators: decimalOperators,
        example: """
            local price = arc.decimal("12.30")
            assert(tostring(price * 3) == "36.90" and price > 12 and price == arc.decimal("12.3"))
            assert(tostring(arc.decimal("0.1") + 0.2) == "0.3")
            """,
        tostring: { call in [.string(try call.object(0, as: DecimalObject.self).text)] },
        metamethods: [
            .direct("__index") { call in try putDecimalField(call) },
            .direct("__eq") { call in
                let (one, other) = try numbers(call)
                call.put(one == other)
            },
        ])

    private static let decimalFields: [Parameter] = [
        .required("scale", .integer(0...16_383), "how many decimals it shows"),
        .required("is_finite", .boolean, "false for NaN and the infinities"),
        .required("is_nan", .boolean, "whether it is NaN"),
    ]

    private static func putDecimalField(_ call: borrowing DirectCall) throws {
        let number = try call.object(0, as: DecimalObject.self).number
        let key = call.string(1) ?? call.typeName(1)
        switch key {
        case "scale": call.put(Int64(number.scale))
        case "is_finite": call.put(number.isFinite)
        case "is_nan": call.put(number.isNaN)
        default:
            let names = decimalFields.map(\.name) + decimalMethods.map(\.name)
            throw unknownField(key, of: "Decimal", names: names)
        }
    }

    private static let decimalMethods: [Binding] = [
        Binding(
            "Decimal:round", "Rounded half away from zero.", [scale],
            returns: (.handle("Decimal"), "the rounded number"),
            example: #"assert(tostring(arc.decimal("2.345"):round(2)) == "2.35")"#,
            .immediate { arguments in
                let decimal: DecimalObject = try arguments.receiver()
                return [
                    .object(DecimalObject(decimal.number.rounded(to: Int(arguments.integer("scale") ?? 0))))
                ]
            }),
        Binding(
            "Decimal:truncate", "Cut off behind so many decimals.", [scale],
            returns: (.handle("Decimal"), "the number"),
            example: #"assert(tostring(arc.decimal("-2.349"):truncate(2)) == "-2.34")"#,
            .immediate { arguments in
                let decimal: DecimalObject = try arguments.receiver()
                return [
                    .object(DecimalObject(decimal.number.truncated(to: Int(arguments.integer("scale") ?? 0))))
                ]
            }),
        Binding(
            "Decimal:abs", "The number without its sign.", returns: (.handle("Decimal"), "the size"),
            example: #"assert(arc.decimal("-1.5"):abs() == arc.decimal("1.5"))"#,
            .immediate { arguments in
                let decimal: DecimalObject = try arguments.receiver()
                return [.object(decimal.number < 0 ? DecimalObject(decimal.number.negated) : decimal)]
            }),
        Binding(
            "Decimal:number", "The nearest float.", returns: (.anyNumber, "the number"),
            example: #"assert(arc.decimal("0.30"):number() == 0.3)"#,
            .immediate { arguments in
                [.number(try arguments.receiver(as: DecimalObject.self).number.doubleValue)]
            }),
        Binding(
            "Decimal:integer", "The number as an integer of Lua's; nil where it isn't whole, or too large.",
            returns: (.anyInteger, "the integer"),
            example: #"assert(arc.decimal("3.00"):integer() == 3 and arc.decimal("3.5"):integer() == nil)"#,
            .immediate { arguments in
                [.optional(try arguments.receiver(as: DecimalObject.self).number.intValue)]
            }),
    ]

    private static let decimalOperators: [Operator] = [
        arithmetic("__add", "decimal + number", "the exact sum; the larger scale") { $0 + $1 },
        arithmetic("__sub", "decimal - number", "the exact difference; the larger scale") { $0 - $1 },
        arithmetic("__mul", "decimal * number", "the exact product; the sum of the scales") {
            try Numeric.multiplying($0, $1)
        },
        arithmetic(
            "__div", "decimal / number",
            "the quotient to at least 16 significant digits, and not fewer decimals than either has"
        ) { try Numeric.dividing($0, by: $1) },
        arithmetic("__idiv", "decimal // number", "the quotient, rounded down") {
            try Numeric.floorDividing($0, by: $1).quotient
        },
        arithmetic("__mod", "decimal % number", "what is left of //; has the divisor's sign, as in Lua") {
            try Numeric.floorDividing($0, by: $1).remainder
        },
        Operator(
            "-decimal", "the number of the other sign", annotations: ["unm: arc.Decimal"],
            .direct("__unm") { call in
                let number = try call.object(0, as: DecimalObject.self).number
                try call.put(.object(DecimalObject(number.negated)))
            }),
        Operator(
            "decimal < number, decimal == decimal",
            "which is less; NaN is more than all others and equal to itself",
            .direct("__lt") { call in
                let (one, other) = try numbers(call)
                call.put(one < other)
            }),
        Operator(
            "decimal <= number", "which isn't more",
            .direct("__le") { call in
                let (one, other) = try numbers(call)
                call.put(one <= other)
            }),
        .concatenation("decimal"),
    ]

    private static func arithmetic(
        _ name: String, _ usage: String, _ summary: String,
        _ operation: @escaping @Sendable (Numeric, Numeric) throws -> Numeric
    ) -> Operator {
        let symbol = name.dropFirst(2)
        return Operator(
            usage, summary, annotations: ["\(symbol)(arc.Decimal|number): arc.Decimal"],
            .direct(name) { call in
                let (one, other) = try numbers(call)
                do {
                    try call.put(.object(DecimalObject(try operation(one, other))))
                } catch NumericError.divisionByZero {
                    throw HostError(.argument, "a decimal can't be divided by zero")
                } catch NumericError.tooManyDigits {
                    throw HostError(
                        .argument,
                        "decimals of more than \(Numeric.mostDigits) digits can't be calculated with",
                        advice: "Round them first: decimal:round(20).")
                }
            })
    }

    /// Two operands of which at least one is a decimal.
    private static func numbers(_ call: borrowing DirectCall) throws -> (Numeric, Numeric) {
        guard let one = call.decimal(0), let other = call.decimal(1) else {
            throw call.cannot("a decimal can be calculated and compared with a decimal or a number")
        }
        return (one, other)
    }
}
