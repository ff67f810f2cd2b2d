-- Roll-ups: what the outcomes say, added up by hour and by day, so that a question about months reads some hundred rows.
--
-- Sums are exact (numeric): they depend neither on the order of the rows nor on the plan nor on the tier. A float8 becomes
-- the numeric of its 15 significant digits.
--
-- Which stored rows may be used is said by one log on every tier. Whoever changes outcomes notes the simulation and the hour
-- in rollup_changes, in the same transaction. An answer is the stored rows but those of noted pairs, and the outcomes
-- themselves for the noted pairs, in one snapshot: so it is right at every moment, whatever came late, came twice, was
-- changed or was deleted. Refreshing computes noted pairs anew, whole, and takes away exactly the notes it had seen.

create table rollup_changes (
  change_id     bigint generated always as identity primary key,
  simulation_id uuid not null,
  -- The hour (UTC) that changed; -infinity for everything of the simulation.
  hour          timestamptz not null,
  -- Since when somebody is at work on it; who comes then notes the pair once more.
  taken_at      timestamptz
);
create index rollup_changes_by_simulation on rollup_changes (simulation_id, hour);
create index rollup_changes_by_hour on rollup_changes (hour);

alter table arc_schema add column rolled_up_at timestamptz not null default '-infinity';

create function arc_hour(at timestamptz) returns timestamptz language sql immutable strict parallel safe as $$
  select date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00')
$$;
create function arc_day(at timestamptz) returns timestamptz language sql immutable strict parallel safe as $$
  select date_bin('1 day', at, timestamptz '2000-01-01 00:00:00+00')
$$;

-- Notes that a simulation's outcomes of an hour change in this transaction. A note that is there already and that nobody is
-- at work on is kept from being taken until the transaction ends, which is as good as one more: the log has a row for each
-- pair that waits, not for each batch. Nobody waits for anybody here.
create function arc_note_change(simulation uuid, at_hour timestamptz) returns void language plpgsql as $$
begin
  -- In other levels the lock of a row that has changed since is an error.
  if current_setting('transaction_isolation') = 'read committed' then
    perform from rollup_changes
    where simulation_id = simulation and hour = at_hour and taken_at is null limit 1 for share skip locked;
    if found then return; end if;
  end if;
  insert into rollup_changes (simulation_id, hour) values (simulation, at_hour);
end $$;

-- What arc says before it inserts outcomes of these hours: the triggers below leave that insert alone then.
create function arc_announce(simulation uuid, hours timestamptz[]) returns boolean language plpgsql as $$
begin
  perform arc_note_change(simulation, h) from unnest(hours) h;
  perform set_config('arc.announced', 'on', true);
  return true;
end $$;

-- Notes what anybody else does to outcomes, row by row; rows that follow each other are mostly of the same hour.
create function arc_notice_outcomes() returns trigger language plpgsql as $$
declare
  noted text;
begin
  if tg_op <> 'INSERT' then
    noted := old.simulation_id::text || arc_hour(old.execution_time)::text;
    if noted is distinct from current_setting('arc.noted_old', true) then
      perform arc_note_change(old.simulation_id, arc_hour(old.execution_time));
      perform set_config('arc.noted_old', noted, true);
    end if;
  end if;
  if tg_op <> 'DELETE' then
    noted := new.simulation_id::text || arc_hour(new.execution_time)::text;
    if noted is distinct from current_setting('arc.noted_new', true) then
      perform arc_note_change(new.simulation_id, arc_hour(new.execution_time));
      perform set_config('arc.noted_new', noted, true);
    end if;
  end if;
  return null;
end $$;

-- Triggers for rows, not for statements with transition tables: those would make COPY insert row by row.
create trigger outcomes_are_noticed after insert on outcomes for each row
  when (current_setting('arc.announced', true) is distinct from 'on') execute function arc_notice_outcomes();
create trigger changed_outcomes_are_noticed after delete or update of
    simulation_id, scenario_id, execution_time, status, reliability_score, execution_time_ms, tokens_used, cost_usd
  on outcomes for each row
  when (current_setting('arc.announced', true) is distinct from 'on') execute function arc_notice_outcomes();

create function arc_notice_truncation() returns trigger language plpgsql as $$
begin
  perform arc_note_everything();
  return null;
end $$;
create trigger truncation_is_noticed after truncate on outcomes
  for each statement execute function arc_notice_truncation();

-- What passed changes with the threshold.
create function arc_notice_threshold() returns trigger language plpgsql as $$
begin
  perform arc_note_change(new.simulation_id, '-infinity');
  return null;
end $$;
create trigger thresholds_are_noticed after update of pass_threshold on simulations
  for each row when (old.pass_threshold is distinct from new.pass_threshold)
  execute function arc_notice_threshold();

-- The bin of a latency in milliseconds: exact below 128, and of a relative width of at most 1/64 from there on (Tene,
-- HdrHistogram: the leading 7 bits). The middle of a bin is within 0.8 % (1/128) of every value in it.
create function arc_latency_bin(ms bigint) returns integer language sql immutable strict parallel safe as $$
  select case when ms < 128 then ms::integer else (
    select (e * 64 + 64 + (ms >> (e + 1)))::integer from width_bucket(ms,
      '{256,512,1024,2048,4096,8192,16384,32768,65536,131072,262144,524288,1048576,2097152,4194304,
      8388608,16777216,33554432,67108864,134217728,268435456,536870912,1073741824,2147483648,4294967296,
      8589934592,17179869184,34359738368,68719476736,137438953472,274877906944,549755813888,1099511627776}'::bigint[]) as e) end
$$;

-- The middle of a bin, in milliseconds.
create function arc_latency_of_bin(bin integer) returns numeric language sql immutable strict parallel safe as $$
  select case when bin < 128 then bin::numeric else
    ((bin % 64 + 64)::bigint << ((bin - 128) / 64 + 1)) + ((1::bigint << ((bin - 128) / 64 + 1)) - 1) / 2.0 end
$$;

-- Sums that belong to the scenarios of a simulation within a bucket: n runs with a known value and their total, and, over
-- the scenarios' own n and totals, the sums of squares and products that a standard error clustered by scenario needs.
create table rollup_clusters_hourly (
  bucket         timestamptz not null,
  simulation_id  uuid not null,
  metric         text not null,
  scenarios      integer not null,
  n              bigint not null,
  total          numeric not null,
  squares        numeric not null,
  total_squares  numeric not null,
  cross_products numeric not null,
  n_squares      numeric not null,
  primary key (simulation_id, metric, bucket)
);
create index rollup_clusters_hourly_by_time on rollup_clusters_hourly (metric, bucket);
create table rollup_clusters_daily (like rollup_clusters_hourly including all);

-- A simulation's figures over all of its time. passes, judged and alike tell how many scenarios have so many passes of so
-- many runs that passed or failed.
create table rollup_totals (
  simulation_id uuid primary key,
  successes     bigint not null,
  errors        bigint not null,
  timeouts      bigint not null,
  cancellations bigint not null,
  scored        bigint not null,
  score         numeric,
  cost          numeric,
  passes        integer[] not null,
  judged        integer[] not null,
  alike         integer[] not null
);

-- Notes everything that is stored and everything that could be: for changes that no row shows.
create function arc_note_everything() returns void language sql as $$
  insert into rollup_changes (simulation_id, hour)
  select simulation_id, timestamptz '-infinity' from simulations
  union select simulation_id, '-infinity' from rollup_totals
$$;
