-- How many numbers this database's embeddings have, once there is one: those of different models can't be compared.
create table arc_embedding_length (
  only_row   boolean primary key default true check (only_row),
  dimensions integer not null check (dimensions between 1 and 1536)
);
insert into arc_embedding_length (dimensions)
select 1536 where exists (select from scenarios where scenario_embedding is not null);
