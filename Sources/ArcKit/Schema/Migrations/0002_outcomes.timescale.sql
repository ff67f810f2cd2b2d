-- The hypertable goes before the indexes: TimescaleDB then makes them on every chunk.
select create_hypertable('outcomes', 'execution_time',
  chunk_time_interval => interval '1 day', create_default_indexes => false);

-- TimescaleDB makes its chunks by itself; there is nothing to see to.
create function arc_ensure_partitions(days date[]) returns integer language sql as $$ select 0 $$;
create function arc_hold_partitions(days date[]) returns setof date language sql as $$
  select null::date where false
$$;
