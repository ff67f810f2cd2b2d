-- Configurations, scenarios and simulations: plain tables, the same on every storage tier.

create table configurations (
  config_id         uuid primary key,
  name              text not null check (name <> ''),
  user_id           uuid not null default '00000000-0000-0000-0000-000000000000',
  latest_version_id uuid,
  modal_app_id      text,
  created_at        timestamptz not null default now(),
  unique (user_id, name)
);

create table config_versions (
  version_id     uuid primary key,
  config_id      uuid not null references configurations on delete cascade,
  version_number integer not null check (version_number > 0),
  raw_yaml       text not null,
  parsed_config  jsonb not null,
  config_hash    text not null check (config_hash ~ '^[0-9a-f]{64}$'),
  created_at     timestamptz not null default now(),
  unique (config_id, version_number),
  unique (config_id, config_hash)
);

alter table configurations
  add foreign key (latest_version_id) references config_versions deferrable initially deferred;

create function arc_refuse_version_change() returns trigger language plpgsql as $$
begin
  raise exception 'configuration version % cannot be changed', old.version_id
    using errcode = 'integrity_constraint_violation',
          hint = 'Create a new version instead: versions are immutable.';
end $$;

create trigger config_versions_are_immutable before update on config_versions
  for each row execute function arc_refuse_version_change();

create table scenarios (
  scenario_id      text primary key check (scenario_id <> ''),
  name             text not null,
  task_prompt      text,
  difficulty_level text,
  tags             text[] not null default '{}',
  expected_tools   jsonb,
  created_at       timestamptz not null default now()
);

create index idx_scenarios_tags on scenarios using gin (tags);

create table simulations (
  simulation_id       uuid primary key,
  config_version_id   uuid not null references config_versions,
  simulation_name     text,
  status              text not null default 'pending'
                      check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  modal_app_id        text,
  modal_environment   text,
  sandbox_instances   integer check (sandbox_instances > 0),
  pass_threshold      double precision not null default 0.7 check (pass_threshold between 0 and 1),
  trials              integer not null default 1 check (trials > 0),
  total_scenarios     integer not null default 0 check (total_scenarios >= 0),
  completed_scenarios integer not null default 0,
  completed_runs      integer not null default 0,
  overall_score       double precision,
  execution_time_ms   bigint check (execution_time_ms >= 0),
  total_cost_usd      double precision check (total_cost_usd >= 0),
  source_hash         text unique,
  created_at          timestamptz not null default now(),
  started_at          timestamptz,
  completed_at        timestamptz,
  -- The set of scenarios is whatever simulations_scenarios holds; runs are scenarios times trials.
  total_runs          integer generated always as (total_scenarios * trials) stored
);

create index idx_simulations_created on simulations (created_at desc, simulation_id desc);
create index idx_simulations_name on simulations (simulation_name, created_at desc);
create index idx_simulations_version on simulations (config_version_id, created_at desc);

create function arc_check_simulation_state() returns trigger language plpgsql as $$
begin
  if (old.status, new.status) not in (
    ('pending', 'running'), ('pending', 'failed'), ('pending', 'cancelled'),
    ('running', 'completed'), ('running', 'failed'), ('running', 'cancelled')
  ) then
    raise exception 'simulation % cannot go from % to %', old.simulation_id, old.status, new.status
      using errcode = 'integrity_constraint_violation',
            hint = 'The states are pending, running, then completed, failed or cancelled.';
  end if;
  return new;
end $$;

create trigger simulation_states_are_enforced before update of status on simulations
  for each row when (old.status is distinct from new.status)
  execute function arc_check_simulation_state();

create table simulations_scenarios (
  simulation_id   uuid not null references simulations on delete cascade,
  scenario_id     text not null references scenarios,
  execution_order integer,
  status          text not null default 'pending'
                  check (status in ('pending', 'running', 'completed')),
  -- The trials recorded so far: what makes progress count a run once, however often it is recorded.
  recorded_trials integer[] not null default '{}',
  modal_call_id   text,
  started_at      timestamptz,
  completed_at    timestamptz,
  primary key (simulation_id, scenario_id)
);

create index idx_simulations_scenarios_scenario on simulations_scenarios (scenario_id);
