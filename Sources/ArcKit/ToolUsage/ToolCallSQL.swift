/// The tool calls of a trajectory as SQL, so that trajectories stay on the server.
///
/// Trajectories come in several shapes, which may be mixed. It is a list, or an object with a list under
/// `full_trajectory`, `messages` or `steps`, and a call is
///
/// - a step with the tool's name under `tool` (the platform's guide, Modal): it failed where `error` holds something,
///   `is_error` is true, `success` is false or `status` is error, failed or timeout;
/// - an element of a message's `tool_calls` with `function.name` (OpenAI, τ-bench), `function` (Inspect) or `name`, or a
///   message's `function_call`: its answer is the next message of role tool or function with its id (or its name);
/// - a `tool_use` block of a message's `content` (Anthropic): its answer is a `tool_result` block with its id.
///
/// An answer failed where a step would have, or where its text begins with "Error". Whether a call without an answer
/// failed isn't known. The time of a call is what its step or answer gives as `duration_ms`, `execution_time_ms` or
/// `latency_ms`.
enum ToolCallSQL {
    /// A query that gives place, part, tool, failed (NULL where it isn't known) and ms (NULL where it isn't known) of
    /// each call in the trajectory, a column or expression of type jsonb.
    static func calls(of trajectory: String) -> String {
        """
        with steps as materialized (
          select e.step, e.place from jsonb_array_elements(
            case jsonb_typeof(\(trajectory)) when 'array' then \(trajectory) when 'object' then (
              select list from unnest(array[\(trajectory) -> 'full_trajectory', \(trajectory) -> 'messages',
                \(trajectory) -> 'steps']) list
              where jsonb_typeof(list) = 'array' limit 1) end) with ordinality as e(step, place)
          where jsonb_typeof(e.step) = 'object'
        ), blocks as (
          select b.block, s.place, b.part from steps s, jsonb_array_elements(
            case jsonb_typeof(s.step -> 'content') when 'array' then s.step -> 'content' end)
            with ordinality as b(block, part)
          where b.block ->> 'type' in ('tool_use', 'tool_result')
        ), asked as (
          select s.place, c.part, c.call ->> 'id' as id, coalesce(c.call -> 'function' ->> 'name',
            case jsonb_typeof(c.call -> 'function') when 'string' then c.call ->> 'function' end,
            c.call ->> 'name') as tool
          from steps s, jsonb_array_elements(
            case jsonb_typeof(s.step -> 'tool_calls') when 'array' then s.step -> 'tool_calls' end)
            with ordinality as c(call, part)
          union all
          select place, 1, step -> 'function_call' ->> 'name', step -> 'function_call' ->> 'name'
          from steps where jsonb_typeof(step -> 'function_call') = 'object'
          union all
          select place, part, block ->> 'id', block ->> 'name' from blocks where block ->> 'type' = 'tool_use'
        ), answers as (
          select place, 1 as part, coalesce(step ->> 'tool_call_id', step ->> 'name') as id,
            \(failed("step")) or \(saysError("step")) as failed, \(time("step")) as ms
          from steps where step ->> 'role' in ('tool', 'function')
          union all
          select place, part, block ->> 'tool_use_id', \(failed("block")) or \(saysError("block")), \(time("block"))
          from blocks where block ->> 'type' = 'tool_result'
        )
        select place, 1 as part, step ->> 'tool' as tool, \(failed("step")) as failed, \(time("step")) as ms
        from steps where jsonb_typeof(step -> 'tool') = 'string'
        union all
        select q.place, q.part, q.tool, a.failed, a.ms
        from asked q left join lateral (
          select failed, ms from answers where answers.id = q.id and answers.place > q.place
          order by answers.place, answers.part limit 1) a on true
        where q.tool is not null
        """
    }

    /// Whether an object tells of a failure by its fields.
    private static func failed(_ object: String) -> String {
        """
        (coalesce(\(object) -> 'error' not in ('null', 'false', '""', '{}', '[]'), false)
          or coalesce(\(object) ->> 'is_error' = 'true', false) or coalesce(\(object) ->> 'success' = 'false', false)
          or coalesce(\(object) ->> 'status' in ('error', 'failed', 'timeout'), false))
        """
    }

    /// Whether an answer's text tells of a failure.
    private static func saysError(_ answer: String) -> String {
        """
        coalesce(ltrim(case jsonb_typeof(\(answer) -> 'content')
          when 'string' then \(answer) ->> 'content' else \(answer) -> 'content' -> 0 ->> 'text' end) ~* '^error', false)
        """
    }

    private static func time(_ object: String) -> String {
        let fields = ["duration_ms", "execution_time_ms", "latency_ms"].map {
            """
            case jsonb_typeof(\(object) -> '\($0)') when 'number' then (\(object) ->> '\($0)')::numeric end
            """
        }
        return "coalesce(\(fields.joined(separator: ", ")))"
    }
}
