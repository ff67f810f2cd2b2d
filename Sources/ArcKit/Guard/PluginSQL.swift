public import Postgres

/// What keeps the SQL of a plugin within what it was granted.
public enum PluginGuard: Sendable, Hashable {
    /// It runs as a role that may do what it was granted, and nothing else.
    case role
    /// It runs with the rights of arc's user, who can't reach the server's files or programs.
    case ownRights
}

/// A plugin's command as it runs: within a function of the role's, with its parameters as texts.
public struct PluginSQL: Sendable {
    /// What a plugin was granted.
    public enum Right: Sendable, Hashable {
        /// Queries.
        case read
        /// Queries, and changes of rows.
        case write
    }

    /// The command that calls the function.
    public let sql: String
    /// Its parameters.
    public let parameters: [Value]
    /// Whether it returns rows; else it returns how many rows it changed.
    public let returnsRows: Bool

    /// The first words of commands.
    private static let queries: Set<String> = ["select", "with", "values", "table", "show", "explain"]
    private static let changes: Set<String> = ["insert", "update", "delete", "merge"]

    /// Whether a command begins as one that the right is for. What a command of another kind does may come about later, when
    /// the role isn't the plugin's any more: `declare … with hold` runs its query at the end of the transaction.
    public static func allows(_ sql: String, _ right: Right) -> Bool {
        guard let word = SQLText.command(of: sql) else { return false }
        return queries.contains(word) || right == .write && changes.contains(word)
    }

    /// The command for these values.
    ///
    /// - Parameter distinct: gives columns of one name different ones, which the function's result must have.
    /// - Throws: `DatabaseError` where the server can't read it, or the values don't fit.
    public init(
        _ text: String, _ values: [Value], _ right: Right, on connection: Connection,
        distinct: ([String]) -> [String]
    ) async throws {
        let command = SQLText.withoutEnd(text)
        let shape = try await connection.describe(command)
        guard shape.parameterTypes.count == values.count else {
            let expected = shape.parameterTypes.count
            throw DatabaseError(
                .invalidOptions,
                "The SQL has \(expected) parameter\(expected == 1 ? "" : "s"), but \(values.count) "
                    + "value\(values.count == 1 ? " was" : "s were") given.")
        }
        let names = try await Self.names(of: shape.parameterTypes + shape.columns.map(\.type), on: connection)
        var texts: [Value] = []
        for (index, value) in values.enumerated() {
            let text = try value.parameterText(as: shape.parameterTypes[index], number: index + 1)
            texts.append(text.map(Value.text) ?? .null)
        }
        let inner = SQLText.replacingParameters(in: command) { number in
            guard number >= 1, number <= shape.parameterTypes.count else { return nil }
            return "((($1)[\(number)])::\(names[shape.parameterTypes[number - 1]] ?? "text"))"
        }
        parameters = [.text(inner), .array(ArrayValue(texts))]
        returnsRows = !shape.columns.isEmpty
        guard returnsRows else {
            sql = "select arc_plugin_change($1, $2)"
            return
        }
        let columns = zip(distinct(shape.columns.map(\.name)), shape.columns).map {
            "\(Self.quoted($0)) \(names[$1.type] ?? "text")"
        }
        let function = right == .read ? "arc_plugin_read" : "arc_plugin_write"
        sql = "select * from \(function)($1, $2) as answer(\(columns.joined(separator: ", ")))"
    }

    private static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

    /// How SQL writes these types.
    private static func names(of types: [OID], on connection: Connection) async throws -> [OID: String] {
        var names: [OID: String] = [:]
        for type in types { names[type] = usual[type] }
        let unknown = Set(types).filter { names[$0] == nil }.map(\.rawValue).sorted()
        guard !unknown.isEmpty else { return names }
        let list = unknown.map { "\($0)" }.joined(separator: ", ")
        let found = try await connection.query(
            "select t.oid::bigint as number, pg_catalog.format_type(t.oid, -1) as name from pg_catalog.pg_type t where t.oid in (\(list))"
        )
        for row in found {
            names[OID(rawValue: UInt32(try row.get("number", as: Int.self)))] = try row.get(
                "name", as: String.self)
        }
        return names
    }

    private static let usual: [OID: String] = [
        .bool: "boolean", .bytea: "bytea", .int8: "bigint", .int4: "integer", .int2: "smallint",
        .text: "text",
        .json: "json", .jsonb: "jsonb", .float4: "real", .float8: "double precision", .numeric: "numeric",
        .uuid: "uuid", .timestamptz: "timestamp with time zone",
    ]
}

extension Session {
    /// What keeps a plugin's SQL within its grant here.
    ///
    /// - Throws: `EvaluationError` with code `schema` where nothing does: arc's user may read the server's files or run
    ///   programs there, and the roles for plugins aren't there.
    public func pluginGuard() async throws -> PluginGuard {
        let row = try await connection.query(
            """
            select coalesce(
                pg_catalog.has_function_privilege(pg_catalog.to_regprocedure('arc_plugin_read(text, text[])'), 'execute')
                and pg_catalog.has_function_privilege(
                  pg_catalog.to_regprocedure('arc_plugin_change(text, text[])'), 'execute'), false) as guarded,
              current_user::text as who,
              (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user)
                or pg_catalog.pg_has_role('pg_read_server_files', 'member')
                or pg_catalog.pg_has_role('pg_write_server_files', 'member')
                or pg_catalog.pg_has_role('pg_execute_server_program', 'member') as powerful
            """
        ).single()
        if try row.get("guarded", as: Bool.self) { return .role }
        guard try row.get("powerful", as: Bool.self) else { return .ownRights }
        throw EvaluationError(
            .schema,
            "a plugin's SQL isn't run: arc's database user \(try row.get("who", as: String.self)) may read the server's "
                + "files, and the roles that keep plugins from them aren't there",
            advice: "`arc db deploy` makes them.")
    }
}
