-- What hand-written SQL can do to outcomes and simulations.

-- The bin of a latency in milliseconds, as before, now over the whole range of bigint.
create or replace function arc_latency_bin(ms bigint) returns integer language sql immutable strict parallel safe as $$
  select case when ms < 128 then ms::integer else (
    select (e * 64 + 64 + (ms >> (e + 1)))::integer from width_bucket(ms,
      '{256,512,1024,2048,4096,8192,16384,32768,65536,131072,262144,524288,1048576,2097152,4194304,
      8388608,16777216,33554432,67108864,134217728,268435456,536870912,1073741824,2147483648,4294967296,
      8589934592,17179869184,34359738368,68719476736,137438953472,274877906944,549755813888,1099511627776,
      2199023255552,4398046511104,8796093022208,17592186044416,35184372088832,70368744177664,140737488355328,
      281474976710656,562949953421312,1125899906842624,2251799813685248,4503599627370496,9007199254740992,
      18014398509481984,36028797018963968,72057594037927936,144115188075855872,288230376151711744,
      576460752303423488,1152921504606846976,2305843009213693952,4611686018427387904}'::bigint[]) as e) end
$$;

-- The middle of a bin, in milliseconds; numeric, since the last bin's end is no bigint.
create or replace function arc_latency_of_bin(bin integer) returns numeric language sql immutable strict parallel safe as $$
  select case when bin < 128 then bin::numeric else
    (bin % 64 + 64) * width + (width - 1) / 2.0 end
  from (select (1::bigint << greatest((bin - 128) / 64 + 1, 0))::numeric as width) as w
$$;

-- Bins that were wrong: of 2^41 ms or more, which have no other's number.
insert into rollup_changes (simulation_id, hour)
select distinct simulation_id, bucket from rollup_latency_daily where bin >= 2304;

-- Refuses what arc itself would not record. As it is looked at by the trigger that notes the hour, nobody has to wait for a lock
-- that a constraint needs, and what is there already stays and holds up no upgrade.
create function arc_refuse_outcome(id uuid, at timestamptz, ms bigint, tokens bigint, cost double precision)
returns void language plpgsql as $$
declare
  complaint constant text := case
    when ms > 1000000000000 then format('execution_time_ms must be between 0 and 1000000000000, got %s', ms)
    when tokens > 1000000000000 then format('tokens_used must be between 0 and 1000000000000, got %s', tokens)
    when cost > 1e9 then format('cost_usd must be between 0 and 1000000000, got %s', cost)
    else format('execution_time must be in the years 1 to 9999, got %s', at)
  end;
begin
  raise exception 'outcome %: %', id, complaint
    using errcode = 'data_exception', table = 'outcomes', hint = 'What isn''t known of a run is NULL; its time must be known.';
end $$;

-- Notes what anybody else does to outcomes, row by row; rows that follow each other are mostly of the same hour. An hour is
-- remembered by its seconds: how a session writes times is its own business.
create or replace function arc_notice_outcomes() returns trigger language plpgsql as $$
declare
  noted text;
begin
  if tg_op <> 'INSERT' then
    noted := old.simulation_id::text || extract(epoch from arc_hour(old.execution_time));
    if noted is distinct from current_setting('arc.noted_old', true) then
      perform arc_note_change(old.simulation_id, arc_hour(old.execution_time));
      perform set_config('arc.noted_old', noted, true);
    end if;
  end if;
  if tg_op <> 'DELETE' then
    -- A NaN is greater than every number, and NULL than none.
    if new.execution_time < '0001-01-01 00:00:00+00' or new.execution_time >= '10000-01-01 00:00:00+00'
      or new.execution_time_ms > 1000000000000 or new.tokens_used > 1000000000000 or new.cost_usd > 1e9
    then
      perform arc_refuse_outcome(
        new.outcome_id, new.execution_time, new.execution_time_ms, new.tokens_used, new.cost_usd);
    end if;
    noted := new.simulation_id::text || extract(epoch from arc_hour(new.execution_time));
    if noted is distinct from current_setting('arc.noted_new', true) then
      perform arc_note_change(new.simulation_id, arc_hour(new.execution_time));
      perform set_config('arc.noted_new', noted, true);
    end if;
  end if;
  return null;
end $$;

-- Outcomes may be there before their simulation is: what passed was unknown until then.
create function arc_notice_simulation() returns trigger language plpgsql as $$
begin
  -- In other levels what has been stored meanwhile isn't seen.
  if current_setting('transaction_isolation') <> 'read committed'
    or exists (
      select from rollup_changes where simulation_id = new.simulation_id
      union all select from rollup_totals where simulation_id = new.simulation_id)
  then
    perform arc_note_change(new.simulation_id, '-infinity');
  end if;
  return null;
end $$;
create trigger new_simulations_are_noticed after insert or update of simulation_id on simulations
  for each row execute function arc_notice_simulation();

-- A day that is truncated on its own is noted hour by hour, from what is stored of it, where nothing else is noted of all of
-- its simulation.
create or replace function arc_notice_truncation() returns trigger language plpgsql as $$
declare
  day date;
begin
  if tg_table_name !~ '^outcomes_p[0-9]{8}$' then
    perform arc_note_everything();
    return null;
  end if;
  day := to_date(right(tg_table_name, 8), 'YYYYMMDD');
  insert into rollup_changes (simulation_id, hour)
  select distinct r.simulation_id, r.bucket from rollup_hourly r
  where r.bucket >= day::timestamp at time zone 'UTC' and r.bucket < (day + 1)::timestamp at time zone 'UTC'
    and not exists (
      select from rollup_changes c
      where c.simulation_id = r.simulation_id and c.hour = '-infinity' and c.taken_at is null);
  return null;
end $$;

-- As before; a time that is infinite, which an earlier version let in, is of no hour.
delete from rollup_changes where hour = 'infinity';
create or replace function arc_take_changes(most integer) returns bigint[] language plpgsql as $$
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
      select simulation_id, arc_hour(execution_time) from outcomes
      where simulation_id = any (wholes) and execution_time > '-infinity' and execution_time < 'infinity'
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

-- The same as arc_refresh_rollups, whatever the session's isolation level is; not within a transaction.
create procedure arc_refresh_alone(most integer, inout done integer) language plpgsql as $$
begin
  commit;
  set transaction isolation level read committed;
  call arc_refresh_rollups(most, done);
end $$;
