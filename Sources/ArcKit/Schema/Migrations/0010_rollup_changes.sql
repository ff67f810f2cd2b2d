-- Notes the hours of a time of which anything is stored.
create function arc_note_stored(low timestamptz, high timestamptz) returns void language sql as $$
  insert into rollup_changes (simulation_id, hour)
  select distinct simulation_id, bucket from rollup_hourly where bucket >= low and bucket < high
$$;

-- Takes the oldest notes, of so many days of simulations; null where there are none. Who asks must be alone at it: notes that
-- are taken already were left by a refresh that was interrupted. Those that somebody is just writing to
-- are left. A simulation that is noted as a whole is noted hour by hour instead, so that each step stays small; so many
-- at a time, too, that the step which looks for their hours does.
create function arc_take_changes(most integer) returns bigint[] language plpgsql as $$
declare
  taken bigint[];
  wholes uuid[];
begin
  loop
    with chosen as (
      select change_id from rollup_changes where hour = '-infinity'
      order by change_id limit greatest(most / 10, 1) for update skip locked
    ), gone as (delete from rollup_changes c using chosen where c.change_id = chosen.change_id returning c.simulation_id)
    select array_agg(distinct simulation_id) into wholes from gone;
    -- Another statement, which sees whatever was committed before those notes were locked.
    if wholes is not null then
      insert into rollup_changes (simulation_id, hour)
      select simulation_id, arc_hour(execution_time) from outcomes where simulation_id = any (wholes)
      union
      select simulation_id, bucket from rollup_hourly where simulation_id = any (wholes)
      -- A continuous aggregate is refreshed for all simulations of a time, this table for one at a time: a simulation that
      -- is gone from the one may still be here.
      union
      select simulation_id, bucket from rollup_clusters_hourly where simulation_id = any (wholes);
    end if;
    with waiting as (
      select change_id, simulation_id, arc_day(hour) as day
      from rollup_changes where hour <> '-infinity'
    ), days as (
      select simulation_id, day from waiting group by simulation_id, day order by min(change_id) limit most
    ), chosen as (
      select change_id from rollup_changes where change_id in (select change_id from waiting join days using (simulation_id, day))
      for update skip locked
    ), marked as (
      update rollup_changes c set taken_at = now() from chosen where c.change_id = chosen.change_id
      returning c.change_id
    )
    select array_agg(change_id) into taken from marked;
    -- A simulation without outcomes has no hours: on to the next.
    exit when taken is not null or wholes is null;
  end loop;
  return taken;
end $$;

-- The days of simulations that these notes are about.
create function arc_changed_days(changes bigint[]) returns table (simulation_id uuid, day timestamptz)
language sql stable as $$
  select distinct c.simulation_id, arc_day(c.hour) from rollup_changes c where c.change_id = any (changes)
$$;

-- Computes what is made of the outcomes by arc itself on every tier: clusters of these days of simulations, and their
-- simulations' totals, from rollup_scenarios_daily as it is now.
create function arc_refresh_derived(sims uuid[], days timestamptz[]) returns void language plpgsql as $$
begin
  delete from rollup_clusters_hourly r using unnest(sims, days) as d(simulation_id, day)
  where r.simulation_id = d.simulation_id and r.bucket >= d.day and r.bucket < d.day + interval '24 hours';
  delete from rollup_clusters_daily r using unnest(sims, days) as d(simulation_id, day)
  where r.simulation_id = d.simulation_id and r.bucket = d.day;
  execute $sql$
    with cells as (
      select arc_hour(o.execution_time) as bucket, o.simulation_id, o.scenario_id, {{cells}}
      from unnest($1, $2) as d(simulation_id, day)
      join outcomes o on o.simulation_id = d.simulation_id
        and o.execution_time >= d.day and o.execution_time < d.day + interval '24 hours'
      left join simulations s on s.simulation_id = o.simulation_id
      where o.execution_time >= $3 and o.execution_time < $4
      group by 1, 2, 3
    )
    insert into rollup_clusters_hourly
    select c.bucket, c.simulation_id, {{clusters}} group by 1, 2, 3
    $sql$ using sims, days, (select min(d) from unnest(days) d),
      (select max(d) + interval '24 hours' from unnest(days) d);
  with cells as (
    select r.* from unnest(sims, days) as d(simulation_id, day)
    join rollup_scenarios_daily r on r.simulation_id = d.simulation_id and r.bucket = d.day
    where r.bucket >= (select min(d) from unnest(days) d)
  )
  insert into rollup_clusters_daily
  select c.bucket, c.simulation_id, {{clusters}} group by 1, 2, 3;
  delete from rollup_totals where simulation_id = any (sims);
  with cells as (select * from rollup_scenarios_daily where simulation_id = any (sims))
  insert into rollup_totals {{totals}};
end $$;

-- These notes are done with.
create function arc_settle_changes(changes bigint[]) returns void language sql as $$
  delete from rollup_changes where change_id = any (changes);
  update arc_schema set rolled_up_at = clock_timestamp();
$$;

-- Outcomes that go with their simulation are noted as a whole.
create or replace function arc_delete_outcomes() returns trigger language plpgsql as $$
declare
  announced text := current_setting('arc.announced', true);
begin
  perform arc_note_change(old.simulation_id, '-infinity');
  perform set_config('arc.announced', 'on', true);
  delete from outcomes where simulation_id = old.simulation_id;
  perform set_config('arc.announced', coalesce(announced, ''), true);
  return old;
end $$;

-- What is there already.
select arc_note_everything();
