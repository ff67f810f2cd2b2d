-- Brings the roll-ups of at most so many days of simulations up to date, in one transaction. done is how many notes are
-- done with; null where somebody else is at it.
create or replace procedure arc_refresh_rollups(most integer, inout done integer) language plpgsql as $$
declare
  changes bigint[];
  sims uuid[];
  days timestamptz[];
begin
  {{read_committed}}
  -- Each statement below sees what was committed before it began: the notes are locked before the outcomes are read, and who
  -- changes outcomes meanwhile finds them locked and writes notes of their own.
  done := null;
  if not pg_try_advisory_xact_lock(1634886450) then return; end if;
  changes := arc_take_changes(most);
  done := coalesce(cardinality(changes), 0);
  if done = 0 then return; end if;
  select array_agg(u.simulation_id), array_agg(u.day) into sims, days from arc_changed_days(changes) u;
  if sims is not null then
    perform arc_refresh_days(sims, days);
    perform arc_refresh_derived(sims, days);
  end if;
  perform arc_settle_changes(changes);
end $$;
