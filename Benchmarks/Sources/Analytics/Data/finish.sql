-- What is known of a simulation from its outcomes, as its recording and its completion leave it.
update simulations s set
  completed_runs = b.done, completed_scenarios = arc_complete_scenarios(s.simulation_id, s.trials, 1256)
from bench.simulations b where b.simulation_id = s.simulation_id;

update simulations s set status = 'completed', completed_at = b.starts + b.length, overall_score = o.score,
  total_cost_usd = o.cost, execution_time_ms = round(extract(epoch from b.length) * 1000)
from bench.simulations b
cross join lateral (
  select avg(score) as score, sum(cost) as cost from (
    select avg(reliability_score) as score, sum(cost_usd) as cost from outcomes
    where simulation_id = b.simulation_id group by scenario_id) as by_scenario
) as o
where b.simulation_id = s.simulation_id and not b.is_running;
