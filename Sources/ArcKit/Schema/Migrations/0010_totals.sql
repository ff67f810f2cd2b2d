select simulation_id, sum(successes)::bigint, sum(errors)::bigint, sum(timeouts)::bigint, sum(cancellations)::bigint,
  coalesce(sum(scored), 0)::bigint, sum(score) / nullif(sum(means), 0), sum(cost),
  coalesce(array_agg(passes order by passes, judged) filter (where judged > 0), '{}'),
  coalesce(array_agg(judged order by passes, judged) filter (where judged > 0), '{}'),
  coalesce(array_agg(alike order by passes, judged) filter (where judged > 0), '{}')
from (
  select simulation_id, passes::integer, judged::integer, count(*)::integer as alike, sum(successes) as successes,
    sum(errors) as errors, sum(timeouts) as timeouts, sum(cancellations) as cancellations, sum(scored) as scored,
    sum(score / scored) as score, count(score) as means, sum(cost) as cost
  from (
    select simulation_id, scenario_id, sum(passes) as passes, sum(judged) as judged, sum(successes) as successes,
      sum(errors) as errors, sum(timeouts) as timeouts, sum(cancellations) as cancellations,
      nullif(sum(scored), 0) as scored, sum(score) as score, sum(cost) as cost
    from cells group by simulation_id, scenario_id
  ) as scenarios group by simulation_id, passes, judged
) as groups
group by simulation_id
