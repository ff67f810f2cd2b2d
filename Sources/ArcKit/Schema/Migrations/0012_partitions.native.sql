-- Makes the partitions of these days, as before: with a trigger that notices when one alone is truncated, and with bounds
-- that don't depend on how the session writes times.
create or replace function arc_ensure_partitions(days date[]) returns integer language plpgsql
set datestyle = 'ISO' set timezone = 'UTC' as $$
declare
  day date;
  made integer := 0;
begin
  for day in select distinct d from unnest(days) d order by d loop
    if not isfinite(day) then
      raise exception 'a partition is of a day, got %', day
        using errcode = 'datetime_field_overflow', hint = 'A run''s time must be in the years 1 to 9999.';
    end if;
    continue when exists (select from pg_class where oid = to_regclass(arc_partition_name(day)));
    -- The lock that attaching takes anyway. Waiting for it, unlike for an advisory lock, makes this session see what
    -- others created meanwhile.
    lock table only outcomes in share update exclusive mode;
    continue when exists (select from pg_class where oid = to_regclass(arc_partition_name(day)));
    execute format('create table %I (like outcomes including defaults including constraints)',
      arc_partition_name(day));
    execute format('create trigger truncation_is_noticed after truncate on %I
      for each statement execute function arc_notice_truncation()', arc_partition_name(day));
    execute format('alter table outcomes attach partition %I for values from (%L) to (%L)',
      arc_partition_name(day), day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    made := made + 1;
  end loop;
  return made;
end $$;

do $$
declare
  part regclass;
begin
  for part in select inhrelid::regclass from pg_inherits where inhparent = 'outcomes'::regclass loop
    execute format('create trigger truncation_is_noticed after truncate on %s
      for each statement execute function arc_notice_truncation()', part);
  end loop;
end $$;
