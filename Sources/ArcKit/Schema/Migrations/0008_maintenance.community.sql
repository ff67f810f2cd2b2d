-- The policy of migration 6 deleted everybody's outcomes after a year. What somebody set instead is kept as arc's own
-- setting.
update arc_schema set retention_days = (
  select greatest(1, ceil(extract(epoch from (config ->> 'drop_after')::interval) / 86400))::integer
  from timescaledb_information.jobs
  where proc_name = 'policy_retention' and hypertable_schema = current_schema and hypertable_name = 'outcomes'
    and (config ->> 'drop_after')::interval <> interval '1 year'
);
select remove_retention_policy('outcomes', if_exists => true);
