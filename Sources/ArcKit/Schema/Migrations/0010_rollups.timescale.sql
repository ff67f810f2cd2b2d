-- The row that makes a chunk is nobody's outcome.
alter function arc_ensure_partitions(date[]) set arc.announced = 'on';

-- Drops the chunks that begin on a day, and returns whether they are gone. What was added up of them is noted, and goes with
-- the next refresh.
create or replace function arc_drop_partition(day date) returns boolean language plpgsql
set lock_timeout = '200ms' set client_min_messages = 'warning' as $$
declare
  chunk record;
begin
  lock table only outcomes in access exclusive mode;
  for chunk in
    select c.range_start, c.range_end from timescaledb_information.chunks c
    where c.hypertable_schema = current_schema and c.hypertable_name = 'outcomes'
      and (c.range_start at time zone 'UTC')::date = day
  loop
    perform drop_chunks('outcomes', older_than => chunk.range_end, newer_than => chunk.range_start);
    perform arc_note_stored(chunk.range_start, chunk.range_end);
  end loop;
  return true;
exception when lock_not_available then
  return false;
end $$;
