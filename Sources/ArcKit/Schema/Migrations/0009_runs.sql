-- Which runs are recorded, as bits: one row for each trial of a simulation, with a bit for each scenario of its set. A
-- thousand runs are counted by changing one row, where a row for each scenario took as long as storing the outcomes.

alter table simulations_scenarios rename to simulation_sets;
alter index simulations_scenarios_pkey rename to simulation_sets_pkey;
alter index idx_simulations_scenarios_scenario rename to idx_simulation_sets_scenario;

-- A scenario's number in its simulation's set, from 0, in the order in which they were added; it never changes.
alter table simulation_sets add column ordinal integer;
update simulation_sets s set ordinal = n.ordinal
from (
  select simulation_id, scenario_id,
    row_number() over (partition by simulation_id order by execution_order, scenario_id) - 1 as ordinal
  from simulation_sets
) as n
where n.simulation_id = s.simulation_id and n.scenario_id = s.scenario_id;
alter table simulation_sets alter column ordinal set not null;

-- What takes the place of simulations_scenarios' own columns.
create table simulation_runs (
  simulation_id uuid not null references simulations on delete cascade,
  trial         integer not null check (trial > 0),
  -- Bit n stands for the scenario with ordinal n; bits beyond its end are 0.
  recorded      bit varying not null,
  primary key (simulation_id, trial)
);

create function arc_bits(bits bit varying, width integer) returns bit varying
language sql immutable strict parallel safe as $$
  select bits || repeat('0', greatest(width - length(bits), 0))::bit varying
$$;

insert into simulation_runs (simulation_id, trial, recorded)
select t.simulation_id, t.trial, string_agg(
    case when t.trial = any (s.recorded_trials) then '1' else '0' end, '' order by s.ordinal)::bit varying
from (select distinct simulation_id, unnest(recorded_trials) as trial from simulation_sets) as t
join simulation_sets s using (simulation_id)
group by t.simulation_id, t.trial;

alter table simulation_sets
  drop column status, drop column recorded_trials, drop column modal_call_id,
  drop column started_at, drop column completed_at;

-- How far each scenario of a simulation is.
create view simulations_scenarios as
select s.simulation_id, s.scenario_id, s.execution_order,
  case when cardinality(r.trials) = 0 then 'pending' when cardinality(r.trials) >= m.trials then 'completed'
    else 'running' end as status,
  r.trials as recorded_trials,
  (select o.modal_call_id from outcomes o
   where o.simulation_id = s.simulation_id and o.scenario_id = s.scenario_id
   order by o.trial desc limit 1) as modal_call_id,
  (select min(o.execution_time) from outcomes o
   where o.simulation_id = s.simulation_id and o.scenario_id = s.scenario_id) as started_at,
  case when cardinality(r.trials) >= m.trials then (
    select max(o.execution_time) from outcomes o
    where o.simulation_id = s.simulation_id and o.scenario_id = s.scenario_id) end as completed_at
from simulation_sets s
join simulations m using (simulation_id)
cross join lateral (
  select coalesce(array_agg(p.trial order by p.trial), '{}') as trials from simulation_runs p
  where p.simulation_id = s.simulation_id and s.ordinal < length(p.recorded) and get_bit(p.recorded, s.ordinal) = 1
) as r;

-- How many scenarios have each of the trials 1…trials recorded.
create function arc_complete_scenarios(simulation uuid, trials integer, width integer) returns integer
language plpgsql stable as $$
declare
  every bit varying := repeat('1', width)::bit varying;
  seen integer := 0;
  bits bit varying;
begin
  for bits in select recorded from simulation_runs r
    where r.simulation_id = simulation and r.trial <= trials
  loop
    every := every & arc_bits(bits, width);
    seen := seen + 1;
  end loop;
  return case when seen >= trials then bit_count(every) else 0 end;
end $$;

-- Opens a simulation for recording (it starts one that is pending, and locks it until the transaction ends) and counts
-- runs: for each of these trials the bits of the scenarios that ran, as hexadecimal digits.
--
-- state is the simulation's state, or null where it is gone. A run is counted once: repeated has, for each of the trials,
-- the bits of those that were counted before. Nothing is counted in a simulation that has ended unless late is true, nor
-- where the set has fewer scenarios than the client knows, which then knows something wrong (outdated is true).
create function arc_count_runs(
  simulation uuid, given_trials integer[], given_bits text[], known integer, late boolean,
  out state text, out outdated boolean, out gained integer, out repeated text[]
) language plpgsql as $$
declare
  sim simulations;
  width integer;
  planned integer;
  bits bit varying;
  stored bit varying;
  fresh bit varying;
begin
  -- A client that vanished in the middle must not keep the others waiting for ever.
  perform set_config('idle_in_transaction_session_timeout', '60s', true);
  select * into sim from simulations where simulation_id = simulation for no key update;
  state := sim.status;
  outdated := known > sim.total_scenarios;
  gained := 0;
  repeated := '{}';
  if state is null or outdated or (state not in ('pending', 'running') and not late) then
    return;
  end if;
  width := (sim.total_scenarios + 7) / 8 * 8;
  planned := sim.trials;
  for i in 1 .. cardinality(given_trials) loop
    planned := greatest(planned, given_trials[i]);
    bits := arc_bits(('x' || given_bits[i])::bit varying, width);
    select arc_bits(recorded, width) into stored from simulation_runs
    where simulation_id = simulation and trial = given_trials[i];
    if stored is null then
      insert into simulation_runs values (simulation, given_trials[i], bits);
      fresh := bits;
    else
      fresh := bits & ~stored;
      if bit_count(fresh) > 0 then
        update simulation_runs set recorded = stored | bits
        where simulation_id = simulation and trial = given_trials[i];
      end if;
    end if;
    gained := gained + bit_count(fresh);
    repeated := repeated || case when bits = fresh then '' else (bits & stored)::text end;
  end loop;
  if gained > 0 or planned > sim.trials or state = 'pending' then
    update simulations set
      status = case state when 'pending' then 'running' else state end,
      started_at = coalesce(started_at, now()),
      trials = planned,
      completed_runs = completed_runs + gained,
      completed_scenarios = arc_complete_scenarios(simulation, planned, width)
    where simulation_id = simulation;
  end if;
end $$;
