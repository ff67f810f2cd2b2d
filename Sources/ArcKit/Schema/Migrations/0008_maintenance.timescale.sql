-- Whether the chunk of a day's outcomes is there.
create function arc_has_chunk(day date) returns boolean language sql stable strict as $$
  select exists (
    select from timescaledb_information.chunks
    where hypertable_schema = current_schema and hypertable_name = 'outcomes'
      and range_start <= day::timestamp at time zone 'UTC' and range_end > day::timestamp at time zone 'UTC')
$$;

-- Makes the chunks of these days (UTC) that are missing, and returns how many it made. TimescaleDB makes a chunk when a
-- row needs it, under a lock that is kept until the row's transaction ends: everybody who needs another new chunk
-- waits. So the chunk is made ahead, in a short transaction, by a row that nobody ever sees. (TimescaleDB's own
-- function for it is internal and not in the Apache edition.)
create or replace function arc_ensure_partitions(days date[]) returns integer language plpgsql as $$
declare
  day date;
  made integer := 0;
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  for day in select distinct d from unnest(days) d order by d loop
    continue when arc_has_chunk(day);
    lock table only outcomes in share update exclusive mode;
    continue when arc_has_chunk(day);
    insert into outcomes (outcome_id, simulation_id, scenario_id, execution_time, status)
      values (nobody, nobody, '', day::timestamp at time zone 'UTC', 'cancelled');
    delete from outcomes where simulation_id = nobody and execution_time = day::timestamp at time zone 'UTC';
    made := made + 1;
  end loop;
  return made;
end $$;

-- The days that have no chunk yet. Nothing needs holding: a chunk that is dropped meanwhile comes back with its next
-- row.
create or replace function arc_hold_partitions(days date[]) returns setof date language sql stable as $$
  select day from unnest(days) day where not arc_has_chunk(day)
$$;

-- The days (UTC) on which chunks begin whose every outcome is older than `keep`.
create function arc_expired_partitions(keep interval) returns setof date language sql stable as $$
  select distinct (range_start at time zone 'UTC')::date from timescaledb_information.chunks
  where hypertable_schema = current_schema and hypertable_name = 'outcomes' and range_end <= now() - keep
  order by 1
$$;

-- Drops the chunks that begin on a day, and returns whether they are gone. `outcomes` itself is locked first: a
-- statement that had just found a chunk would fail with "could not open relation" otherwise. Whoever comes while it
-- waits for that lock waits behind it: hence it gives up at once where somebody reads. TimescaleDB's retention policy
-- waits for its locks for as long as it takes, so it isn't used.
create function arc_drop_partition(day date) returns boolean language plpgsql
set lock_timeout = '200ms' set client_min_messages = 'warning' as $$
begin
  lock table only outcomes in access exclusive mode;
  perform drop_chunks('outcomes', older_than => c.range_end, newer_than => c.range_start)
  from timescaledb_information.chunks c
  where c.hypertable_schema = current_schema and c.hypertable_name = 'outcomes'
    and (c.range_start at time zone 'UTC')::date = day;
  return true;
exception when lock_not_available then
  return false;
end $$;
