-- The outcomes of runs, keyed by time so that both tiers can partition them by day.
-- {{partitioning}} is empty on TimescaleDB and "partition by range (execution_time)" on the native tier.

create table outcomes (
  outcome_id        uuid not null,
  simulation_id     uuid not null references simulations on delete cascade,
  scenario_id       text not null references scenarios,
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
