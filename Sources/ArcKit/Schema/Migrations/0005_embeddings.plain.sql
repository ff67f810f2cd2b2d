-- Without pgvector an embedding is a plain array of the same length.
alter table scenarios add column scenario_embedding real[]
  check (scenario_embedding is null or array_length(scenario_embedding, 1) = 1536);
