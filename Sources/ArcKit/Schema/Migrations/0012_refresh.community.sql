-- Brings the roll-ups of at most so many days of simulations up to date. done is how many notes are done with; null where
-- somebody else is at it.
--
-- TimescaleDB refreshes outside of transactions. So the notes are marked as taken first: who changes outcomes from then on
-- writes notes of their own. Then the aggregates are computed anew whatever TimescaleDB thinks has changed (a simulation's
-- threshold, a chunk that was dropped, it doesn't see), and then those notes are deleted. What an interrupted refresh took
-- stays noted, and the next one takes it.
--
-- Only one at a time, by a lock of the session: two refreshes of the same hours, one of them forced, can both write their rows
-- (TimescaleDB 2.22.1).
create or replace procedure arc_refresh_rollups(most integer, inout done integer) language plpgsql as $$
declare
  changes bigint[];
  sims uuid[];
  days timestamptz[];
  lows timestamptz[];
  highs timestamptz[];
  view text;
begin
  {{read_committed}}
  done := null;
  if not pg_try_advisory_lock(1634886450) then return; end if;
  changes := arc_take_changes(most);
  if changes is null then
    perform pg_advisory_unlock(1634886450);
    done := 0;
    return;
  end if;
  select array_agg(u.simulation_id), array_agg(u.day) into sims, days from arc_changed_days(changes) u;
  commit;
  select array_agg(low order by low), array_agg(high order by low) into lows, highs from (
    select min(day) as low, max(day) + interval '24 hours' as high from (
      select day, day - row_number() over (order by day) * interval '24 hours' as island
      from (select distinct unnest(days) as day) as every
    ) as islands group by island
  ) as runs;
  for i in 1 .. coalesce(cardinality(lows), 0) loop
    foreach view in array array['rollup_hourly', 'rollup_daily', 'rollup_scenarios_daily', 'rollup_latency_daily'] loop
      call refresh_continuous_aggregate(view::regclass, lows[i], highs[i], force => true);
    end loop;
  end loop;
  if sims is not null then perform arc_refresh_derived(sims, days); end if;
  perform arc_settle_changes(changes);
  done := cardinality(changes);
  commit;
  perform pg_advisory_unlock(1634886450);
end $$;

-- The policy: TimescaleDB's scheduler refreshes what waits, once an hour, also where nobody runs arc. Its own policies would
-- refresh beside arc, and know nothing of the notes.
create or replace procedure arc_refresh_by_policy(job_id integer, config jsonb) language plpgsql as $$
declare
  done integer;
begin
  loop
    call arc_refresh_alone(20, done);
    exit when done is null or done = 0;
  end loop;
end $$;
