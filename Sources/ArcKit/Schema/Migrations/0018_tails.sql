-- The same sums for less. Turning a double into a numeric takes most of an exact sum's time, and most doubles that anybody
-- records are whole numbers of millionths: those are added up as such. What comes out is the same, to the last digit.

-- Whether a double is a whole number of millionths, and at most so large. A decimal of at most 15 digits is what the cast to
-- numeric makes of the double that is nearest to it.
create function arc_is_whole(x double precision, most double precision) returns boolean
language sql immutable parallel safe as $$
  select x <= most and round(x * 1e6) / 1e6 = x
$$;

-- A sum of so many known values: of whole numbers of units, and of the rest; null where none is known.
create function arc_exact(known bigint, whole numeric, unit numeric, rest numeric) returns numeric
language sql immutable parallel safe as $$
  select case when known > 0 then coalesce(whole * unit, 0) + coalesce(rest, 0) end
$$;

-- So many pieces at most are told one by one.
create function arc_most_pieces() returns integer language sql immutable parallel safe as $$ select 16 $$;

-- The condition that what has these columns lies in one of so many pieces, $3 to $5. Told one by one, the server sees from its
-- statistics how many rows that is, and neither sorts them nor looks for each one's simulation.
create function arc_in_pieces(simulation text, at text, pieces integer) returns text language sql immutable as $$
  select '(' || string_agg(
    format('%1$s = ($3)[%3$s] and %2$s >= ($4)[%3$s] and %2$s < ($5)[%3$s]', simulation, at, n), ' or ' order by n) || ')'
  from generate_series(1, pieces) as n
$$;

-- The outcomes of pieces, as `from … where …`: $3 to $7 are the pieces, their bounds and the bounds of all.
create function arc_piece_outcomes(pieces uuid[]) returns text language sql immutable as $$
  select case when cardinality(pieces) <= arc_most_pieces() then
    ' from outcomes o left join simulations s on s.simulation_id = o.simulation_id where '
      || arc_in_pieces('o.simulation_id', 'o.execution_time', cardinality(pieces))
  else $sql$
    from (
      select d.*, s.pass_threshold from unnest($3, $4, $5) d(sim, low, high)
      left join simulations s on s.simulation_id = d.sim offset 0
    ) as s
    join outcomes o on o.simulation_id = s.sim and o.execution_time >= s.low and o.execution_time < s.high
    where true $sql$ end || ' and o.execution_time >= $6 and o.execution_time < $7 '
$$;

create or replace function arc_rollup_query(
  roll_up text, sims uuid[], pieces uuid[], of_outcomes text, condition text default ''
) returns text language sql immutable as $$
  select format('select r.* from %I r where r.bucket >= $2', roll_up)
    || case when sims is null then '' else ' and r.simulation_id = any ($1)' end || condition
    || case when pieces is null then '' else ' and not '
      || case when cardinality(pieces) <= arc_most_pieces() then
        arc_in_pieces('r.simulation_id', 'r.bucket', cardinality(pieces))
      else $sql$exists (select from unnest($3, $4, $5) d(sim, low, high)
        where d.sim = r.simulation_id and r.bucket >= d.low and r.bucket < d.high)$sql$ end
      || ' union all ' || replace(of_outcomes, '@outcomes', arc_piece_outcomes(pieces)) end
$$;

create or replace function arc_rollup(grain interval, sims uuid[], low timestamptz) returns setof rollup_hourly
language plpgsql stable set jit = off as $$
declare
  p record;
begin
  p := arc_rollup_pieces(sims, low, grain);
  return query execute arc_rollup_query(
    case grain when interval '1 hour' then 'rollup_hourly' else 'rollup_daily' end, sims, p.piece_sims,
    format($sql$
      select date_bin(%L, o.execution_time, '2000-01-01 00:00:00+00'), o.simulation_id, o.status, {{exact_figures}}
      @outcomes group by 1, 2, 3 $sql$, grain))
    using sims, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs);
end $$;

-- The query for clusters, of `cells`: the sums of these metrics. What isn't asked for isn't added up, nor even planned.
create function arc_clusters_of_cells(metrics text[]) returns text language sql immutable as $$
  select format($sql$
      select s.bucket, s.simulation_id, m.metric, m.scenarios::integer, m.n::bigint, m.total, m.squares, m.total_squares,
        m.cross_products, m.n_squares
      from (select c.bucket, c.simulation_id, %s from cells c group by 1, 2) as s
      cross join lateral (values %s) as m(metric, scenarios, n, total, squares, total_squares, cross_products, n_squares)
      where m.scenarios > 0 $sql$,
    string_agg(format(
      'count(*) filter (where %2$s > 0) as %1$s_scenarios, sum(%2$s) as %1$s_n, sum(%3$s) as %1$s_total, '
        'sum(%4$s) as %1$s_squares, sum(%3$s * %3$s) as %1$s_total_squares, '
        'sum(%3$s * %2$s) as %1$s_cross_products, sum(%2$s * %2$s) as %1$s_n_squares',
      metric, n, total, squares), ', ' order by metric),
    string_agg(format(
      '(''%1$s'', %1$s_scenarios, %1$s_n, %1$s_total, %1$s_squares, %1$s_total_squares, %1$s_cross_products, '
        '%1$s_n_squares)', metric), ', ' order by metric))
  from (values
    ('score', 'c.scored', 'c.score', 'c.score_squares'),
    ('pass', 'c.judged', 'c.passes', 'c.passes'),
    -- A run that somebody cancelled says nothing of whether the agent fails.
    ('error', '(c.runs - c.cancellations)', '(c.errors + c.timeouts)', '(c.errors + c.timeouts)'),
    ('latency', 'c.timed', 'c.latency', 'c.latency_squares'),
    ('tokens', 'c.counted', 'c.tokens', 'c.tokens_squares'),
    ('cost', 'c.priced', 'c.cost', 'c.cost_squares')
  ) as all_metrics(metric, n, total, squares)
  where metric = any (metrics)
$$;

create or replace function arc_rollup_clusters(grain interval, sims uuid[], low timestamptz, metrics text[])
returns setof rollup_clusters_hourly language plpgsql stable set jit = off as $$
declare
  p record;
begin
  p := arc_rollup_pieces(sims, low, grain);
  return query execute arc_rollup_query(
    case grain when interval '1 hour' then 'rollup_clusters_hourly' else 'rollup_clusters_daily' end, sims, p.piece_sims,
    case when p.piece_sims is not null then format($sql$
      select * from (
        with cells as (
          select date_bin(%L, o.execution_time, '2000-01-01 00:00:00+00') as bucket, o.simulation_id, o.scenario_id,
            {{exact_cells}}
          @outcomes group by 1, 2, 3
        ) %s
      ) as clusters $sql$, grain, arc_clusters_of_cells(metrics)) else '' end, ' and r.metric = any ($8)')
    using sims, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs), metrics;
end $$;
drop function arc_chosen_metrics(text[]);

create or replace function arc_scenarios_query(sims uuid[], pieces uuid[], scenarios text[]) returns text
language sql immutable as $$
  select arc_rollup_query('rollup_scenarios_daily', sims, pieces,
    replace($sql$
      select arc_day(o.execution_time), o.simulation_id, o.scenario_id, {{exact_cells}}
      @outcomes @chosen group by 1, 2, 3 $sql$,
      '@chosen', case when scenarios is null then '' else ' and o.scenario_id = any ($8)' end),
    case when scenarios is null then '' else ' and r.scenario_id = any ($8)' end)
$$;

-- Simulations' figures over all of their time; those without outcomes are missing. Where they aren't wanted, passes, judged and
-- alike are empty.
create function arc_totals(sims uuid[], with_passes boolean) returns setof rollup_totals
language plpgsql stable set jit = off as $$
declare
  stale uuid[];
  p record;
  scenarios text;
begin
  select array_agg(distinct c.simulation_id) into stale from rollup_changes c where c.simulation_id = any (sims);
  if stale is null then
    return query select * from rollup_totals t where t.simulation_id = any (sims);
    return;
  end if;
  return query select * from rollup_totals t where t.simulation_id = any (sims) and t.simulation_id <> all (stale);
  p := arc_rollup_pieces(stale, '-infinity', '24 hours');
  -- A simulation of one day, which most are, has no other days to be added.
  if exists (
    select from rollup_daily r where r.simulation_id = any (stale)
      and not exists (
        select from unnest(p.piece_sims, p.lows, p.highs) d(sim, low, high)
        where d.sim = r.simulation_id and r.bucket >= d.low and r.bucket < d.high))
  then
    scenarios := 'with cells as (' || arc_scenarios_query(stale, p.piece_sims, null) || $sql$),
      scenarios as ({{scenarios_of_cells}}) $sql$;
  else
    scenarios := replace($sql$
      with scenarios as (select o.simulation_id, o.scenario_id, {{exact_cells}} @outcomes group by 1, 2) $sql$,
      '@outcomes', arc_piece_outcomes(p.piece_sims));
  end if;
  -- In one query with what is made of it, so that only what that needs is added up.
  return query execute scenarios || case when with_passes then $sql$ {{exact_totals}} $sql$ else $sql$
      select simulation_id, sum(successes)::bigint, sum(errors)::bigint, sum(timeouts)::bigint, sum(cancellations)::bigint,
        coalesce(sum(scored), 0)::bigint, sum(score / nullif(scored, 0)) / nullif(count(score), 0), sum(cost),
        '{}'::integer[], '{}'::integer[], '{}'::integer[]
      from scenarios group by simulation_id $sql$ end
    using stale, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs), null::text[];
end $$;

create or replace function arc_totals(sims uuid[]) returns setof rollup_totals language sql stable as $$
  select * from arc_totals(sims, true)
$$;

alter function arc_rollup_scenarios(uuid[], text[], timestamptz) set jit = off;
alter function arc_rollup_latency(uuid[], timestamptz) set jit = off;

-- A simulation's figures from a time on, by status and buckets of any width; a bucket may come in several rows. Buckets of
-- whole hours come from the roll-ups, others from the outcomes.
create or replace function arc_simulation_buckets(simulation uuid, width interval, low timestamptz) returns setof rollup_hourly
language plpgsql stable as $$
declare
  r rollup_hourly;
begin
  if extract(epoch from width) % 3600 = 0 then
    for r in select * from arc_rollup('1 hour', array[simulation], low) loop
      r.bucket := time_bucket(width, r.bucket);
      return next r;
    end loop;
  else
    return query execute $sql$
      select time_bucket($1, o.execution_time), o.simulation_id, o.status, {{exact_figures}}
      from outcomes o left join simulations s on s.simulation_id = o.simulation_id
      where o.simulation_id = $2 and o.execution_time >= $3 group by 1, 2, 3 $sql$ using width, simulation, low;
  end if;
end $$;

-- Computes what is made of the outcomes by arc itself on every tier: clusters of these days of simulations, and their
-- simulations' totals, from rollup_scenarios_daily as it is now.
create or replace function arc_refresh_derived(sims uuid[], days timestamptz[]) returns void language plpgsql as $$
declare
  every_metric constant text[] := '{score,pass,error,latency,tokens,cost}';
begin
  delete from rollup_clusters_hourly r using unnest(sims, days) as d(simulation_id, day)
  where r.simulation_id = d.simulation_id and r.bucket >= d.day and r.bucket < d.day + interval '24 hours';
  delete from rollup_clusters_daily r using unnest(sims, days) as d(simulation_id, day)
  where r.simulation_id = d.simulation_id and r.bucket = d.day;
  execute $sql$
    with cells as (
      select arc_hour(o.execution_time) as bucket, o.simulation_id, o.scenario_id, {{exact_cells}}
      from unnest($1, $2) as d(simulation_id, day)
      join outcomes o on o.simulation_id = d.simulation_id
        and o.execution_time >= d.day and o.execution_time < d.day + interval '24 hours'
      left join simulations s on s.simulation_id = o.simulation_id
      where o.execution_time >= $3 and o.execution_time < $4
      group by 1, 2, 3
    )
    insert into rollup_clusters_hourly $sql$ || arc_clusters_of_cells(every_metric)
    using sims, days, (select min(d) from unnest(days) d), (select max(d) + interval '24 hours' from unnest(days) d);
  execute $sql$
    with cells as (
      select r.* from unnest($1, $2) as d(simulation_id, day)
      join rollup_scenarios_daily r on r.simulation_id = d.simulation_id and r.bucket = d.day
      where r.bucket >= $3
    )
    insert into rollup_clusters_daily $sql$ || arc_clusters_of_cells(every_metric)
    using sims, days, (select min(d) from unnest(days) d);
  delete from rollup_totals where simulation_id = any (sims);
  with cells as (select * from rollup_scenarios_daily where simulation_id = any (sims)),
    scenarios as ({{scenarios_of_cells}})
  insert into rollup_totals {{exact_totals}};
end $$;
