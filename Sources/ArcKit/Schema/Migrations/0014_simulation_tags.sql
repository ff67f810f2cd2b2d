-- Words for simulations, such as the branch that they evaluate: what `tag:main` finds is the newest completed one of them.
create table simulation_tags (
  tag           text not null check (tag <> ''),
  simulation_id uuid not null references simulations on delete cascade,
  tagged_at     timestamptz not null default now(),
  primary key (tag, simulation_id)
);
create index simulation_tags_by_simulation on simulation_tags (simulation_id);
