create index idx_outcomes_execution_time on outcomes (execution_time desc);
create index idx_outcomes_simulation_id on outcomes (simulation_id, execution_time desc);
create index idx_outcomes_status on outcomes (status, execution_time desc);
create index idx_outcomes_modal_call on outcomes (modal_call_id);
create index idx_outcomes_analytics on outcomes (simulation_id, status, execution_time desc);
create index idx_outcomes_run on outcomes (simulation_id, scenario_id, trial);
