sum(runs)::bigint as runs, sum(passes)::bigint as passes,
  sum(scored)::bigint as scored, sum(score) as score, sum(score_squares) as score_squares,
  sum(timed)::bigint as timed, sum(latency) as latency, sum(latency_squares) as latency_squares,
  sum(counted)::bigint as counted, sum(tokens) as tokens, sum(tokens_squares) as tokens_squares,
  sum(priced)::bigint as priced, sum(cost) as cost, sum(cost_squares) as cost_squares,
  min(first_run) as first_run, max(last_run) as last_run
