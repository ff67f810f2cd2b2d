---@meta arc
-- Generated from arc's table of bindings by `make docs`. Don't edit.

---@class arc
arc = {}

---@class arc.Null
arc.null = {}

---@class arc.Time
---@field unix number
---@field iso string

---@class arc.Row
---@field [string] any

---@class arc.Frame
---@field [integer] arc.Row
---@field [string] any
---@field rows fun(self: arc.Frame): fun(): arc.Row?
---@field filter fun(self: arc.Frame, keep: fun(row: arc.Row, index: integer): any): arc.Frame
---@field map fun(self: arc.Frame, fn: fun(row: arc.Row, index: integer): any): any[]
---@field head fun(self: arc.Frame, n?: integer): arc.Frame
---@field tail fun(self: arc.Frame, n?: integer): arc.Frame
---@field take fun(self: arc.Frame, rows: integer[]): arc.Frame
---@field select fun(self: arc.Frame, ...: string): arc.Frame
---@field sort fun(self: arc.Frame, by: string|table, direction?: "asc"|"desc"): arc.Frame
---@field group_by fun(self: arc.Frame, ...: string): arc.Groups
---@field aggregate fun(self: arc.Frame, kind: string, column?: string): any
---@field describe fun(self: arc.Frame): arc.Frame
---@field columns fun(self: arc.Frame): string[]
---@field column fun(self: arc.Frame, name: string): any[]

---@class arc.Column
---@field [integer] any

---@class arc.Groups
---@field agg fun(self: arc.Groups, aggregates: table<string, string|string[]>): arc.Frame

---@class arc.Document
---@field title fun(self: arc.Document, text: string)
---@field heading fun(self: arc.Document, text: string, level?: integer)
---@field text fun(self: arc.Document, text: string)
---@field metric fun(self: arc.Document, metric: table)
---@field table fun(self: arc.Document, frame: arc.Frame, options: table)
---@field gate fun(self: arc.Document, gate: table)

---@class arc.Plugin
---@field metrics? table[]
---@field categorizers? table[]
---@field reports? table[]
---@field importers? table[]

---@class arc.Simulation
---@field id string
---@field name? string

---@class arc.ConfigurationOptions
---@field modal_app_id? string its Modal app

---@class arc.Scenario
---@field id string its id
---@field name? string a name for people
---@field task_prompt? string what the agent is asked
---@field difficulty_level? string how hard it is
---@field tags? (string)[] labels
---@field expected_tools? any the tools that a good answer uses

---@class arc.SimulationPlan
---@field config_version_id string a version's id, or a configuration's name for its latest version
---@field scenarios? (string|arc.Scenario)[] the scenarios to run, as ids or tables; others may be added by recording
---@field trials? integer how often each scenario is run; 1 unless said
---@field simulation_name? string a name for people
---@field pass_threshold? number the score from which a run passes; 0.7 unless said
---@field modal_app_id? string its Modal app
---@field modal_environment? string its Modal environment
---@field sandbox_instances? integer how many sandboxes run it

---@class arc.SuiteResult
---@field overall_score? number the mean score; computed unless given
---@field total_cost? number US dollars; computed unless given
---@field execution_time_ms? integer milliseconds; computed unless given

---@class arc.Outcome
---@field simulation_id? arc.Simulation|string the simulation, where none is given beside it
---@field scenario_id? string the scenario's id, where scenario isn't given
---@field scenario? string|arc.Scenario the scenario, with what is newly known about it
---@field status ("success"|"error"|"timeout"|"cancelled") whether the agent ran
---@field outcome_id? string a UUIDv7 that makes recording idempotent; made where not given
---@field trial? integer which of the scenario's runs this is; 1 unless said
---@field execution_time? string|arc.Time when it ran; now unless said
---@field reliability_score? number how well the agent did, 0…1
---@field execution_time_ms? number how long it took, in milliseconds
---@field tokens_used? integer tokens
---@field cost_usd? number US dollars
---@field trajectory? any the execution trace
---@field modal_call_id? string the Modal call
---@field sandbox_id? string the sandbox
---@field error_code? string the failure's code
---@field error_category? string the failure's category; categorizers find one where not given
---@field error_message? string the failure's message
---@field retry_count? integer how often the run was tried again
---@field metrics? table measurements of your own, by name
---@field place? string what to call it in a message, such as "record 3"

---@class arc.ModalOptions
---@field scale? ("0..1"|"0..100") the scale of the scores; 0..1 unless said
---@field trials_field? string the field that numbers a scenario's runs; trial unless said
---@field place? string what to call the record in a message

---@class arc.ListOptions
---@field limit? integer at most so many; all unless said

---@class arc.OutcomeOptions
---@field status_filter? ("success"|"error"|"timeout"|"cancelled") only those of this status
---@field scenario_id? string only those of this scenario
---@field time_range? number|string only runs that began at most this long ago
---@field limit? integer at most so many, the latest first
---@field trajectory? boolean whether the trajectories come along

---@class arc.PerformanceOptions
---@field time_range? number|string only runs that began at most this long ago
---@field bucket? string the buckets' width, as an interval; "1 hour" unless said

---@class arc.StatisticsOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field bounds? (number)[] the least and the greatest possible value, as {0, 1} for scores; an interval stays within them

---@class arc.PassOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field passed? string the column that says whether a run passed; passed unless said

---@class arc.JSONOptions
---@field nan? boolean whether NaN and Infinity may be read
---@field max_depth? integer how deep it may be nested; 100 unless said

---@class arc.JSONLayout
---@field pretty? boolean whether to break lines and indent

---@class arc.FrameOptions
---@field columns? (string)[] the columns from left to right; all, by name, unless said
---@field types? table types by columns' names: integer, number, text, boolean, decimal, time, date, uuid, json; what the values are unless said

---@class arc.MapOptions
---@field concurrency? integer how many run at once; 16 unless said
---@field on_error? ("cancel"|"collect") cancel: the first error ends all; collect: errors come back by index

arc.json = {}

arc.stats = {}

---Creates a configuration, or a new version of the one of that name. The same text again gives the version that is there.
---@param name string the configuration's name
---@param yaml string|table the configuration as YAML, or as a table
---@param options? arc.ConfigurationOptions what else is known
---@return table # config_id, version_id, version_number, is_new
function arc.create_configuration(name, yaml, options) end

---Creates a simulation in state pending.
---@param plan arc.SimulationPlan what to run
---@return arc.Simulation # the simulation
function arc.create_simulation(plan) end

---Creates a simulation and starts it.
---@param plan arc.SimulationPlan what to run
---@return arc.Simulation # the simulation
function arc.start_simulation(plan) end

---Ends a simulation as planned. What the result leaves open is computed from the outcomes.
---@param simulation arc.Simulation|string which one
---@param suite_result? arc.SuiteResult its final figures, as far as the runner knows them
function arc.complete_simulation(simulation, suite_result) end

---Ends a simulation that can't go on, or that nobody wants any more.
---@param simulation arc.Simulation|string which one
---@param state ("failed"|"cancelled") what became of it
function arc.abandon_simulation(simulation, state) end

---Records one outcome and the simulation's progress. Safe to repeat.
---@param outcome arc.Outcome the outcome, with its simulation_id
---@return string # the outcome's id
function arc.record_outcome(outcome) end

---Records many outcomes of one simulation in one transaction: all of them or none.
---@param outcomes (arc.Outcome)[] the outcomes, with their simulation_id
---@return (string)[] # the outcomes' ids, in order
function arc.record_outcomes_batch(outcomes) end

---Records one result in the Modal form.
---@param simulation arc.Simulation|string which one
---@param scenario_result table the result: scenario, trajectory, reliability_score
---@param options? arc.ModalOptions how to read it
---@return string # the outcome's id
function arc.record_scenario_outcome(simulation, scenario_result, options) end

---Records many results in the Modal form in one transaction: all of them or none.
---@param simulation arc.Simulation|string which one
---@param scenario_results (table)[] the results
---@param options? arc.ModalOptions how to read them
---@return (string)[] # the outcomes' ids, in order
function arc.record_batch_outcomes(simulation, scenario_results, options) end

---The outcome that a result in the Modal form stands for, as importers yield it. Scores of 0 to 100 need their scale said; a failed run's time of 0 is unknown.
---@param result table the result
---@param options? arc.ModalOptions how to read it
---@return arc.Outcome # the outcome
function arc.outcome_from_modal(result, options) end

---Finds a simulation by name, id, unique prefix of an id, or "latest".
---@param reference string what finds it
---@return arc.Simulation # the simulation
function arc.simulation(reference) end

---Simulations, newest first, with their pass rates and intervals.
---@param options? arc.ListOptions how many
---@return arc.Frame # simulation_id, name, configuration, status, completed_runs, total_runs, pass_rate, pass_low, pass_high, cost_usd, created_at
function arc.list_simulations(options) end

---A simulation's progress and figures of the moment.
---@param simulation arc.Simulation|string which one
---@return table # simulation_id, name, configuration, status, total_scenarios, completed_scenarios, trials, total_runs, completed_runs, completion_percent, statuses, average_score, total_cost_usd, …
function arc.get_simulation_status(simulation) end

---The outcomes of a simulation, by scenario and trial.
---@param simulation arc.Simulation|string which one
---@param options? arc.OutcomeOptions which outcomes
---@return arc.Frame # outcome_id, scenario_id, trial, execution_time, status, passed, reliability_score, execution_time_ms, tokens_used, cost_usd, error_code, error_category, error_message, retry_count, metrics, modal_call_id, sandbox_id, perhaps trajectory
function arc.get_scenario_outcomes(simulation, options) end

---A simulation's performance by buckets of time, with a summary.
---@param simulation arc.Simulation|string which one
---@param options? arc.PerformanceOptions which time
---@return table # buckets (a frame) and summary (a row)
function arc.get_simulation_performance(simulation, options) end

---Every metric of every plugin for a simulation, in the plugins' order.
---@param simulation arc.Simulation|string which one
---@return (table)[] # name, label, unit, value, n, errors, se, low, high, method; what isn't known is nil
function arc.metrics(simulation) end

---Runs a query and returns its rows. Parameters are $1, $2, … with as many values, or :name with a table of names; they are bound, never pasted in.
---@param sql string one SQL command
---@param ... any values for $1, $2, …, or one table of names
---@return arc.Frame # the rows
function arc.query(sql, ...) end

---Runs a command and returns how many rows it affected. A setting, a temporary table or a session's lock lasts for the command, or for the arc.transaction around it.
---@param sql string one SQL command
---@param ... any values for $1, $2, …, or one table of names
---@return integer # how many rows it inserted, updated or deleted
function arc.execute(sql, ...) end

---Runs a function in a transaction: everything in it happens, or, where it raises an error, nothing.
---@param fn function what to run
---@return any # what the function returns
function arc.transaction(fn) end

---The mean of a column, with a standard error and a 95 % interval clustered by scenario. Booleans count as 0 and 1; what is NULL has no part.
---@param frame arc.Frame the outcomes
---@param column string|arc.Column|table|function a column's name, or a function of a row that gives the value
---@param options? arc.StatisticsOptions how to cluster
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.mean(frame, column, options) end

---pass^k: the probability that a scenario passes k times out of k. Unbiased, averaged over the scenarios with at least k runs.
---@param frame arc.Frame the outcomes
---@param k integer how many runs
---@param options? arc.PassOptions which columns
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.pass_hat_k(frame, k, options) end

---pass@k: the probability that a scenario passes at least once in k. Unbiased, averaged over the scenarios with at least k runs.
---@param frame arc.Frame the outcomes
---@param k integer how many runs
---@param options? arc.PassOptions which columns
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.pass_at_k(frame, k, options) end

---A quantile of a column, by linear interpolation; NULLs have no part.
---@param frame arc.Frame the outcomes
---@param column string a column's name
---@param p number which: 0.5 is the median
---@return table # value, n, method
function arc.stats.quantile(frame, column, p) end

---Reads JSON. Integers stay exact, null is arc.null, and empty arrays and objects are kept apart.
---@param text string the JSON
---@param options? arc.JSONOptions how to read it
---@return any # the value
function arc.json.decode(text, options) end

---Writes JSON.
---@param value any the value
---@param options? arc.JSONLayout how to write it
---@return string # the JSON
function arc.json.encode(value, options) end

---Makes a frame of a list of records, or of a table of columns. A field that a record lacks is NULL; in a list NULL is `arc.null`.
---@param data table {{a = 1, b = 2}, …}, rows of frames, or {a = {1, …}, b = {2, …}}
---@param options? arc.FrameOptions which columns, and their types
---@return arc.Frame # the frame
function arc.frame(data, options) end

---Calls a function for every item, several at once, and keeps the order.
---@param items table a list, a frame, or anything with # and an index
---@param fn function what to call, with the item and its index
---@param options? arc.MapOptions how
---@return table # the results, in the items' order; with collect also the errors by index
function arc.map(items, fn, options) end

---Runs several functions at once.
---@param functions (function)[] what to run
---@return table # their first results, in order
function arc.gather(functions) end

---Runs a function, and raises an error when the time is over before it has ended.
---@param seconds number the time, in seconds
---@param fn function what to run
---@param ... any what to call it with
---@return any # what the function returns
function arc.timeout(seconds, fn, ...) end

---Waits.
---@param seconds number how long, in seconds
function arc.sleep(seconds) end

---Whether the database answers, how fast, and what it has.
---@return table # status, server_version, tier, schema_version, extensions, response_time_ms
function arc.health() end

---The pool's connections: of the moment, and since arc started.
---@return table # size, max_overflow, in_use, idle, overflow, connecting, waiting; opened, closed, broken, failed_connects, rolled_back
function arc.check_connection_pool() end

---What the pool has counted since arc started.
---@return table # total_queries, failures, success_rate (percent), avg_query_time, p50, p95, p99 (milliseconds), retries, waits, failed_waits, avg_wait, p95_wait, max_wait (milliseconds), in_use, idle, overflow
function arc.get_metrics() end

---Brings the database's schema up to this arc's version. Safe to repeat.
---@return table # version, tier, applied (the migrations' numbers)
function arc.deploy_schema() end

---Prints what a function of arc does, or, without an argument, what there is.
---@param topic? string|function a function, or its name
function help(topic) end

local Simulation = {}
---Ends a simulation as planned. What the result leaves open is computed from the outcomes.
---@param suite_result? arc.SuiteResult its final figures, as far as the runner knows them
function Simulation:complete_simulation(suite_result) end

local Simulation = {}
---Ends a simulation that can't go on, or that nobody wants any more.
---@param state ("failed"|"cancelled") what became of it
function Simulation:abandon_simulation(state) end

local Simulation = {}
---Records one result in the Modal form.
---@param scenario_result table the result: scenario, trajectory, reliability_score
---@param options? arc.ModalOptions how to read it
---@return string # the outcome's id
function Simulation:record_scenario_outcome(scenario_result, options) end

local Simulation = {}
---Records many results in the Modal form in one transaction: all of them or none.
---@param scenario_results (table)[] the results
---@param options? arc.ModalOptions how to read them
---@return (string)[] # the outcomes' ids, in order
function Simulation:record_batch_outcomes(scenario_results, options) end

local Simulation = {}
---A simulation's progress and figures of the moment.
---@return table # simulation_id, name, configuration, status, total_scenarios, completed_scenarios, trials, total_runs, completed_runs, completion_percent, statuses, average_score, total_cost_usd, …
function Simulation:get_simulation_status() end

local Simulation = {}
---The outcomes of a simulation, by scenario and trial.
---@param options? arc.OutcomeOptions which outcomes
---@return arc.Frame # outcome_id, scenario_id, trial, execution_time, status, passed, reliability_score, execution_time_ms, tokens_used, cost_usd, error_code, error_category, error_message, retry_count, metrics, modal_call_id, sandbox_id, perhaps trajectory
function Simulation:get_scenario_outcomes(options) end

local Simulation = {}
---A simulation's performance by buckets of time, with a summary.
---@param options? arc.PerformanceOptions which time
---@return table # buckets (a frame) and summary (a row)
function Simulation:get_simulation_performance(options) end

local Simulation = {}
---Every metric of every plugin for a simulation, in the plugins' order.
---@return (table)[] # name, label, unit, value, n, errors, se, low, high, method; what isn't known is nil
function Simulation:metrics() end
