count(*) as runs,
  count(*) filter (where o.status = 'success' and o.reliability_score >= s.pass_threshold) as passes,
  {{exact_sums}},
  min(o.execution_time) as first_run, max(o.execution_time) as last_run
