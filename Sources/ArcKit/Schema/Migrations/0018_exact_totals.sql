select simulation_id, sum(successes)::bigint, sum(errors)::bigint, sum(timeouts)::bigint, sum(cancellations)::bigint,
  coalesce(sum(scored), 0)::bigint, sum(score) / nullif(sum(means), 0), sum(cost),
  coalesce(array_agg(passes order by passes, judged) filter (where judged > 0), '{}'),
  coalesce(array_agg(judged order by passes, judged) filter (where judged > 0), '{}'),
  coalesce(array_agg(alike order by passes, judged) filter (where judged > 0), '{}')
from (
  select simulation_id, passes::integer, judged::integer, count(*)::integer as alike, sum(successes) as successes,
    sum(errors) as errors, sum(timeouts) as timeouts, sum(cancellations) as cancellations, sum(scored) as scored,
    sum(score / nullif(scored, 0)) as score, count(score) as means, sum(cost) as cost
  from scenarios group by simulation_id, passes, judged
) as groups
group by simulation_id
