create table rollup_hourly as
select arc_hour(o.execution_time) as bucket, o.simulation_id, o.status, {{figures}}
from outcomes o left join simulations s using (simulation_id) where false group by 1, 2, 3;
alter table rollup_hourly add primary key (simulation_id, bucket, status);
create index rollup_hourly_by_time on rollup_hourly (bucket);
create table rollup_daily (like rollup_hourly including all);

create table rollup_scenarios_daily as
select arc_day(o.execution_time) as bucket, o.simulation_id, o.scenario_id, {{cells}}
from outcomes o left join simulations s using (simulation_id) where false group by 1, 2, 3;
alter table rollup_scenarios_daily add primary key (simulation_id, bucket, scenario_id);
create index rollup_scenarios_daily_by_scenario on rollup_scenarios_daily (scenario_id, bucket);

create table rollup_latency_daily (
  bucket        timestamptz not null,
  simulation_id uuid not null,
  bin           integer not null,
  runs          bigint not null,
  primary key (simulation_id, bucket, bin)
);

-- Computes the days of these simulations anew.
create function arc_refresh_days(sims uuid[], days timestamptz[]) returns void language plpgsql as $$
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
      select arc_hour(o.execution_time), o.simulation_id, o.status, {{figures}}
      from o left join simulations s using (simulation_id) group by 1, 2, 3
      returning *
    ), days as (
      insert into rollup_daily
      select arc_day(bucket), simulation_id, status, {{merged}} from hours group by 1, 2, 3
    ), scenarios as (
      insert into rollup_scenarios_daily
      select arc_day(o.execution_time), o.simulation_id, o.scenario_id, {{cells}}
      from o left join simulations s using (simulation_id) group by 1, 2, 3
    )
    insert into rollup_latency_daily
    select arc_day(o.execution_time), o.simulation_id, arc_latency_bin(o.execution_time_ms), count(*)
    from o where o.execution_time_ms is not null group by 1, 2, 3
    $sql$ using sims, days, (select min(d) from unnest(days) d),
      (select max(d) + interval '24 hours' from unnest(days) d);
end $$;

-- Brings the roll-ups of at most so many days of simulations up to date, in one transaction. done is how many notes are
-- done with; null where somebody else is at it.
create procedure arc_refresh_rollups(most integer, inout done integer) language plpgsql as $$
declare
  changes bigint[];
  sims uuid[];
  days timestamptz[];
begin
  -- Each statement below sees what was committed before it began: the notes are locked before the outcomes are read, and who
  -- changes outcomes meanwhile finds them locked and writes notes of their own.
  done := null;
  if not pg_try_advisory_xact_lock(1634886450) then return; end if;
  changes := arc_take_changes(most);
  done := coalesce(cardinality(changes), 0);
  if done = 0 then return; end if;
  select array_agg(u.simulation_id), array_agg(u.day) into sims, days from arc_changed_days(changes) u;
  if sims is not null then
    perform arc_refresh_days(sims, days);
    perform arc_refresh_derived(sims, days);
  end if;
  perform arc_settle_changes(changes);
end $$;

-- Drops a day's outcomes as a whole, and returns whether they are gone. What was added up of them is noted, and goes with the
-- next refresh.
create or replace function arc_drop_partition(day date) returns boolean language plpgsql
set lock_timeout = '200ms' set client_min_messages = 'warning' as $$
begin
  execute format('drop table if exists %I', arc_partition_name(day));
  perform arc_note_stored(day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
  return true;
exception when lock_not_available then
  return false;
end $$;
