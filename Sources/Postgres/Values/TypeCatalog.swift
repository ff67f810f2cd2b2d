/// The types of one server that a connection has met.
///
/// Numbers of enums, of their arrays and of an extension's types differ from server to server, so they are
/// looked up in `pg_type` when they first occur.
struct TypeCatalog: Sendable {
    private var shapes: [OID: TypeShape] = [:]
    private var names: [OID: String] = [:]

    /// How values of `type` are read, if that is known.
    subscript(type: OID) -> TypeShape? { TypeShape.builtIn[type] ?? shapes[type] }

    /// The types among `types` that have to be looked up.
    func unknown(among types: some Sequence<OID>) -> [OID] {
        Set(types.filter { self[$0] == nil }).sorted { $0.rawValue < $1.rawValue }
    }

    /// Asks for the types of a list, and for what arrays and domains among them consist of.
    static func lookUp(_ types: [OID]) -> String {
        """
        WITH RECURSIVE wanted AS (
            SELECT t.* FROM pg_catalog.pg_type t WHERE t.oid IN (\(types.map(\.description).joined(separator: ",")))
            UNION
            SELECT t.* FROM wanted w JOIN pg_catalog.pg_type t
                ON t.oid = CASE WHEN w.typtype = 'd' THEN w.typbasetype
                                WHEN w.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
                                THEN w.typelem END)
        SELECT oid::int8::text, typname::text, typtype::text, typdelim::text, typbasetype::int8::text,
               (CASE WHEN typsubscript = 'pg_catalog.array_subscript_handler'::regproc
                     THEN typelem ELSE 0 END)::int8::text
        FROM wanted
        """
    }

    /// Takes in the rows that `lookUp` selects.
    mutating func learn(_ rows: [[String]]) {
        struct Found { let name, kind, delimiter: String; let base, element: OID }
        var found: [OID: Found] = [:]
        for row in rows where row.count == 6 {
            func oid(_ text: String) -> OID { OID(UInt32(text) ?? 0) }
            found[oid(row[0])] = Found(
                name: row[1], kind: row[2], delimiter: row[3], base: oid(row[4]), element: oid(row[5]))
        }
        func shape(_ type: OID, _ depth: Int) -> TypeShape {
            if let known = self[type] { return known }
            guard let entry = found[type], depth < 16 else { return .other }
            if entry.kind == "e" { return .text }
            if entry.kind == "d" { return shape(entry.base, depth + 1) }
            // A table of that name has a row type of that name.
            if entry.kind == "b", entry.name == "vector" { return .vector }
            if entry.kind == "b", entry.name == "citext" { return .text }
            guard entry.element.rawValue != 0 else { return .other }
            let delimiter = entry.delimiter.utf8.first ?? UInt8(ascii: ",")
            return .array(of: shape(entry.element, depth + 1), element: entry.element, delimiter: delimiter)
        }
        let learned = found.keys.map { ($0, shape($0, 0)) }
        for (type, shape) in learned {
            shapes[type] = shape
            names[type] = found[type]?.name
        }
    }

    /// Notes that the server doesn't know `types` either, so that it isn't asked again.
    mutating func giveUp(on types: [OID]) {
        for type in types where self[type] == nil { shapes[type] = .other }
    }
}
