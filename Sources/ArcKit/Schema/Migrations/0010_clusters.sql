m.metric, count(*)::integer as scenarios, sum(m.n)::bigint as n, sum(m.total) as total, sum(m.squares) as squares,
  sum(m.total * m.total) as total_squares, sum(m.total * m.n) as cross_products, sum(m.n * m.n) as n_squares
from cells c
cross join lateral (values
{{metrics}}) as m(metric, n, total, squares)
where m.n > 0
