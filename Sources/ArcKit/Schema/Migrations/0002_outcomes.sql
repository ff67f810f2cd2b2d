-- The outcomes of runs, keyed by time so that both tiers can partition them by day.
-- No foreign keys: a new partition would have to lock simulations and scenarios against every writer to copy them.
-- Each outcome's pair of both is in simulations_scenarios, which has them.
-- {{partitioning}} is empty on TimescaleDB and "partition by range (execution_time)" on the native tier.

create table outcomes (
  outcome_id        uuid not null,
  simulation_id     uuid not null,
  scenario_id       text not null,
  trial             integer not null default 1 check (trial > 0),
  execution_time    timestamptz not null,
  status            text not null check (status in ('success', 'error', 'timeout', 'cancelled')),
  reliability_score double precision check (reliability_score between 0 and 1),
  execution_time_ms bigint check (execution_time_ms >= 0),
  tokens_used       bigint check (tokens_used >= 0),
  cost_usd          double precision check (cost_usd >= 0),
  trajectory        jsonb,
  modal_call_id     text,
  sandbox_id        text,
  error_code        text,
  error_category    text check (error_category ~ '^[a-z][a-z0-9_]*$'),
  error_message     text,
  retry_count       integer not null default 0 check (retry_count >= 0),
  metrics           jsonb not null default '{}',
  primary key (outcome_id, execution_time)
) {{partitioning}};

create function arc_delete_outcomes() returns trigger language plpgsql as $$
begin
  delete from outcomes where simulation_id = old.simulation_id;
  return old;
end $$;

create trigger outcomes_go_with_their_simulation after delete on simulations
  for each row execute function arc_delete_outcomes();
