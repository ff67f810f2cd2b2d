  ('score', c.scored::numeric, c.score, c.score_squares),
  ('pass', c.judged, c.passes, c.passes),
  ('error', c.runs, (c.errors + c.timeouts)::numeric, (c.errors + c.timeouts)::numeric),
  ('latency', c.timed, c.latency, c.latency_squares),
  ('tokens', c.counted, c.tokens, c.tokens_squares),
  ('cost', c.priced, c.cost, c.cost_squares)
