import Postgres

extension Session {
    private static let longestText = 1000

    /// The outcomes whose trajectories have these words, or that path.
    ///
    /// There is no index over trajectories, since it would cost more than recording them does: what is looked at is read.
    /// Hence a question says where to look.
    ///
    /// - Throws: `EvaluationError` with code `invalid` where nothing says what to look for, or where; for a text without a
    ///   word, and a path that is none. `notFound` for a configuration or scenario that isn't there, and for a tag that no scenario has.
    public func search(_ question: SearchQuestion) async throws -> SearchResult {
        try Self.check(question)
        var query = SearchQuery()
        try await bound(&query, by: question)
        if let path = question.path { query.match(path: path, isPredicate: try await isPredicate(path)) }
        if let text = question.text { query.match(try await words(of: text)) }
        do {
            let (sql, parameters) = (query.sql(limit: question.limit + 1), query.parameters)
            // In this way, too, so that it isn't compiled.
            let rows = try await consistently { try await $0.connection.query(sql, parameters) }
            return SearchResult(
                hits: try rows.prefix(question.limit).map(SearchHit.init),
                hasMore: rows.count > question.limit)
        } catch {
            throw Self.explain(error, question)
        }
    }

    private static func check(_ question: SearchQuestion) throws(EvaluationError) {
        for (text, name) in [
            (question.text, "text"), (question.path, "path"), (question.configuration, "configuration"),
            (question.scenario, "scenario_id"),
        ] + question.tags.map({ ($0, "tags") }) {
            try EvaluationError.refuseNUL(in: text, name, of: "search")
        }
        guard question.limit > 0 else {
            throw EvaluationError(.invalid, "limit must be 1 or more, got \(question.limit)")
        }
        guard question.text != nil || question.path != nil else {
            throw EvaluationError(.invalid, "search needs a text or a path to look for")
        }
        if let text = question.text, text.count > longestText {
            throw EvaluationError(
                .invalid, "search: text must be at most \(longestText) characters, got \(text.count)",
                advice: "Look for the few words that tell it apart.")
        }
        guard question.simulation != nil || question.configuration != nil || question.withinSeconds != nil
        else {
            throw EvaluationError(
                .invalid, "search needs to know where: every trajectory that it looks at has to be read",
                advice: "Give a simulation, a configuration or a time range, such as time_range = \"7d\".")
        }
    }

    private func bound(_ query: inout SearchQuery, by question: SearchQuestion) async throws {
        if let simulation = question.simulation {
            query.match("o.simulation_id = \(query.add(.text(simulation.id)))::uuid")
        }
        if let configuration = question.configuration {
            let ids = try await simulations(of: try await versions(of: configuration))
            query.match("o.simulation_id = any (\(query.add(.texts(ids)))::uuid[])")
        }
        if let scenario = question.scenario {
            try await check(scenario: scenario)
            query.match("o.scenario_id = \(query.add(.text(scenario)))")
        }
        if !question.tags.isEmpty {
            try await check(tags: question.tags)
            let tags = query.add(.texts(question.tags))
            query.match(
                "o.scenario_id in (select scenario_id from scenarios where tags @> \(tags)::text[])")
        }
        if let status = question.status { query.match("o.status = \(query.add(.text(status.rawValue)))") }
        if let seconds = question.withinSeconds {
            query.match(
                "o.execution_time >= now() - \(query.add(.double(seconds)))::double precision * interval '1 second'"
            )
        }
    }

    private func simulations(of versions: [String]) async throws -> [String] {
        let found = try await connection.query(
            "select simulation_id::text from simulations where config_version_id = any ($1::uuid[]) order by 1",
            [.texts(versions)])
        return try found.map { try $0.get("simulation_id", as: String.self) }
    }

    /// How PostgreSQL reads a text.
    private func words(of text: String) async throws -> SearchWords {
        do {
            let row = try await connection.query(
                "select websearch_to_tsquery('simple', $1)::text as query", [.text(text)]
            ).single()
            if let words = SearchWords(query: try row.get("query", as: String.self)) { return words }
        } catch {
            guard error.server != nil else { throw error }
            throw EvaluationError(
                .invalid, "search: text can't be looked for: \(error.server?.message ?? "")",
                underlying: error)
        }
        throw EvaluationError(
            .invalid, "search: text has no word to look for, only signs",
            advice: "Give words; a path finds the rest: path = '$.** ? (@ like_regex \"…\")'.")
    }

    /// Whether a path is a condition that is true or false, rather than a way to something.
    ///
    /// - Throws: `EvaluationError` with code `invalid` where it is no path.
    private func isPredicate(_ path: String) async throws -> Bool {
        do {
            // Of a number, which has no members, a way leads nowhere or to the number, and a condition is true, false or unknown.
            let row = try await connection.query(
                "select jsonb_path_query_first('0', $1::jsonpath, '{}', true)::text as item", [.text(path)]
            ).single()
            return ["true", "false", "null"].contains(try row.get("item", as: String?.self))
        } catch {
            guard error.server != nil else { throw error }
            throw Self.noPath(path, error)
        }
    }

    private static func noPath(_ path: String, _ error: DatabaseError) -> EvaluationError {
        let shown = path.count > 80 ? "\(path.prefix(80))…" : path
        return EvaluationError(
            .invalid,
            "search: path \(shown.debugDescription) can't be followed: \(error.server?.message ?? error.message)",
            advice:
                "A path reads like $.steps[*].tool or $[*] ? (@.role == \"tool\") (PostgreSQL documentation, \"The SQL/JSON Path Language\").",
            underlying: error)
    }

    private static func explain(_ error: any Error, _ question: SearchQuestion) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        // A variable that isn't there shows when the path is followed.
        if let path = question.path, error.sqlState == "42704" { return noPath(path, error) }
        guard error.code == .timedOut else { return error }
        var told = error
        told.advice = "Look in fewer trajectories: one simulation, a scenario, a shorter time_range."
        return told
    }
}
