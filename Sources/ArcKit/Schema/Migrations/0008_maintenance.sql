-- How long outcomes are kept, and when arc last saw to it. Null keeps them for ever: nothing is deleted that nobody
-- said.
alter table arc_schema
  add column retention_days integer check (retention_days > 0),
  add column maintained_at  timestamptz not null default '-infinity';
