import Postgres

/// The SQL of a search. Whatever the user gave is a parameter.
struct SearchQuery {
    private(set) var parameters: [Value] = []
    private var conditions = ["o.trajectory is not null"]
    private var snippet = "null::text"

    /// Adds a parameter, and returns what stands for it.
    mutating func add(_ value: Value) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    mutating func match(_ condition: String) { conditions.append(condition) }

    mutating func match(path: String, isPredicate: Bool) {
        let path = add(.text(path)) + "::jsonpath"
        conditions.append("o.trajectory \(isPredicate ? "@@" : "@?") \(path)")
        if !isPredicate {
            snippet = "left(jsonb_path_query_first(h.trajectory, \(path), '{}', true)::text, 200)"
        }
    }

    mutating func match(_ words: SearchWords) {
        var test = words.condition { add(.text($0)) }
        // Taking a text apart takes many times as long as looking for a word's letters in it.
        let telling = (words.telling ?? []).map {
            "strpos(lower(piece collate \"C\"), \(add(.text($0)))) > 0"
        }
        let mayMatch = telling.isEmpty ? "" : "where \(telling.joined(separator: " or "))"
        test = """
            (select \(test) from (
              select to_tsvector('simple', piece) as v \(Self.pieces("o")) \(mayMatch) offset 0) t)
            """
        let fragments = words.fragments.map { "strpos(document, \(add(.text($0)))) > 0" }
        if !fragments.isEmpty {
            let hasAll = fragments.joined(separator: " and ")
            test = """
                case when (select \(hasAll) from (
                  select lower(o.trajectory::text collate "C") as document offset 0) d) then \(test) else false end
                """
        }
        conditions.append(test)
        guard !words.sought.isEmpty else { return }
        let sought = add(.text(words.sought.map { "(\($0))" }.joined(separator: " | "))) + "::tsquery"
        snippet = """
            (select regexp_replace(ts_headline('simple', piece, \(sought),
                'StartSel=«, StopSel=», MaxFragments=1, ShortWord=0, MinWords=5, MaxWords=20, FragmentDelimiter= … '), '\\s+', ' ', 'g')
              from (select piece, place, start \(Self.pieces("h")) \(mayMatch) offset 0) p
              where to_tsvector('simple', piece) @@ \(sought) order by place, start limit 1)
            """
    }

    /// The texts of a trajectory, `piece`, in their order. A long text comes in several that overlap, each without the words
    /// at its ends that may be cut: `to_tsvector` takes no more than a megabyte, and counts 16,383 words.
    private static func pieces(_ table: String) -> String {
        """
        from jsonb_path_query(\(table).trajectory, 'strict $.** ? (@.type() == "string")')
          with ordinality as s(item, place)
        cross join lateral (select item #>> '{}' as whole offset 0) w
        cross join lateral generate_series(1, greatest(length(whole), 1), 49000) as g(start)
        cross join lateral (
          select case when length(whole) <= 50000 then whole else
            regexp_replace(regexp_replace(substr(whole, start, 50000),
              case when start > 1 then '^\\S+' else '^$' end, ''),
              case when start + 50000 <= length(whole) then '\\S+$' else '^$' end, '') end as piece
          where start = 1 or length(whole) > 50000
        ) c
        """
    }

    func sql(limit: Int) -> String {
        """
        select h.outcome_id, h.simulation_id, s.simulation_name as simulation, h.scenario_id, h.trial,
          h.execution_time, h.status, \(snippet) as snippet
        from (
          select o.outcome_id, o.simulation_id, o.scenario_id, o.trial, o.execution_time, o.status, o.trajectory
          from outcomes o
          where \(conditions.joined(separator: "\n    and "))
          order by o.execution_time desc, o.outcome_id desc limit \(limit)
        ) h
        left join simulations s using (simulation_id)
        order by h.execution_time desc, h.outcome_id desc
        """
    }
}
