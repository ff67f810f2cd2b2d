m.metric, count(*)::integer as scenarios, sum(m.n)::bigint as n, sum(m.total) as total, sum(m.squares) as squares,
  sum(m.total * m.total) as total_squares, sum(m.total * m.n) as cross_products, sum(m.n * m.n) as n_squares
from cells c
cross join lateral (values
  ('score', c.scored::numeric, c.score, c.score_squares),
  ('pass', c.judged, c.passes, c.passes),
  ('error', c.runs, (c.errors + c.timeouts)::numeric, (c.errors + c.timeouts)::numeric),
  ('latency', c.timed, c.latency, c.latency_squares),
  ('tokens', c.counted, c.tokens, c.tokens_squares),
  ('cost', c.priced, c.cost, c.cost_squares)
) as m(metric, n, total, squares)
where m.n > 0
