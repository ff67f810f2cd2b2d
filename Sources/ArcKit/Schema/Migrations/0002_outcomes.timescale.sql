-- The hypertable goes before the indexes: TimescaleDB then makes them on every chunk.
select create_hypertable('outcomes', 'execution_time',
  chunk_time_interval => interval '1 day', create_default_indexes => false);
