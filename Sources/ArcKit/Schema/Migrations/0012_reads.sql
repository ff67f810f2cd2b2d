-- The time within which every outcome of these simulations lies: what isn't stored in roll-ups is noted. Without ends where a
-- simulation is noted as a whole, or nothing is known of them.
create function arc_run_times(sims uuid[], out low timestamptz, out high timestamptz) language sql stable as $$
  select coalesce(min(first), '-infinity'), coalesce(max(last), 'infinity') from (
    select ends.bucket as first, ends.bucket + interval '24 hours' as last from unnest(sims) as s(sim)
    cross join lateral (
      (select bucket from rollup_daily r where r.simulation_id = s.sim order by bucket limit 1)
      union all
      (select bucket from rollup_daily r where r.simulation_id = s.sim order by bucket desc limit 1)
    ) as ends
    union all
    select hour, case hour when '-infinity' then 'infinity' else hour + interval '1 hour' end
    from rollup_changes where simulation_id = any (sims)
  ) as times
$$;

-- The runs of two simulations, with what they are compared by. The bounds are put as constants, so that only the partitions
-- within them are planned; they and the runs are of one snapshot.
create function arc_compared_runs(a uuid, b uuid) returns table (
  is_b boolean, scenario_id text, trial integer, status text, reliability_score double precision, execution_time_ms bigint,
  tokens_used bigint, cost_usd double precision, metrics jsonb
) language plpgsql stable as $$
declare
  times record := arc_run_times(array[a, b]);
begin
  return query execute $sql$
    select o.simulation_id = $2, o.scenario_id, o.trial, o.status, o.reliability_score, o.execution_time_ms, o.tokens_used,
      o.cost_usd, o.metrics
    from outcomes o
    where o.simulation_id in ($1, $2) and o.execution_time >= $3 and o.execution_time < $4
    $sql$ using a, b, times.low, times.high;
end $$;
