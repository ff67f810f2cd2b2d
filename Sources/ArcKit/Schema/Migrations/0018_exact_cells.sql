count(*) as runs,
  count(*) filter (where o.status = 'success') as successes,
  count(*) filter (where o.status = 'error') as errors,
  count(*) filter (where o.status = 'timeout') as timeouts,
  count(*) filter (where o.status = 'cancelled') as cancellations,
  count(*) filter (
    where o.status <> 'cancelled' and (o.status <> 'success' or o.reliability_score is not null)) as judged,
  count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold) as passes,
  {{exact_sums}}
