count(o.reliability_score) as scored, sum(o.reliability_score::numeric) as score,
  sum(o.reliability_score::numeric * o.reliability_score::numeric) as score_squares,
  count(o.execution_time_ms) as timed, sum(o.execution_time_ms::numeric) as latency,
  sum(o.execution_time_ms::numeric * o.execution_time_ms::numeric) as latency_squares,
  count(o.tokens_used) as counted, sum(o.tokens_used::numeric) as tokens,
  sum(o.tokens_used::numeric * o.tokens_used::numeric) as tokens_squares,
  count(o.cost_usd) as priced, sum(o.cost_usd::numeric) as cost,
  sum(o.cost_usd::numeric * o.cost_usd::numeric) as cost_squares
