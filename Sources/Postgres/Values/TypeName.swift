/// The names of the built-in types, as SQL writes them.
enum TypeName {
    static let builtIn: [OID: String] = {
        let scalars: [OID: String] = [
            .bool: "boolean", .bytea: "bytea", .char: "\"char\"", .name: "name", .int8: "bigint",
            .int2: "smallint", .int4: "integer", .text: "text", .oid: "oid", .json: "json",
            .float4: "real", .float8: "double precision", .bpchar: "character",
            .varchar: "character varying", .date: "date", .time: "time without time zone",
            .timestamp: "timestamp without time zone", .timestamptz: "timestamp with time zone",
            .timetz: "time with time zone", .bit: "bit", .varbit: "bit varying",
            .interval: "interval", .numeric: "numeric", .uuid: "uuid", .jsonb: "jsonb",
        ]
        var names = scalars
        for (type, shape) in TypeShape.builtIn {
            if case .array(_, let element, _) = shape, let name = scalars[element] {
                names[type] = name + "[]"
            }
        }
        names[.unknown] = "unknown"
        return names
    }()
}
