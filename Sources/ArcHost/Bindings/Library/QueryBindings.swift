import ArcKit
import LuaBridge
import Postgres

extension Library {
    private static let namedParameters: [Parameter] = [
        .required("sql", .string, "one SQL command"), .required("parameters", .table, "values by name"),
    ]

    var queryBindings: [Binding] {
        [
            Binding(
                "arc.query",
                "Runs a query and returns its rows. Parameters are $1, $2, … with as many values, or :name with a table of names; they are bound, never pasted in.",
                [
                    .required("sql", .string, "one SQL command"),
                    .rest("values for $1, $2, …, or one table of names"),
                ],
                returns: (.frame, "the rows"), effects: [.databaseRead],
                example: """
                    local rows = arc.query("select $1::integer + 1 as n", 41)
                    assert(rows[1].n == 42)
                    local same = arc.query("select :who as name", { who = "Ada" })
                    assert(same[1].name == "Ada")
                    """,
                overloads: [Self.namedParameters],
                .waiting { arguments in
                    let (sql, values, names) = try Self.bind(arguments)
                    let limit = try arguments.machine.memoryLimit
                    let rows = try await run(sql, values, names) {
                        try await $0.columns($1, $2, byteLimit: limit)
                    }
                    return [.object(rows.isCounted ? Frame(columns: [], count: 0) : Frame(rows.answer))]
                }),
            Binding(
                "arc.execute",
                "Runs a command and returns how many rows it affected. A setting, a temporary table or a session's lock lasts for the command, or for the arc.transaction around it.",
                [
                    .required("sql", .string, "one SQL command"),
                    .rest("values for $1, $2, …, or one table of names"),
                ],
                returns: (.anyInteger, "how many rows it inserted, updated or deleted"),
                effects: [.databaseRead, .databaseWrite],
                example: #"assert(arc.execute("update scenarios set tags = tags where false") == 0)"#,
                overloads: [Self.namedParameters],
                .waiting { arguments in
                    let (sql, values, names) = try Self.bind(arguments)
                    let done = try await run(sql, values, names) { try await $0.query($1, $2) }
                    guard done.isCounted else { return [.integer(Int64(done.answer.affectedRows))] }
                    return [.integer(try done.answer.single().get("arc_plugin_change", as: Int64.self))]
                }),
            Binding(
                "arc.transaction",
                "Runs a function in a transaction: everything in it happens, or, where it raises an error, nothing.",
                [.required("fn", .function, "what to run")],
                returns: (.any, "what the function returns"), effects: [.databaseRead, .databaseWrite],
                example: """
                    local ok = pcall(arc.transaction, function()
                      arc.execute("delete from scenarios where false")
                      error("nothing of this happens")
                    end)
                    assert(not ok)
                    """,
                .waiting { arguments in
                    guard let function = arguments.function("fn") else { return [] }
                    let machine = try arguments.machine
                    return try await host.store().transaction { _ in try await machine.call(function) }
                }),
        ]
    }

    /// What a command gave; `isCounted` where it is one number, of the rows that were changed.
    private typealias Done<Answer> = (answer: Answer, isCounted: Bool)
    private typealias Command<Answer> = @Sendable (Connection, String, [Value]) async throws -> Answer

    /// Runs a command of that SQL, a plugin's within what it was granted.
    ///
    /// - Parameter names: how the script calls the parameters, where it does by name.
    private func run<Answer: Sendable>(
        _ sql: String, _ values: [Value], _ names: [String], _ command: @escaping Command<Answer>
    ) async throws -> Done<Answer> {
        do {
            return try await run(sql, values, command)
        } catch var error as DatabaseError where error.isNoJSON {
            error.advice =
                "A string goes as it is, and must be JSON itself. As a JSON string: arc.json.encode(value)."
            throw error
        } catch var error as DatabaseError where error.code == .invalidOptions {
            for (index, name) in names.enumerated() {
                for end in [" ", ":"] {
                    error.message.replace("$\(index + 1)\(end)", with: ":\(name)\(end)")
                    error.advice?.replace("$\(index + 1)\(end)", with: ":\(name)\(end)")
                }
            }
            throw error
        }
    }

    private func run<Answer: Sendable>(
        _ sql: String, _ values: [Value], _ command: @escaping Command<Answer>
    ) async throws -> Done<Answer> {
        if let refusal = TransactionControl.refusal(of: sql) { throw refusal }
        let store = try await host.store()
        let leavesTraces = SQLText.changesSession(sql)
        switch access {
        case .trusted:
            return try await store.session(asFound: true) { session in
                session.connection.expose()
                if leavesTraces { session.connection.retire() }
                return (try await command(session.connection, sql, values), false)
            }
        case .plugin(let rights) where rights.granted.contains(.databaseWrite):
            try Self.refuseOthers(sql, .write)
            return try await store.session(asFound: true) { session in
                if leavesTraces { session.connection.retire() }
                return try await Self.guarded(sql, values, .write, session, command)
            }
        case .plugin:
            try Self.refuseOthers(sql, .read)
            return try await store.read(asFound: true) { session in
                if leavesTraces { session.connection.retire() }
                return try await Self.reading(session.connection) {
                    try await Self.guarded(sql, values, .read, session, command)
                }
            }
        }
    }

    private static func refuseOthers(_ sql: String, _ right: PluginSQL.Right) throws {
        guard !PluginSQL.allows(sql, right) else { return }
        let changes = right == .write ? ", INSERT, UPDATE, DELETE and MERGE" : ""
        throw HostError(
            .capability,
            "a plugin's SQL may be a query\(right == .write ? " or a change of rows" : "") (SELECT, WITH, VALUES, TABLE, "
                + "SHOW, EXPLAIN\(changes)), and this is something else",
            advice: "Tables are made, and code is run, by a script of your own.")
    }

    /// Runs a command as the role that may do what the plugin was granted.
    private static func guarded<Answer: Sendable>(
        _ sql: String, _ values: [Value], _ right: PluginSQL.Right, _ session: Session,
        _ command: @escaping Command<Answer>
    ) async throws -> Done<Answer> {
        let connection = session.connection
        connection.expose()
        guard try await session.pluginGuard() == .role else {
            return (try await command(connection, sql, values), false)
        }
        let guarded = try await PluginSQL(
            sql, values, right, on: connection, distinct: { DistinctNames.of($0) })
        return (try await command(connection, guarded.sql, guarded.parameters), !guarded.returnsRows)
    }

    /// Runs `body` in a transaction that can't write, and takes back whatever it did all the same.
    private static func reading<Answer: Sendable>(
        _ connection: Connection, _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        guard connection.transactionStatus != .idle else {
            do {
                return try await connection.transaction(readOnly: true) { _ in
                    throw Taken(answer: try await body())
                }
            } catch let taken as Taken<Answer> {
                return taken.answer
            }
        }
        // The transaction may be a script's or an import's that goes on writing: the setting ends with the savepoint.
        _ = try await connection.script("savepoint reading; set transaction read only")
        do {
            let answer = try await body()
            _ = try await connection.script("rollback to savepoint reading; release savepoint reading")
            return answer
        } catch {
            _ = try? await connection.script("rollback to savepoint reading; release savepoint reading")
            throw error
        }
    }

    /// An answer that leaves its transaction as an error does, so that the transaction is rolled back.
    private struct Taken<Answer: Sendable>: Error {
        let answer: Answer
    }

    /// The SQL with `$1`, `$2`, … and their values.
    private static func bind(_ arguments: Arguments) throws -> (sql: String, values: [Value], names: [String])
    {
        let sql = arguments.text("sql")
        let named = try NamedParameters(sql)
        if !named.names.isEmpty, arguments.rest.count == 1, let table = arguments.rest[0].table {
            let values = try named.names.map { path in
                try Value(
                    value(at: path, in: table, arguments), function: arguments.function,
                    parameter: "parameter :\(path)"
                )
            }
            return (named.sql, values, named.names)
        }
        let values = try arguments.rest.enumerated().map { index, value in
            try Value(value, function: arguments.function, parameter: "parameter $\(index + 1)")
        }
        return (sql, values, [])
    }

    /// The value that `:name` or `:name.field` stands for in a table.
    private static func value(at path: String, in table: LuaTable, _ arguments: Arguments) throws -> LuaValue
    {
        var value = LuaValue.table(table)
        for (depth, part) in path.split(separator: ".").map(String.init).enumerated() {
            if let handle = value.object(as: SimulationHandle.self) {
                value = part == "id" ? .string(handle.reference.id) : .optional(handle.reference.name)
                continue
            }
            guard let next = value.table?[part], next != .nil || depth > 0 else {
                let names = table.fields.compactMap(\.name)
                let near = NearestName.of(part, among: names)
                throw HostError(
                    .argument, "\(arguments.function): no value is given for :\(path)",
                    advice: near.map { "Did you mean :\($0)?" }
                        ?? "Given are: \(names.joined(separator: ", ")).")
            }
            value = next
        }
        return value
    }
}

extension DatabaseError {
    /// Whether the server took something for JSON that isn't (SQLSTATE 22P02, invalid_text_representation).
    fileprivate var isNoJSON: Bool { sqlState == "22P02" && message.contains("type json") }
}
