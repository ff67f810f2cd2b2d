-- Scenarios, simulations and their sets. Parameters are settings of the session: bench.simulations, bench.trials,
-- bench.days and bench.ends, the moment up to which everything ran.

insert into scenarios (scenario_id, name, task_prompt, difficulty_level, tags, expected_tools)
select format('scenario-%s', to_char(n, 'FM0000')), format('%s request %s', initcap(domain), n),
  format('A customer of a %s company asks the agent to %s, in case %s, and wants an answer in %s.', domain,
    bench.pick(n, 11, '{"change a booking","cancel an order","explain a bill","find a cheaper tariff","file a claim",
      "correct an address","upgrade a plan","refund a payment"}'), bench.digits(n, 12, 6),
    bench.pick(n, 13, '{English,German,Japanese,Portuguese}')),
  case when p.p > 0.8 then 'easy' when p.p > 0.35 then 'medium' else 'hard' end,
  array[domain, bench.pick(n, 14, '{single_turn,multi_turn}'),
    bench.pick(n, 15, '{policy,lookup,calculation,refusal,handover,memory}')],
  jsonb_build_array(bench.pick(n, 16, '{search_flights,get_user_details,book_reservation}'),
    bench.pick(n, 17, '{cancel_reservation,update_reservation,calculate}'))
from generate_series(1, 2000) as n
cross join lateral (select bench.pick(n, 10, '{airline,retail,telecom,banking,hotel,insurance}') as domain) as d
cross join lateral (select bench.beta(n, 0.9, 0.6) as p) as p;

create table bench.scenarios as
select n, format('scenario-%s', to_char(n, 'FM0000')) as scenario_id, ln(p / (1 - p)) as logit
from generate_series(1, 2000) as n
cross join lateral (select least(greatest(bench.beta(n, 0.9, 0.6), 1e-4), 1 - 1e-4) as p) as p;
alter table bench.scenarios add primary key (n);

-- Simulations begin at even distances and run for 4 to 16 hours, so that hours and days overlap; the last two are still
-- running. The agents differ by version, get better slowly, and the seventh of them got worse at a step in the third
-- month. Half of the agents are judged by right or wrong, the others by a score in between.
create table bench.simulations as
with parameters as (
  select current_setting('bench.simulations')::integer as simulations,
    current_setting('bench.trials')::integer as trials,
    current_setting('bench.days')::integer * interval '1 day' as span,
    current_setting('bench.ends')::timestamptz as ends
), versions as (
  select version_id, version_number as version,
    (row_number() over (partition by version_number order by name) - 1)::integer as agent,
    max(version_number) over () as versions, count(*) over (partition by version_number) as agents
  from config_versions join configurations using (config_id)
), numbered as (
  select n, p.simulations, p.span, p.ends, n > simulations - 2 as is_running,
    -- Of those that are running two thirds are done.
    case when n > simulations - 2 then (3 * p.trials + 1) / 2 else p.trials end as trials, 1250 * p.trials as done,
    (n - 1) % (select max(agents) from versions)::integer as agent,
    1 + (n - 1) * (select max(versions) from versions) / simulations as version
  from parameters as p, generate_series(1, p.simulations) as n
), timed as (
  select *,
    case when is_running then ends - (5 + 4 * (simulations - n)) * interval '1 hour'
      else ends - span + (span - interval '17 hours') * (n - 1) / greatest(simulations - 3, 1) end as starts,
    case when is_running then (5 + 4 * (simulations - n)) * 1250.0 * trials / done else 4 + 12 * bench.unit(n, 21) end
      * interval '1 hour' as length
  from numbered
)
select n, (lpad(to_hex((extract(epoch from starts) * 1000)::bigint), 12, '0') || '7' || bench.digits(n, 22, 3) || '8'
    || bench.digits(n, 23, 15))::uuid as simulation_id,
  version_id, agent, trials, 1250 * trials as runs, done, starts, length, least(starts + length, ends) as last, is_running,
  (bench.unit(agent * 100 + version, 24) - 0.5) * 1.2 + 0.1 * version
    - case when agent = 6 and starts > ends - span / 3 then 1.2 else 0 end as effect,
  agent < 10 as is_binary, n % 3 = 0 as has_metrics, (agent * 97 + (n - 1) / 20 * 3) % 2000 as first
from timed join versions using (agent, version);
alter table bench.simulations add primary key (n);

insert into simulations (simulation_id, config_version_id, simulation_name, status, trials, total_scenarios,
  created_at, started_at)
select simulation_id, version_id, format('nightly %s #%s', agent + 1, n), 'running', trials, 1250, starts, starts
from bench.simulations;

insert into simulation_sets (simulation_id, scenario_id, execution_order, ordinal)
select simulation_id, scenario_id, place + 1, place
from bench.simulations s
cross join generate_series(0, 1249) as place
join bench.scenarios c on c.n = 1 + (s.first + place) % 2000;

-- Runs go through the whole set for each trial, as bits: 1,250 of them, and 6 to the end of the last byte.
insert into simulation_runs (simulation_id, trial, recorded)
select simulation_id, trial, (repeat('1', count) || repeat('0', 1256 - count))::bit varying
from bench.simulations
cross join lateral generate_series(1, trials) as trial
cross join lateral (select least(1250, done - 1250 * (trial - 1)) as count) as c
where count > 0;

select arc_ensure_partitions(array_agg(distinct day::date))
from bench.simulations,
  generate_series(date_trunc('day', starts at time zone 'UTC'), last at time zone 'UTC', '1 day') as day;
