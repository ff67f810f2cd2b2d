-- Tells the roll-ups which hours change, as recording does: once for so many runs instead of row by row.
create function bench.announce(sim bench.simulations, first_run integer, last_run integer) returns void
language plpgsql as $$
begin
  perform arc_announce(sim.simulation_id, array(select generate_series(
    date_trunc('hour', sim.starts + sim.length * (first_run::double precision / sim.runs), 'UTC'),
    sim.starts + sim.length * ((last_run + 1)::double precision / sim.runs), '1 hour')));
end $$;

-- A simulation's outcomes from one run to another, in the order of time.

create function bench.fill(number integer, first_run integer, last_run integer) returns void language plpgsql as $$
declare
  sim bench.simulations;
begin
  select * into sim from bench.simulations where n = number;
  perform bench.announce(sim, first_run, last_run);
  insert into outcomes (outcome_id, simulation_id, scenario_id, trial, execution_time, status, reliability_score,
    execution_time_ms, tokens_used, cost_usd, trajectory, modal_call_id, error_code, error_category, error_message,
    retry_count, metrics)
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || bench.digits(key, 31, 3) || '9'
      || bench.digits(key, 32, 15))::uuid,
    sim.simulation_id, c.scenario_id, run / 1250 + 1, at, ending.status,
    case when ending.status = 'success' and bench.unit(key, 33) > 0.005 then
      case when sim.is_binary then quality.passes::integer
        when quality.passes then floor((0.7 + 0.3 * bench.unit(key, 34)) * 1000) / 1000
        else floor(0.7 * bench.unit(key, 34) * 1000) / 1000 end end,
    case when bench.unit(key, 35) > 0.05 then
      floor(exp(8 + 0.6 * bench.normal(key, 36)) * case ending.status when 'timeout' then 8 else 1 end) end,
    usage.tokens,
    case when bench.unit(key, 38) > 0.05 then round((usage.tokens * 0.000003)::numeric, 6) end,
    case when bench.unit(key, 39) < 0.02 then bench.trajectory(key) end,
    'fc-' || bench.digits(key, 40, 16),
    case when ending.status in ('error', 'timeout') then
      bench.pick(key, 41, '{TimeoutError,ConnectionError,ValueError,KeyError,RateLimitError}') end,
    failure.category,
    case failure.category
      when 'timeout' then format('The run took longer than %s s', 60 + floor(bench.unit(key, 42) * 240))
      when 'tool_error' then format('Tool %s failed: HTTP %s from https://tools.example/v2/calls/%s',
        bench.pick(key, 43, '{search_flights,book_reservation,get_user_details,calculate}'),
        bench.pick(key, 44, '{500,502,503,429}'), bench.digits(key, 45, 12))
      when 'model_error' then format('The model returned no answer (request %s, attempt %s)',
        bench.digits(key, 45, 16), 1 + floor(bench.unit(key, 42) * 3))
      when 'validation_error' then format('Expected a reservation of user %s, got %s', bench.digits(key, 45, 6),
        bench.pick(key, 44, '{nothing,"a list","another user''s"}'))
      when 'system_error' then format('connection to 10.0.%s.%s:5432 was lost', floor(bench.unit(key, 42) * 255),
        floor(bench.unit(key, 43) * 255))
      when 'sandbox_error' then format('sandbox sb-%s ran out of memory', bench.digits(key, 45, 10))
    end,
    case when bench.unit(key, 46) < 0.03 then 1 else 0 end,
    case when sim.has_metrics then jsonb_build_object('tool_execution', round(bench.unit(key, 47)::numeric, 3),
      'completeness', round(bench.unit(key, 48)::numeric, 3)) else '{}' end
  from (
    select run, number::bigint * 1000000 + run as key,
      sim.starts + sim.length * ((run + bench.unit(number::bigint * 1000000 + run, 30)) / sim.runs) as at
    from generate_series(first_run, last_run) as run
  ) as o
  join bench.scenarios c on c.n = 1 + (sim.first + run % 1250) % 2000
  cross join lateral (select bench.unit(key, 26) as luck) as l
  cross join lateral (
    select case when luck < 0.024 then 'error' when luck < 0.029 then 'timeout' when luck < 0.03 then 'cancelled'
      else 'success' end as status
  ) as ending
  cross join lateral (select bench.unit(key, 27) < 1 / (1 + exp(-(c.logit + sim.effect))) as passes) as quality
  cross join lateral (select floor(exp(6.9 + 0.5 * bench.normal(key, 28)))::bigint as tokens) as usage
  cross join lateral (
    select case ending.status when 'timeout' then 'timeout' when 'error' then
      bench.pick(key, 25, '{tool_error,tool_error,tool_error,model_error,model_error,validation_error,system_error,
        sandbox_error}') end as category
  ) as failure
  order by run;
end $$;
