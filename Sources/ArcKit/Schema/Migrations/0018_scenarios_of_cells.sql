select simulation_id, scenario_id, sum(passes::integer) as passes, sum(judged::integer) as judged,
  sum(successes::integer) as successes, sum(errors::integer) as errors, sum(timeouts::integer) as timeouts,
  sum(cancellations::integer) as cancellations, sum(scored::integer) as scored, sum(score) as score, sum(cost) as cost
from cells group by simulation_id, scenario_id
