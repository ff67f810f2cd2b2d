-- What the data is made of: a schema beside arc's own, dropped when the data is made. Everything that looks random is a
-- hash of the row's number, so every run makes the same data, but for its times, which end now.

create schema bench;

-- A number in 0 ..< 1 for a row and a purpose.
create function bench.unit(key bigint, purpose integer) returns double precision
language sql immutable strict parallel safe as $$
  select (hashint8extended(key, purpose) & 9007199254740991)::double precision / 9007199254740992
$$;

-- A standard normal number (Box and Muller); uses the purposes `purpose` and `purpose + 1`.
create function bench.normal(key bigint, purpose integer) returns double precision
language sql immutable strict parallel safe as $$
  select sqrt(-2 * ln(1 - bench.unit(key, purpose))) * cos(2 * pi() * bench.unit(key, purpose + 1))
$$;

-- One of a list of texts.
create function bench.pick(key bigint, purpose integer, texts text[]) returns text
language sql immutable strict parallel safe as $$
  select texts[1 + floor(bench.unit(key, purpose) * cardinality(texts))::integer]
$$;

-- So many hexadecimal digits, at most 16.
create function bench.digits(key bigint, purpose integer, count integer) returns text
language sql immutable strict parallel safe as $$
  select right(lpad(to_hex(hashint8extended(key, purpose)), 16, '0'), count)
$$;

-- A number drawn from a Beta distribution (Jöhnk): the first of some pairs that falls into the allowed part. With
-- a = 0.9 and b = 0.6 the mean is 0.6 and the intraclass correlation of the passes 1 / (a + b + 1) = 0.4.
create function bench.beta(key bigint, a double precision, b double precision) returns double precision
language sql immutable strict parallel safe as $$
  select x / (x + y)
  from generate_series(1, 64) as try
  cross join lateral (
    select bench.unit(key, 1000 + 2 * try) ^ (1 / a) as x, bench.unit(key, 1001 + 2 * try) ^ (1 / b) as y
  ) as pair
  where x + y between 1e-12 and 1
  order by try limit 1
$$;

-- What an agent did: a chat with tool calls, as models' interfaces have it, or the guide's list of steps. Some KB, which
-- don't compress well.
create function bench.trajectory(key bigint) returns jsonb language sql immutable strict parallel safe as $$
  with steps as materialized (
    select n, key * 64 + n as call, bench.digits(key * 64 + n, 51, 12) as id,
      bench.pick(key * 64 + n, 52, '{search_flights, get_user_details, book_reservation, cancel_reservation,
        update_reservation, calculate, send_certificate, transfer_to_human}') as tool,
      (select string_agg(bench.digits(key * 64 + n, 100 + part, 16), ' ') from generate_series(1, 24) as part) as result
    from generate_series(1, 3 + floor(bench.unit(key, 50) * 8)::integer) as n
  )
  select case when bench.unit(key, 53) < 0.5 then (
    select jsonb_agg(message order by place) from (
      select 0 as place, jsonb_build_object('role', 'user',
        'content', 'I need help with reservation ' || upper(bench.digits(key, 54, 6)) || ', please.') as message
      union all
      select 2 * n - 1, jsonb_build_object('role', 'assistant', 'content', null, 'tool_calls', jsonb_build_array(
        jsonb_build_object('id', 'call_' || id, 'type', 'function', 'function', jsonb_build_object('name', tool,
          'arguments', jsonb_build_object('id', left(id, 8), 'limit', n)::text)))) from steps
      union all
      select 2 * n, jsonb_build_object('role', 'tool', 'name', tool, 'tool_call_id', 'call_' || id,
        'content', case when bench.unit(call, 55) < 0.05 then 'Error: ' || tool || ' is not available now'
          else result end) from steps
    ) as messages
  ) else (
    select jsonb_agg(jsonb_build_object('step', n, 'tool', tool, 'input', jsonb_build_object('id', left(id, 8)),
        'output', result, 'duration_ms', floor(exp(5 + 0.7 * bench.normal(call, 56)))) order by n)
      || jsonb_build_array(jsonb_build_object('step', count(*) + 1, 'response', 'Done: ' || bench.digits(key, 58, 8)))
    from steps
  ) end
$$;
