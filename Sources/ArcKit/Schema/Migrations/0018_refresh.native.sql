-- Computes the days of these simulations anew.
create or replace function arc_refresh_days(sims uuid[], days timestamptz[]) returns void language plpgsql as $$
declare
  part text;
begin
  foreach part in array array['rollup_hourly', 'rollup_daily', 'rollup_scenarios_daily', 'rollup_latency_daily'] loop
    execute format($sql$
      delete from %I r using unnest($1, $2) as d(simulation_id, day)
      where r.simulation_id = d.simulation_id and r.bucket >= d.day and r.bucket < d.day + interval '24 hours'
      $sql$, part) using sims, days;
  end loop;
  -- As text, so that it is planned for these days alone.
  execute $sql$
    with o as materialized (
      select o.simulation_id, o.scenario_id, o.execution_time, o.status, o.reliability_score, o.execution_time_ms,
        o.tokens_used, o.cost_usd
      from unnest($1, $2) as d(simulation_id, day)
      join outcomes o on o.simulation_id = d.simulation_id
        and o.execution_time >= d.day and o.execution_time < d.day + interval '24 hours'
      where o.execution_time >= $3 and o.execution_time < $4
    ), hours as (
      insert into rollup_hourly
      select arc_hour(o.execution_time), o.simulation_id, o.status, {{exact_figures}}
      from o left join simulations s using (simulation_id) group by 1, 2, 3
      returning *
    ), days as (
      insert into rollup_daily
      select arc_day(bucket), simulation_id, status, {{merged}} from hours group by 1, 2, 3
    ), scenarios as (
      insert into rollup_scenarios_daily
      select arc_day(o.execution_time), o.simulation_id, o.scenario_id, {{exact_cells}}
      from o left join simulations s using (simulation_id) group by 1, 2, 3
    )
    insert into rollup_latency_daily
    select arc_day(o.execution_time), o.simulation_id, arc_latency_bin(o.execution_time_ms), count(*)
    from o where o.execution_time_ms is not null group by 1, 2, 3
    $sql$ using sims, days, (select min(d) from unnest(days) d),
      (select max(d) + interval '24 hours' from unnest(days) d);
end $$;
