import Postgres

extension EvaluationError {
    /// The error for a name that nothing has: it tells the nearest of those that there are, or else the first of them.
    ///
    /// - Parameters:
    ///   - message: what happened, in one sentence.
    ///   - names: those that there are.
    ///   - advice: how to go on where none is near; the first of the names unless said.
    static func unknown(
        _ message: String, _ name: String, among names: [String], code: Code = .notFound,
        advice: String? = nil
    ) -> EvaluationError {
        if let near = NearestName.of(name, among: names) {
            return EvaluationError(code, message, advice: "Did you mean \"\(near)\"?")
        }
        guard advice == nil, !names.isEmpty else { return EvaluationError(code, message, advice: advice) }
        let first = names.prefix(12).joined(separator: ", ")
        return EvaluationError(code, message, advice: "There are: \(first)\(names.count > 12 ? ", …" : ".")")
    }
}

/// The names by which questions choose outcomes. One that nothing has is an error: an answer of zeros would say that
/// nothing happened, where only a letter is wrong.
extension Session {
    /// Among how many names the nearest one is looked for at most.
    private static let mostNames = 100_000

    /// - Throws: `EvaluationError` with code `notFound` for a tag that no scenario has.
    func check(tags: [String]) async throws {
        guard !tags.isEmpty else { return }
        for tag in tags { try EvaluationError.refuseNUL(in: tag, "tags", of: "a question") }
        let unknown = try await connection.query(
            """
            select t.tag from unnest($1::text[]) with ordinality as t(tag, place)
            where not exists (select from scenarios where tags @> array[t.tag]) order by t.place limit 1
            """, [.texts(tags)])
        guard let tag = try unknown.first?.get("tag", as: String.self) else { return }
        throw EvaluationError.unknown(
            "no scenario has the tag \"\(tag)\"", tag,
            among: try await names("select distinct unnest(tags) as name from scenarios"))
    }

    /// - Throws: `EvaluationError` with code `notFound` for a scenario that isn't there.
    func check(scenario: String) async throws {
        try EvaluationError.refuseNUL(in: scenario, "scenario_id", of: "a question")
        let found = try await connection.query(
            "select from scenarios where scenario_id = $1", [.text(scenario)])
        guard found.isEmpty else { return }
        throw try await unknown(scenario: scenario)
    }

    /// The error for a scenario that isn't there.
    ///
    /// - Parameter advice: how to go on where no name is near.
    func unknown(scenario: String, advice: String? = nil) async throws -> EvaluationError {
        .unknown(
            "there is no scenario \"\(scenario)\"", scenario,
            among: try await names("select scenario_id as name from scenarios"), advice: advice)
    }

    /// The ids of the versions that a configuration has, or of the one that has this id.
    ///
    /// - Throws: `EvaluationError` with code `notFound` where neither is there.
    func versions(of configuration: String) async throws -> [String] {
        try EvaluationError.refuseNUL(in: configuration, "the name or id", of: "a configuration")
        let versions = try await connection.query(
            """
            select version_id::text from config_versions where version_id::text = lower($1)
            union all
            select v.version_id::text from config_versions v join configurations c using (config_id)
            where c.name = $1
            """, [.text(configuration)])
        guard !versions.isEmpty else {
            throw EvaluationError.unknown(
                "there is no configuration named \"\(configuration)\", nor a version with that id",
                configuration,
                among: try await names("select name from configurations"))
        }
        return try versions.map { try $0.get("version_id", as: String.self) }
    }

    private func names(_ sql: String) async throws -> [String] {
        let rows = try await connection.query("\(sql) order by 1 limit \(Self.mostNames)")
        return try rows.map { try $0.get("name", as: String.self) }
    }
}
