import LuaBridge
import Postgres

extension TypeBinding {
    /// `arc.uuid`
    static let uuid = TypeBinding(
        UUIDObject.typeName,
        "A UUID: 128 bits. Those of version 7 sort by the time at which they were made. A uuid column's values are strings; arc.uuid.parse makes one of these.",
        fields: uuidFields, methods: uuidMethods,
        operators: [
            Operator(
                "uuid < uuid, uuid == uuid", "the order of PostgreSQL",
                .direct("__lt") { call in
                    let (one, other) = try ids(call)
                    call.put(one < other)
                }),
            Operator(
                "uuid <= uuid", "the same, or before",
                .direct("__le") { call in
                    let (one, other) = try ids(call)
                    call.put(one <= other)
                }),
            .concatenation("uuid"),
        ],
        example: """
            local one, other = arc.uuid.new(), arc.uuid.new()
            assert(one ~= other and one.version == 7 and #tostring(one) == 36)
            assert(arc.uuid.parse(tostring(one)) == one)
            """,
        tostring: { call in [.string(try call.object(0, as: UUIDObject.self).id.description)] },
        metamethods: [
            .direct("__index") { call in try putUUIDField(call) },
            .direct("__eq") { call in
                let (one, other) = try ids(call)
                call.put(one == other)
            },
        ])

    private static let uuidFields: [Parameter] = [
        .required("version", .integer(0...15), "how it was made: 4 at random, 7 by time"),
        .optional(
            "time", .handle("Time"), "when one of version 7 was made, to the millisecond; nil of others"),
    ]

    private static func putUUIDField(_ call: borrowing DirectCall) throws {
        let id = try call.object(0, as: UUIDObject.self).id
        let version = id.high >> 12 & 15
        let key = call.string(1) ?? call.typeName(1)
        switch key {
        case "version": call.put(Int64(version))
        case "time":
            guard version == 7, id.low >> 62 == 2,
                let time = Timestamp(unixMicroseconds: Int64(id.high >> 16) * 1000)
            else { return call.putNil() }
            try call.put(.object(TimeObject(time)))
        default: throw unknownField(key, of: "UUID", names: ["version", "time", "bytes"])
        }
    }

    private static let uuidMethods: [Binding] = [
        Binding(
            "UUID:bytes", "Its 16 bytes.", returns: (.string, "the bytes"),
            example: "assert(#arc.uuid.new():bytes() == 16)",
            .immediate { arguments in
                let id = try arguments.receiver(as: UUIDObject.self).id
                let bytes = [id.high, id.low].flatMap { word in
                    (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) }
                }
                return [String(validating: bytes, as: UTF8.self).map(LuaValue.string) ?? .bytes(bytes)]
            })
    ]

    private static func ids(_ call: borrowing DirectCall) throws -> (UniqueID, UniqueID) {
        guard let one = call.find(0, as: UUIDObject.self), let other = call.find(1, as: UUIDObject.self)
        else {
            throw call.cannot("a UUID can be compared with a UUID")
        }
        return (one.id, other.id)
    }
}
