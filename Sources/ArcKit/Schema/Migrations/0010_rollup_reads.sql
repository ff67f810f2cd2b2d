-- Answers: stored rows where nothing is noted, the outcomes themselves where something is. All of a function's queries see the
-- snapshot of the statement that calls it. Where nothing is noted, `outcomes` isn't even planned. What is read of it is put as
-- text, with its bounds as constants, so that only the partitions within them are planned.

-- The pieces of time that have to be read from the outcomes: of these simulations (null: of all), from `low` on, where roll-ups
-- of that grain (an hour, or 24) would be used. No two pieces of a simulation overlap. first is where stored buckets begin.
create function arc_rollup_pieces(
  sims uuid[], low timestamptz, grain interval,
  out first timestamptz, out piece_sims uuid[], out lows timestamptz[], out highs timestamptz[]
) language plpgsql stable as $$
declare
  origin constant timestamptz := '2000-01-01 00:00:00+00';
  wholes uuid[];
begin
  -- Of all simulations no piece before a whole bucket is read: the bucket's beginning counts.
  if sims is null then low := date_bin(grain, low, origin); end if;
  first := date_bin(grain, low, origin);
  if first < low then first := first + grain; end if;
  select array_agg(distinct c.simulation_id) into wholes from rollup_changes c
  where c.hour = '-infinity' and (sims is null or c.simulation_id = any (sims));
  with pieces as (
    select w as sim, low as piece_low, 'infinity'::timestamptz as piece_high from unnest(wholes) w
    union
    select c.simulation_id, date_bin(grain, c.hour, origin), date_bin(grain, c.hour, origin) + grain
    from rollup_changes c
    where c.hour >= first and (sims is null or c.simulation_id = any (sims))
      and (wholes is null or c.simulation_id <> all (wholes))
    union
    select u, low, first from unnest(sims) u where low < first and (wholes is null or u <> all (wholes))
  )
  select array_agg(sim), array_agg(piece_low), array_agg(piece_high) into piece_sims, lows, highs from pieces;
end $$;

-- The query for a roll-up's stored rows and, where there are pieces, for the same of the outcomes: $1 to $7 are the
-- simulations, the first bucket, the pieces and their bounds. @outcomes stands for the outcomes of the pieces.
create function arc_rollup_query(
  roll_up text, sims uuid[], pieces uuid[], of_outcomes text, condition text default ''
) returns text language sql immutable as $$
  select format('select r.* from %I r where r.bucket >= $2', roll_up)
    || case when sims is null then '' else ' and r.simulation_id = any ($1)' end || condition
    || case when pieces is null then '' else $sql$
      and not exists (select from unnest($3, $4, $5) d(sim, low, high)
        where d.sim = r.simulation_id and r.bucket >= d.low and r.bucket < d.high)
      union all $sql$ || replace(of_outcomes, '@outcomes', $sql$
        from unnest($3, $4, $5) d(sim, low, high)
        join outcomes o on o.simulation_id = d.sim and o.execution_time >= d.low and o.execution_time < d.high
        left join simulations s on s.simulation_id = o.simulation_id
        where o.execution_time >= $6 and o.execution_time < $7 $sql$) end
$$;

create function arc_least(times timestamptz[]) returns timestamptz language sql immutable as $$
  select min(t) from unnest(times) t
$$;
create function arc_greatest(times timestamptz[]) returns timestamptz language sql immutable as $$
  select max(t) from unnest(times) t
$$;

-- Figures by simulation and status of these simulations (null: of all) from a time on, in buckets of a grain (an hour, or 24
-- hours, UTC). A bucket may come in several rows, to be added up. A time within a bucket is that bucket's beginning where all
-- simulations are asked for.
create function arc_rollup(grain interval, sims uuid[], low timestamptz) returns setof rollup_hourly
language plpgsql stable as $$
declare
  p record;
begin
  p := arc_rollup_pieces(sims, low, grain);
  return query execute arc_rollup_query(
    case grain when interval '1 hour' then 'rollup_hourly' else 'rollup_daily' end, sims, p.piece_sims,
    format($sql$
      select date_bin(%L, o.execution_time, '2000-01-01 00:00:00+00'), o.simulation_id, o.status, {{figures}}
      @outcomes group by 1, 2, 3 $sql$, grain))
    using sims, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs);
end $$;

-- How many runs took about how long, by bins of arc_latency_bin, by day, likewise.
create function arc_rollup_latency(sims uuid[], low timestamptz) returns setof rollup_latency_daily
language plpgsql stable as $$
declare
  p record;
begin
  p := arc_rollup_pieces(sims, low, '24 hours');
  return query execute arc_rollup_query('rollup_latency_daily', sims, p.piece_sims, $sql$
      select arc_day(o.execution_time), o.simulation_id, arc_latency_bin(o.execution_time_ms), count(*)
      @outcomes and o.execution_time_ms is not null group by 1, 2, 3 $sql$)
    using sims, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs);
end $$;

-- The rows of these metrics among those that clusters are made of: what isn't asked for isn't added up.
create function arc_chosen_metrics(metrics text[]) returns text language sql immutable as $$
  select string_agg(rtrim(line, ','), ',' order by line)
  from regexp_split_to_table($m${{metrics}}$m$, '\n') as line
  where substring(line from '''([a-z]+)''') = any (metrics)
$$;

-- The sums that one of these metrics' standard errors need, likewise.
create function arc_rollup_clusters(grain interval, sims uuid[], low timestamptz, metrics text[])
returns setof rollup_clusters_hourly language plpgsql stable as $$
declare
  p record;
begin
  p := arc_rollup_pieces(sims, low, grain);
  return query execute arc_rollup_query(
    case grain when interval '1 hour' then 'rollup_clusters_hourly' else 'rollup_clusters_daily' end, sims, p.piece_sims,
    format(replace($sql$
      select * from (
        with cells as (
          select date_bin(%L, o.execution_time, '2000-01-01 00:00:00+00') as bucket, o.simulation_id, o.scenario_id, {{cells}}
          @outcomes group by 1, 2, 3
        )
        select c.bucket, c.simulation_id, {{clusters}} group by 1, 2, 3
      ) as clusters $sql$, $m${{metrics}}$m$, arc_chosen_metrics(metrics)), grain), ' and r.metric = any ($8)')
    using sims, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs), metrics;
end $$;

-- The query for figures by simulation and scenario, by day; $8 are the scenarios (null: all).
create function arc_scenarios_query(sims uuid[], pieces uuid[], scenarios text[]) returns text language sql immutable as $$
  select arc_rollup_query('rollup_scenarios_daily', sims, pieces,
    replace($sql$
      select arc_day(o.execution_time), o.simulation_id, o.scenario_id, {{cells}}
      @outcomes @chosen group by 1, 2, 3 $sql$,
      '@chosen', case when scenarios is null then '' else ' and o.scenario_id = any ($8)' end),
    case when scenarios is null then '' else ' and r.scenario_id = any ($8)' end)
$$;

-- Figures by simulation and scenario of these simulations and scenarios (null: of all), by day, likewise.
create function arc_rollup_scenarios(sims uuid[], scenarios text[], low timestamptz)
returns setof rollup_scenarios_daily language plpgsql stable as $$
declare
  p record;
begin
  p := arc_rollup_pieces(sims, low, '24 hours');
  return query execute arc_scenarios_query(sims, p.piece_sims, scenarios)
    using sims, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs), scenarios;
end $$;

-- Simulations' figures over all of their time; those without outcomes are missing.
create function arc_totals(sims uuid[]) returns setof rollup_totals language plpgsql stable as $$
declare
  stale uuid[];
  p record;
begin
  select array_agg(distinct c.simulation_id) into stale from rollup_changes c where c.simulation_id = any (sims);
  if stale is null then
    return query select * from rollup_totals t where t.simulation_id = any (sims);
    return;
  end if;
  return query select * from rollup_totals t where t.simulation_id = any (sims) and t.simulation_id <> all (stale);
  p := arc_rollup_pieces(stale, '-infinity', '24 hours');
  -- In one query with what is made of it, so that only what that needs is added up.
  return query execute 'with cells as (' || arc_scenarios_query(stale, p.piece_sims, null) || $sql$) {{totals}} $sql$
    using stale, p.first, p.piece_sims, p.lows, p.highs, arc_least(p.lows), arc_greatest(p.highs), null::text[];
end $$;

-- A simulation's figures from a time on, by status and buckets of any width; a bucket may come in several rows. Buckets of
-- whole hours come from the roll-ups, others from the outcomes.
create function arc_simulation_buckets(simulation uuid, width interval, low timestamptz) returns setof rollup_hourly
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
      select time_bucket($1, o.execution_time), o.simulation_id, o.status, {{figures}}
      from outcomes o left join simulations s on s.simulation_id = o.simulation_id
      where o.simulation_id = $2 and o.execution_time >= $3 group by 1, 2, 3 $sql$ using width, simulation, low;
  end if;
end $$;

-- A quantile of latencies in bins, by linear interpolation between the middles of order statistics' bins, in milliseconds.
create function arc_latency_quantile(share numeric, bins integer[], runs bigint[]) returns double precision
language sql immutable parallel safe as $$
  with counts as (
    select b.bin, sum(b.runs) over (order by b.bin) as up_to, sum(b.runs) over () as n from unnest(bins, runs) as b(bin, runs)
  ), place as (select floor((n - 1) * share) as below, (n - 1) * share - floor((n - 1) * share) as part from counts limit 1)
  select (low + (high - low) * part)::double precision from (
    select part, (select arc_latency_of_bin(min(bin)) from counts where up_to > below) as low,
      (select arc_latency_of_bin(min(bin)) from counts where up_to > least(below + 1, n - 1)) as high
    from place, (select n from counts limit 1) as total
  ) as ends
$$;

-- Somebody may have made the guide's view already: what they have stays, under another name.
do $$ begin
  if to_regclass('daily_simulation_stats') is not null then
    alter table daily_simulation_stats rename to daily_simulation_stats_before;
  end if;
end $$;

-- The guide's view: its counts of distinct simulations, and its window of time that moves, are no part of what is kept, but of
-- how it is read. Days are UTC's.
create view daily_simulation_stats as
select bucket as day, count(distinct simulation_id) as simulations_run, sum(runs)::bigint as total_scenarios,
  (sum(score) / nullif(sum(scored), 0))::double precision as avg_reliability, sum(cost)::double precision as total_cost
from arc_rollup('24 hours', null, '-infinity') group by bucket;
