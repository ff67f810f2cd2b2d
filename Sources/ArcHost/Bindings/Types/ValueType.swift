import LuaBridge
import Postgres

extension TypeBinding {
    /// What Lua has no type for.
    static let value = TypeBinding(
        DatabaseObject.typeName,
        "A value of the database that has no other form in Lua: a time of day, an array whose indices don't begin at 1. It can be shown, compared and given back to the database as it is.",
        operators: [],
        example: """
            local noon = arc.query("select time '12:00' as t")[1].t
            assert(tostring(noon) == "12:00:00")
            assert(arc.query("select $1::time = '12:00' as same", noon)[1].same)
            """,
        tostring: { call in [.string(try call.object(0, as: DatabaseObject.self).value.description)] },
        equals: { call in
            let one = try call.object(0, as: DatabaseObject.self)
            return [.boolean(one.value == call[1].object(as: DatabaseObject.self)?.value)]
        })
}
