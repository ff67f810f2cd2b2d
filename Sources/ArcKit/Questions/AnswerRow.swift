public import Postgres

/// A row of an answer that is a table. Its columns are declared once, for whoever shows it.
public protocol AnswerRow: Sendable {
    /// The columns from left to right.
    static var columns: [AnswerColumn<Self>] { get }
}

/// A column of an answer: what it is called, and its value in a row, NULL where that isn't known.
public struct AnswerColumn<Row: Sendable>: Sendable {
    /// Its name, in small letters and underscores.
    public let name: String
    /// Its value in a row.
    public let value: @Sendable (Row) -> Value

    /// A column of texts.
    init(_ name: String, text: @escaping @Sendable (Row) -> String?) {
        self.init(name) { .optional(text($0)) }
    }

    /// A column of whole numbers.
    init(_ name: String, count: @escaping @Sendable (Row) -> Int?) {
        self.init(name) { .optional(count($0)) }
    }

    /// A column of numbers.
    init(_ name: String, number: @escaping @Sendable (Row) -> Double?) {
        self.init(name) { .optional(number($0)) }
    }

    /// A column of moments.
    init(_ name: String, time: @escaping @Sendable (Row) -> Timestamp?) {
        self.init(name) { time($0).map(Value.timestamp) ?? .null }
    }

    /// A column of any values.
    init(_ name: String, value: @escaping @Sendable (Row) -> Value) {
        self.name = name
        self.value = value
    }
}

extension AnswerRow {
    /// The names of the columns, for documentation: "a, b, c".
    public static var columnList: String { columns.map(\.name).joined(separator: ", ") }

    /// A rate or mean and its interval as three columns: `name`, `low` and `high`.
    static func estimate(
        _ name: String, _ low: String, _ high: String, _ estimate: @escaping @Sendable (Self) -> Estimate
    ) -> [AnswerColumn<Self>] {
        [
            AnswerColumn(name, number: { estimate($0).value }),
            AnswerColumn(low, number: { estimate($0).interval?.low }),
            AnswerColumn(high, number: { estimate($0).interval?.high }),
        ]
    }
}

/// The version of a configuration that figures are about.
public struct EvaluatedVersion: Sendable, Hashable {
    /// The version's id.
    public let id: String
    /// The configuration's name.
    public let configuration: String
    /// The version's number within its configuration, from 1.
    public let number: Int

    /// In the order of names, then of numbers; ids decide between namesakes.
    static func precedes(_ one: EvaluatedVersion, _ other: EvaluatedVersion) -> Bool {
        (one.configuration, one.number, one.id) < (other.configuration, other.number, other.id)
    }
}

extension Session {
    /// The versions of these ids, by id.
    func versions(_ ids: some Sequence<UniqueID>) async throws -> [UniqueID: EvaluatedVersion] {
        let rows = try await connection.query(
            """
            select v.version_id, c.name, v.version_number
            from config_versions v join configurations c using (config_id) where v.version_id = any ($1::uuid[])
            """, [.texts(Set(ids).map(\.description).sorted())])
        var versions: [UniqueID: EvaluatedVersion] = [:]
        for row in rows {
            let id = try row.get("version_id", as: UniqueID.self)
            versions[id] = EvaluatedVersion(
                id: id.description, configuration: try row.get("name", as: String.self),
                number: try row.get("version_number", as: Int.self))
        }
        return versions
    }
}
