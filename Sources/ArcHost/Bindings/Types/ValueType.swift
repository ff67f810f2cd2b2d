import LuaBridge
import Postgres

extension TypeBinding {
    /// What Lua has no type for.
    static let value = TypeBinding(
        DatabaseObject.typeName,
        "A value of the database that has no other form in Lua: a time of day, an array whose indices don't begin at 1. It can be shown, told from others and given back to the database as it is; times of day are ordered too.",
        operators: [
            Operator(
                "value < value, value == value", "which time of day is earlier",
                .direct("__lt") { call in
                    let (one, other) = try timesOfDay(call)
                    call.put(one < other)
                }),
            Operator(
                "value <= value", "which isn't later",
                .direct("__le") { call in
                    let (one, other) = try timesOfDay(call)
                    call.put(one <= other)
                }),
            .concatenation("value"),
        ],
        example: """
            local noon = arc.query("select time '12:00' as t")[1].t
            assert(tostring(noon) == "12:00:00" and noon .. "!" == "12:00:00!")
            assert(arc.query("select $1::time = '12:00' as same", noon)[1].same)
            """,
        tostring: { call in [.string(try call.object(0, as: DatabaseObject.self).value.description)] },
        equals: { call in
            let one = try call.object(0, as: DatabaseObject.self)
            return [.boolean(one.value == call[1].object(as: DatabaseObject.self)?.value)]
        })

    private static func timesOfDay(_ call: borrowing DirectCall) throws -> (TimeOfDay, TimeOfDay) {
        guard case .time(let one)? = call.find(0, as: DatabaseObject.self)?.value,
            case .time(let other)? = call.find(1, as: DatabaseObject.self)?.value
        else {
            throw HostError(
                .argument, "of the database's other values only times of day are ordered",
                advice: "Compare them in SQL, or their texts: tostring(value).")
        }
        return (one, other)
    }
}
