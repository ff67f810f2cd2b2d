-- What a database is known by, whatever URL leads to it: outcomes that wait on a client's disk are filed under it.
alter table arc_schema add column database_id uuid not null default gen_random_uuid();
