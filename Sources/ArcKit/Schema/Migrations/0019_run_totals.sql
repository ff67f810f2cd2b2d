-- What questions about configurations add up: a day's runs of a simulation and a scenario, without those that somebody
-- cancelled. A roll-up like the others, in a plain table on all tiers.
create table rollup_runs_daily (
  bucket        timestamptz not null,
  simulation_id uuid not null,
  scenario_id   text not null,
  runs          integer not null,
  errors        integer not null,
  passes        integer not null,
  judged        integer not null,
  scored        integer not null,
  score         numeric,
  -- Runs whose cost is known, and how many of these passed.
  priced        integer not null,
  priced_passes integer not null,
  cost          numeric,
  counted       integer not null,
  tokens        numeric,
  timed         integer not null,
  latency       numeric,
  -- The single times in milliseconds, in any order, each as the 8 bytes of int8send: exact percentiles need them, and so they
  -- are put together at the cost of copying them.
  times         bytea,
  primary key (simulation_id, bucket, scenario_id)
);
create index rollup_runs_daily_by_time on rollup_runs_daily (bucket);

-- Computes these days of simulations anew.
create function arc_refresh_runs(sims uuid[], days timestamptz[]) returns void language plpgsql as $$
begin
  delete from rollup_runs_daily r using unnest(sims, days) as d(simulation_id, day)
  where r.simulation_id = d.simulation_id and r.bucket = d.day;
  -- As text, so that it is planned for these days alone.
  execute $sql$
    insert into rollup_runs_daily
    select d.day, o.simulation_id, o.scenario_id, count(*), count(*) filter (where o.status in ('error', 'timeout')),
      count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold),
      count(*) filter (where o.status <> 'success' or o.reliability_score is not null),
      count(o.reliability_score),
      arc_exact(count(o.reliability_score),
        sum((o.reliability_score * 1e6)::bigint) filter (where arc_is_whole(o.reliability_score, 1e8)), 0.000001,
        sum(o.reliability_score::numeric) filter (where not arc_is_whole(o.reliability_score, 1e8))),
      count(o.cost_usd),
      count(o.cost_usd) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold),
      arc_exact(count(o.cost_usd),
        sum((o.cost_usd * 1e6)::bigint) filter (where arc_is_whole(o.cost_usd, 1e8)), 0.000001,
        sum(o.cost_usd::numeric) filter (where not arc_is_whole(o.cost_usd, 1e8))),
      count(o.tokens_used), sum(o.tokens_used), count(o.execution_time_ms), sum(o.execution_time_ms),
      string_agg(int8send(o.execution_time_ms), '')
    from unnest($1, $2) as d(simulation_id, day)
    join outcomes o on o.simulation_id = d.simulation_id
      and o.execution_time >= d.day and o.execution_time < d.day + interval '24 hours'
    join simulations s on s.simulation_id = o.simulation_id
    where o.execution_time >= $3 and o.execution_time < $4 and o.status <> 'cancelled'
    group by 1, 2, 3
    $sql$ using sims, days, (select min(d) from unnest(days) d),
      (select max(d) + interval '24 hours' from unnest(days) d);
end $$;

alter function arc_refresh_derived(uuid[], timestamptz[]) rename to arc_refresh_clusters;

-- Computes what is made of the outcomes by arc itself on every tier: these days of simulations, and the simulations' totals.
create function arc_refresh_derived(sims uuid[], days timestamptz[]) returns void language plpgsql as $$
begin
  perform arc_refresh_clusters(sims, days);
  perform arc_refresh_runs(sims, days);
end $$;

-- What is there already.
select arc_note_everything();
