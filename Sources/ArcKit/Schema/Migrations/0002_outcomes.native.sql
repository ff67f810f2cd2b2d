-- Day partitions, made on demand and dropped whole.

create function arc_partition_name(day date) returns text
language sql immutable strict parallel safe as $$
  select 'outcomes_p' || to_char(day, 'YYYYMMDD')
$$;

-- Makes the partitions of these days (UTC) that are missing, and returns how many it made. A partition is built
-- apart and then attached: attaching lets readers and writers of the other partitions go on.
create function arc_ensure_partitions(days date[]) returns integer language plpgsql as $$
declare
  day date;
  made integer := 0;
begin
  for day in select distinct d from unnest(days) d order by d loop
    continue when exists (select from pg_class where oid = to_regclass(arc_partition_name(day)));
    -- The lock that attaching takes anyway. Waiting for it, unlike for an advisory lock, makes this session see what
    -- others created meanwhile.
    lock table only outcomes in share update exclusive mode;
    continue when exists (select from pg_class where oid = to_regclass(arc_partition_name(day)));
    execute format('create table %I (like outcomes including defaults including constraints)',
      arc_partition_name(day));
    execute format('alter table outcomes attach partition %I for values from (%L) to (%L)',
      arc_partition_name(day), day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    made := made + 1;
  end loop;
  return made;
end $$;

-- Keeps these days' partitions from being dropped until the transaction ends, and returns the days that have none.
-- A transaction that has used `outcomes` doesn't see partitions that others attach, until it locks a table that is new to
-- it: locking the partition itself is sure to be that.
create function arc_hold_partitions(days date[]) returns setof date language plpgsql as $$
declare
  day date;
begin
  foreach day in array days loop
    begin
      execute format('lock table %I in access share mode', arc_partition_name(day));
    exception when undefined_table then
      return next day;
    end;
  end loop;
end $$;

-- Drops the partitions whose every row is older than `keep`, and returns their days.
create function arc_drop_partitions(keep interval) returns setof date language plpgsql as $$
declare
  part record;
begin
  for part in
    select c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') as day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'outcomes'::regclass and c.relname ~ '^outcomes_p[0-9]{8}$'
    order by c.relname
  loop
    if (part.day + 1)::timestamp at time zone 'UTC' <= now() - keep then
      execute format('drop table %I', part.relname);
      return next part.day;
    end if;
  end loop;
end $$;
