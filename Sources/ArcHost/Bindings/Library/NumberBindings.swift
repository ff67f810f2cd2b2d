import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let numeral = ParameterType.either(.either(.string, .anyNumber), .handle("Decimal"))

    private static func number(_ value: LuaValue) -> Numeric? {
        if let text = value.stringValue {
            return text.utf8.count <= 200_000 ? Numeric(text.trimmingBlanks) : nil
        }
        return value.integerValue.map { Numeric($0) } ?? value.numberValue.flatMap { Numeric("\($0)") }
    }

    var numberBindings: [Binding] {
        [
            Binding(
                "arc.decimal",
                "An exact decimal number, from a text, or from a number: a float counts as the shortest decimal that reads back as it.",
                [.required("value", Self.numeral, "\"12.30\", \"1e-7\", \"NaN\", \"Infinity\", or a number")],
                returns: (.handle("Decimal"), "the number"),
                example: """
                    assert(tostring(arc.decimal("0.10") + arc.decimal("0.20")) == "0.30")
                    assert(arc.decimal(0.1) == arc.decimal("0.1"))
                    """,
                .immediate { arguments in
                    if let decimal: DecimalObject = arguments.object("value") { return [.object(decimal)] }
                    guard let number = Self.number(arguments["value"] ?? .nil) else {
                        throw arguments.wrong("value", "a number such as \"12.30\"")
                    }
                    return [.object(DecimalObject(number))]
                }),
            Binding(
                "arc.uuid.new",
                "A new UUID: one of version 7 begins with the time, one of version 4 is random.",
                [.optional("version", .integer(4...7), "4 or 7; 7 unless said")],
                returns: (.handle("UUID"), "the UUID"),
                example: "assert(arc.uuid.new() < arc.uuid.new() and arc.uuid.new(4).version == 4)",
                .immediate { arguments in
                    switch arguments.integer("version") ?? 7 {
                    case 4: return [.object(UUIDObject(.random()))]
                    case 7: return [.object(UUIDObject(UniqueID(Identifier.make()) ?? .random()))]
                    default: throw arguments.wrong("version", "4 or 7")
                    }
                }),
            Binding(
                "arc.uuid.parse",
                "Reads a UUID: 32 hexadecimal digits, with hyphens or without, perhaps in braces.",
                [.required("text", .either(.string, .handle("UUID")), "the UUID")],
                returns: (.handle("UUID"), "the UUID"),
                example: """
                    local id = arc.uuid.parse("{0190163D-8694-739B-AEA5-966C26F8AD91}")
                    assert(tostring(id) == "0190163d-8694-739b-aea5-966c26f8ad91")
                    assert(id.version == 7 and id.time.year == 2024)
                    """,
                .immediate { arguments in
                    if let id: UUIDObject = arguments.object("text") { return [.object(id)] }
                    guard let id = UniqueID(strict: arguments.text("text")) else {
                        throw arguments.wrong(
                            "text", "a UUID such as \"0190163d-8694-739b-aea5-966c26f8ad91\"")
                    }
                    return [.object(UUIDObject(id))]
                }),
        ]
    }
}

extension UniqueID {
    /// The UUID that a text writes as a whole, with hyphens in their places or without.
    fileprivate init?(strict text: String) {
        var digits = text.trimmingBlanks[...]
        if digits.lowercased().hasPrefix("urn:uuid:") { digits = digits.dropFirst(9) }
        if digits.hasPrefix("{"), digits.hasSuffix("}") { digits = digits.dropFirst().dropLast() }
        let plain = String(digits)
        guard Identifier.isUUID(plain) || plain.utf8.count == 32 else { return nil }
        self.init(plain)
    }

    /// A new one of version 4.
    ///
    /// Source: RFC 9562, §5.4.
    fileprivate static func random() -> UniqueID {
        var random = SystemRandomNumberGenerator()
        let (high, low) = (random.next(), random.next())
        return UniqueID(
            high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
            low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}
