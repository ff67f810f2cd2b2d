alter table scenarios add column scenario_embedding vector(1536);
