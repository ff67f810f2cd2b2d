-- An embedding of its text, "[1,2,…]".
create function arc_embedding(numbers text) returns vector language sql immutable strict parallel safe as $$
  select numbers::vector
$$;

-- Versions of pgvector before 0.5 have no such index: there every embedding is looked at, as without pgvector.
do $$
begin
  if exists (select from pg_am where amname = 'hnsw') then
    create index idx_scenarios_embedding on scenarios using hnsw (scenario_embedding vector_cosine_ops);
  end if;
end $$;
