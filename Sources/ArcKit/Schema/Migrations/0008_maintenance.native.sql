drop function arc_drop_partitions(interval);

-- The days (UTC) whose every outcome is older than `keep`.
create function arc_expired_partitions(keep interval) returns setof date language sql stable as $$
  select day from (
    select to_date(right(c.relname, 8), 'YYYYMMDD') as day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'outcomes'::regclass and c.relname ~ '^outcomes_p[0-9]{8}$'
  ) parts
  where (day + 1)::timestamp at time zone 'UTC' <= now() - keep
  order by day
$$;

-- Drops a day's outcomes as a whole, and returns whether they are gone. Dropping locks out everybody who uses
-- `outcomes`, and whoever comes while it waits for that lock waits behind it: hence it gives up at once where somebody
-- reads.
create function arc_drop_partition(day date) returns boolean language plpgsql
set lock_timeout = '200ms' set client_min_messages = 'warning' as $$
begin
  execute format('drop table if exists %I', arc_partition_name(day));
  return true;
exception when lock_not_available then
  return false;
end $$;
