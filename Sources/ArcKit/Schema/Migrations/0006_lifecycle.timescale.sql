-- Compression and retention need TimescaleDB's community edition; its Apache edition has hypertables alone.
alter table outcomes set (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'simulation_id',
  timescaledb.compress_orderby = 'execution_time desc, outcome_id'
);
select add_compression_policy('outcomes', interval '7 days');
select add_retention_policy('outcomes', interval '1 year');
