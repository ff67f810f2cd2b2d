---@meta arc
-- Generated from arc's table of bindings by `make docs`. Don't edit.

---@class arc
arc = {}

---@class arc.Null
arc.null = {}

---@alias arc.State "failed"|"cancelled"
---@alias arc.Status "success"|"error"|"timeout"|"cancelled"
---@alias arc.Scale "0..1"|"0..100"
---@alias arc.By "score"|"pass_rate"
---@alias arc.Metric "score"|"pass_rate"|"error_rate"|"latency_ms"|"tokens_used"|"cost_usd"
---@alias arc.Method "wilson"|"clopper_pearson"|"jeffreys"|"beta"
---@alias arc.Alternative "two_sided"|"less"|"greater"
---@alias arc.Method7 "bca"|"studentised"
---@alias arc.Method8 "cusum"|"bayesian"
---@alias arc.OnError "cancel"|"collect"
---@alias arc.By10 "auto"|"embedding"|"trigram"
---@alias arc.Unit "year"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond"
---@alias arc.How "inner"|"left"|"right"|"full"|"semi"|"anti"
---@alias arc.Agg "count"|"nulls"|"sum"|"mean"|"stddev"|"min"|"max"|"median"|"first"|"last"|"collect"|"count_distinct"
---@alias arc.Align "left"|"right"
---@alias arc.Kind "line"|"bar"|"histogram"|"box"|"heatmap"|"sparkline"
---@alias arc.Verdict "pass"|"fail"|"too_little_evidence"
---@alias arc.Outcome "passed"|"failed"|"error"|"skipped"
---@alias arc.Kind18 "timestamptz"|"timestamp"|"date"

---@class arc.Plugin
---@field setup? function gets the settings once, before anything else is called: `setup(config)`. An error in it keeps the plugin from being used
---@field health? function says for `arc doctor` whether all is well: true or nothing, or false and why not
---@field deactivate? function is called once, when arc ends or another version of the plugin takes its place
---@field metrics? (arc.Metric)[] figures of a simulation
---@field categorizers? (arc.Categorizer)[] categories of failures
---@field reports? (arc.Report)[] documents
---@field importers? (arc.Importer)[] files of results

---@class arc.Metric
---@field name string its name, as plugin.json has it
---@field summary? string what it is, in a line
---@field label? string what it is called in text
---@field unit? string its unit: ratio, score, usd, ms, tokens, …
---@field per? ("outcome"|"scenario"|"simulation") what it has a value of; simulation unless said. Of the others arc makes the mean, with its interval
---@field more_is_better? boolean whether more of it is better; true unless said
---@field min? number the least value that is possible
---@field max? number the greatest value that is possible
---@field trajectory? boolean whether it wants the outcomes with their trajectories, which are most of the bytes
---@field compute function of a simulation: gets the outcomes as a frame, and returns a number or a table. Per outcome: gets an outcome, and returns a number, a boolean or nil. Per scenario: gets the scenario's outcomes as a frame, and its id

---@class arc.Categorizer
---@field name string its name, as plugin.json has it
---@field summary? string what it is, in a line
---@field priority? number the highest is asked first; 0 unless said
---@field categorize function gets a failure, and returns its category or nil; must go by nothing else

---@class arc.Report
---@field name string its name, as plugin.json has it
---@field summary? string what it is, in a line
---@field render function writes a document: `render(ctx, doc)`

---@class arc.Importer
---@field name string its name, as plugin.json has it
---@field summary? string what it is, in a line
---@field options? table its options, each with what it is for
---@field detect? function gets the file's first 4 KB, and says whether it is its own
---@field read function yields the outcomes of a source

---@class arc.MetricResult
---@field value? number the figure; nil where it isn't known
---@field n? integer how many observations it rests on
---@field errors? integer how many runs failed
---@field se? number its standard error
---@field low? number the lower end of its 95 % interval
---@field high? number the upper end
---@field method? string how it was made
---@field note? string what must be known to read it

---@class arc.ConfigurationOptions
---@field modal_app_id? string its Modal app

---@class arc.Scenario
---@field id string its id
---@field name? string a name for people
---@field task_prompt? string what the agent is asked
---@field difficulty_level? string how hard it is
---@field tags? (string)[] labels
---@field expected_tools? any the tools that a good answer uses
---@field embedding? (number)[] where a model puts its prompt: at most 1536 numbers, as many as every other scenario's

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
---@field status arc.Status whether the agent ran
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
---@field scale? arc.Scale the scale of the scores; 0..1 unless said
---@field trials_field? string the field that numbers a scenario's runs; trial unless said
---@field place? string what to call the record in a message

---@class arc.ListOptions
---@field limit? integer at most so many; all unless said

---@class arc.OutcomeOptions
---@field status_filter? arc.Status only those of this status
---@field scenario_id? string only those of this scenario
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field limit? integer at most so many, the latest first
---@field trajectory? boolean whether the trajectories come along
---@field columns? (string)[] only these columns, which is faster; all but the trajectory unless said

---@class arc.FailureOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags
---@field by_tool? boolean whether to tell the tools at which runs failed, for which the trajectories of failed runs are read

---@class arc.RecentFailureOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags
---@field limit? integer at most so many; 20 unless said

---@class arc.RecategorizeOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags
---@field dry_run? boolean whether to change nothing
---@field all? boolean whether to replace categories that people gave too, where a categorizer knows one

---@class arc.FlakyOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags

---@class arc.LeaderboardOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags
---@field by? arc.By what to rank by: the mean score of the runs that have one, unless said, or the share of runs that passed

---@class arc.ToolUsageOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags

---@class arc.CostOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags

---@class arc.CoverageOptions
---@field simulation? arc.Simulation|string only outcomes of this simulation
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field since? string|arc.Time only runs that began then or later, as a time or a text
---@field before? string|arc.Time only runs that began before then
---@field tags? (string)[] only those of scenarios that have each of these tags

---@class arc.PerformanceOptions
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field bucket? string|arc.Duration the buckets' width, such as "30 minutes" or "1 day"; "1 hour" unless said

---@class arc.TrendOptions
---@field metric? arc.Metric which figure of the runs; score unless said
---@field configuration? string only those of this configuration: its name, or the id of one version
---@field tags? (string)[] only those of scenarios that have each of these tags
---@field scenario_id? string only those of this scenario
---@field time_range? number|string|arc.Duration how far back; the first bucket is a whole one; 90 days unless said
---@field days? number the same as a number of days
---@field bucket? string|arc.Duration the buckets' width: whole hours, or whole days with tags or a scenario; "1 day" unless said

---@class arc.CompareOptions
---@field metric? string what is compared: score (unless said), pass_rate, latency_ms, tokens, cost_usd, pass_hat_2, pass_at_2, …, a recorded number's name, or a metric of a plugin that has one of each outcome or scenario
---@field confidence? number the level of every interval; 0.95 unless said
---@field seed? integer what decides the permutation test's draws; 1 unless said
---@field resamples? integer how many it draws; 10000 unless said
---@field tolerance? number the change for the worse that is put up with, in the metric's unit; unless said, 0.05 for scores and rates, 5 % of A's mean for the rest
---@field pass_threshold? number the score from which a run passes, on both sides; unless said, each simulation's own
---@field more_is_better? boolean whether more of the metric is better; unless said, as the metric's declaration has it, and not of latency, tokens and cost
---@field critical? (string)[] scenarios that must not go from always passing to never
---@field critical_tag? string the tag of scenarios that must not either; critical unless said
---@field largest_k? integer the largest k of pass^k and pass@k; 4 unless said

---@class arc.StatisticsOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field bounds? (number)[] the least and the greatest possible value, as {0, 1} for scores; an interval stays within them

---@class arc.PassOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field passed? string the column that says whether a run passed; passed unless said

---@class arc.ProportionOptions
---@field method? arc.Method which interval: Wilson's unless said, the exact one, Jeffreys' or a Beta posterior's
---@field prior? (number)[] the Beta prior's two parameters; {1, 1} unless said
---@field confidence? number the level of the intervals; 0.95 unless said

---@class arc.Passes
---@field passes integer how many passed
---@field n integer of how many independent ones

---@class arc.ConfidenceOptions
---@field confidence? number the level of the intervals; 0.95 unless said

---@class arc.FlakinessOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field passed? string the column that says whether a run passed; passed unless said
---@field confidence? number the level of the intervals; 0.95 unless said

---@class arc.PairedOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field confidence? number the level of the intervals; 0.95 unless said
---@field alpha? number the level of the test; 0.05 unless said
---@field power? number how probable it must be to find the effect; 0.8 unless said
---@field seed? integer what decides what is drawn; 1 unless said
---@field resamples? integer how many samples are drawn; 10,000 unless said
---@field tolerance? number the largest drop that is no regression; 0 unless said

---@class arc.PermutationOptions
---@field alternative? arc.Alternative which sums count against chance; two_sided unless said
---@field seed? integer what decides what is drawn; 1 unless said
---@field resamples? integer how many samples are drawn; 10,000 unless said

---@class arc.BootstrapOptions
---@field method? arc.Method7 bias-corrected and accelerated, unless said, or by standard errors
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field confidence? number the level of the intervals; 0.95 unless said
---@field seed? integer what decides what is drawn; 1 unless said
---@field resamples? integer how many samples are drawn; 10,000 unless said

---@class arc.QuantileOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said
---@field confidence? number the level of the intervals; 0.95 unless said

---@class arc.ByOptions
---@field by? string the column whose values are the unit of analysis; scenario_id unless said

---@class arc.DetectableOptions
---@field se number the difference's standard error
---@field df number its degrees of freedom: the pairs less one
---@field alpha? number the level of the test; 0.05 unless said
---@field power? number how probable it must be to find the effect; 0.8 unless said
---@field sides? integer whether effects count in one direction or in both; 2 unless said

---@class arc.PowerOptions
---@field effect number the true difference, above 0 for one side
---@field se number its standard error
---@field df number the pairs less one
---@field alpha? number the level of the test; 0.05 unless said
---@field sides? integer whether effects count in one direction or in both; 2 unless said

---@class arc.SampleSizeOptions
---@field effect? number the true mean difference of the pairs
---@field deviation? number the standard deviation of the pairs' differences
---@field h? number Cohen's h of two proportions, instead of these
---@field alpha? number the level of the test; 0.05 unless said
---@field power? number how probable it must be to find the effect; 0.8 unless said
---@field sides? integer whether effects count in one direction or in both; 2 unless said

---@class arc.PlanOptions
---@field deviation number the standard deviation of single runs; of a pass rate p it is √(p(1 − p))
---@field intraclass number how alike runs of a scenario are, as arc.stats.intraclass tells
---@field correlation? number how alike both sides find the scenarios hard; 1, just as hard, unless said
---@field scenarios integer how many scenarios
---@field trials? integer how many runs of each; 1 unless said
---@field effect? number the difference that is to be found
---@field alpha? number the level of the test; 0.05 unless said
---@field power? number how probable it must be to find the effect; 0.8 unless said
---@field sides? integer whether effects count in one direction or in both; 2 unless said

---@class arc.EWMAOptions
---@field errors? arc.Column|(any)[] each value's standard error, if they are known
---@field center? number what the series should be around; for each step the mean of the values before it unless said
---@field deviation? number the standard deviation of one value; told from neighbours unless said
---@field lambda? number the newest value's weight; 0.2 unless said
---@field width? number the limits' distance in deviations of the average; 2.86 unless said
---@field jump? number how many deviations a value by itself may be off; 3.5 unless said

---@class arc.ChangePointOptions
---@field method? arc.Method8 cusum unless said
---@field level? number cusum: what the values should be around; learned unless said
---@field deviation? number cusum: one value's standard deviation, with level
---@field allowance? number cusum: half the shift to find soonest, in deviations; 0.5 unless said
---@field limit? number cusum: where a sum is too much, in deviations; 4.77 (a false alarm in 370) unless said
---@field rate? number bayesian: the probability of a change before any value; 0.02 unless said
---@field errors? arc.Column|(any)[] each value's standard error, if they are known

---@class arc.JSONOptions
---@field nan? boolean whether NaN, Infinity and -Infinity may be read; false unless said
---@field max_depth? integer how deep it may be nested; 100 unless said
---@field max_size? integer how many bytes it may have; any number unless said

---@class arc.JSONLayout
---@field pretty? boolean whether to break lines and indent by two spaces
---@field sort_keys? boolean whether fields come in the order of their names' bytes
---@field nan? boolean whether NaN and infinities are written, which JSON itself hasn't

---@class arc.YAMLOptions
---@field all? boolean whether to read every document, as a list; else there must be one
---@field max_depth? integer how deep it may be nested; 100 unless said
---@field max_values? integer how many values there may be, with what aliases stand for; 1,000,000 unless said

---@class arc.YAMLLayout
---@field all? boolean whether the value is a list of documents

---@class arc.TimeParts
---@field year integer the year; 0 is 1 BC
---@field month integer the month
---@field day integer the day
---@field hour? integer the hour; 0 unless said
---@field minute? integer the minute; 0 unless said
---@field second? integer the second; 0 unless said
---@field microsecond? integer the microsecond; 0 unless said
---@field zone? string where the clock is; UTC unless said

---@class arc.MapOptions
---@field concurrency? integer how many run at once; 16 unless said
---@field on_error? arc.OnError cancel: the first error ends all; collect: errors come back by index
---@field progress? boolean|string|function true or a label to show how far it is; or a function that is told how many are done, of how many

---@class arc.FrameOptions
---@field columns? (string)[] the columns from left to right; all, by name, unless said
---@field types? table types by columns' names: integer, number, text, boolean, decimal, time, date, uuid, json; what the values are unless said. A column with a type is there without values too

---@class arc.SimilarTo
---@field scenario? string a scenario's id
---@field text? string a text, which prompts are compared with
---@field embedding? (number)[] an embedding, of the model that made the scenarios' own

---@class arc.SimilarOptions
---@field limit? integer at most so many, the most similar first; 10 unless said
---@field by? arc.By10 embedding or trigram (of the prompts) alone; auto, unless said: by embeddings, and behind them by trigrams those without
---@field minimum? number only those that are at least so similar
---@field tags? (string)[] only scenarios with all of these tags
---@field simulation? arc.Simulation|string only scenarios of its set
---@field exact? boolean whether every embedding is looked at where an index could choose

---@class arc.ClusterOptions
---@field k? integer so many groups, each around a scenario
---@field threshold? number groups whose scenarios are all at least so similar to one another; give this or k
---@field by? arc.By10 embedding or trigram; auto, unless said: whichever compares more scenarios
---@field simulation? arc.Simulation|string only scenarios of its set, with their pass rates
---@field tags? (string)[] only scenarios with all of these tags

---@class arc.ScenarioEmbedding
---@field scenario_id string the scenario's id
---@field embedding (number)[] the numbers

---@class arc.EmbedOptions
---@field replace? boolean whether all are made anew; those that are there go with the first new ones

---@class arc.MessageOptions
---@field threshold? number how similar a template is to that which stands for its group; 0.6 unless said

---@class arc.SearchOptions
---@field simulation? arc.Simulation|string only outcomes of this one
---@field configuration? string only those of simulations of this configuration (a name) or version (an id)
---@field time_range? number|string|arc.Duration only runs that began at most this long ago
---@field scenario_id? string only those of this scenario
---@field tags? (string)[] only those of scenarios that have each of these tags
---@field status? arc.Status only those of this status
---@field path? string a JSON path that the trajectory has, or that is true of it: '$[*] ? (@.role == "tool")'
---@field limit? integer at most so many, the latest first; 100 unless said

---@class arc.JoinOptions
---@field how? arc.How inner unless said; left, right and full keep rows that agree with none, semi and anti only choose rows of the first frame
---@field suffix? string|(string)[] what is put behind names that both frames have: of the other frame's, or of both, as {"_old", "_new"}; "_right" unless said

---@class arc.PivotOptions
---@field rows string|(string)[] the columns whose combinations become rows
---@field columns string the column whose values become columns
---@field values string the column whose values fill the cells
---@field agg? arc.Agg what becomes of several values for a cell; an error unless said

---@class arc.UnpivotOptions
---@field columns? (string)[] the columns that become rows; all that aren't kept unless said
---@field keep? (string)[] the columns that are repeated; all others unless said
---@field name? string the column for their names; "name" unless said
---@field value? string the column for their values; "value" unless said

---@class arc.DocumentMetric
---@field name string its name, [a-z][a-z0-9_]*
---@field label? string what it is called in text; the name unless said
---@field unit? string "ratio", "score", "usd", "ms", "tokens", "runs", …
---@field value? number its value; nil where it isn't known
---@field n? integer how many observations it rests on
---@field errors? integer how many runs failed
---@field se? number its standard error
---@field low? number the lower end of its 95 % interval
---@field high? number the upper end
---@field method? string how value and interval were made
---@field note? string what must be known to read it

---@class arc.DocumentColumn
---@field name string the column's name in the frame
---@field label? string what people read above it
---@field unit? string the unit of its numbers: "ratio", "usd", "ms", "p" for p-values, …
---@field units? string the column with each row's unit, where they differ
---@field difference? boolean whether its numbers are differences: they show their sign, and those of ratios are percentage points
---@field align? arc.Align where its cells stand; numbers to the right unless said
---@field decimals? integer digits after the point, where people read
---@field link? string the column with the address that each cell leads to
---@field cases? boolean whether its values are names of the document's cases, to lead there

---@class arc.DocumentTable
---@field name? string what data formats call it; made from the title unless said. One that occurs again gets a number
---@field title? string a line above it
---@field note? string what must be known to read it
---@field columns? (string|arc.DocumentColumn)[] which columns to show, and in which order: names, or tables that say how; all unless said

---@class arc.ChartSeries
---@field name string what it is called
---@field y? (number|arc.Null)[]|arc.Column the values, one for each x
---@field low? (number|arc.Null)[]|arc.Column the lower ends of the band around them
---@field high? (number|arc.Null)[]|arc.Column the upper ends

---@class arc.ChartMark
---@field x any where it is, as x says it
---@field label? string what is there

---@class arc.ChartBox
---@field label string what it is of
---@field values? (number|arc.Null)[]|arc.Column the values; or give the box's figures
---@field low? number the end of the lower whisker
---@field q1? number the lower quartile
---@field median? number the median
---@field q3? number the upper quartile
---@field high? number the end of the upper whisker
---@field n? integer how many values it stands for

---@class arc.DocumentChart
---@field kind arc.Kind what to draw
---@field title string what it shows, in a line
---@field name? string what data formats call it; made from the title unless said
---@field unit? string the unit of its values: "ratio", "usd", "ms", …
---@field difference? boolean whether its values are differences: they show their sign, and those of ratios are percentage points
---@field value_label? string what the values are
---@field axis_label? string what they are of
---@field note? string what must be known to read it
---@field x? (string|number|arc.Time)[]|arc.Column of a line: where its points are, in ascending order
---@field y? (number|arc.Null)[]|arc.Column the values, one for each x
---@field low? (number|arc.Null)[]|arc.Column the lower ends of the band around them
---@field high? (number|arc.Null)[]|arc.Column the upper ends
---@field series? (arc.ChartSeries)[] several lines in the place of y, low and high
---@field marks? (arc.ChartMark)[] places on the axis that are marked, such as change points
---@field labels? (string|number|arc.Time)[]|arc.Column of bars: what each is of
---@field values? (number|arc.Null)[]|arc.Column of bars, a histogram or a sparkline; bars have low and high too
---@field bins? integer of a histogram: how many stretches; by their spread unless said
---@field boxes? (arc.ChartBox)[] of a box chart: its boxes
---@field rows? (string|number|arc.Time)[]|arc.Column of a heat map: the names of its rows
---@field columns? (string|number|arc.Time)[]|arc.Column of a heat map: the names of its columns
---@field grid? ((number|arc.Null)[]|arc.Column)[] of a heat map: a list for each row

---@class arc.DocumentGate
---@field name string its name
---@field verdict? arc.Verdict what it says; or give pass or too_little_evidence
---@field pass? boolean whether the condition holds
---@field too_little_evidence? boolean true where nobody can tell
---@field reason? string why
---@field metric? string the metric that it is about
---@field unit? string the metric's unit
---@field n? integer how many scenarios it rests on
---@field value? number what was found, in that unit; with a tolerance or a baseline, the change
---@field low? number the lower end of its interval
---@field high? number the upper end
---@field bound? number what the verdict goes by: the end of the value's one-sided interval, or the limit that it is held against
---@field tolerance? number the change for the worse that is put up with
---@field baseline? number the metric of what it is compared with
---@field candidate? number the metric of what is in question
---@field p? number the test's p-value

---@class arc.DocumentCase
---@field name? string its name; the scenario's unless said
---@field scenario? string the scenario that was run
---@field trial? integer which run of it; nil where it stands for all of them
---@field outcome arc.Outcome how it ended: failed ran and didn't do what was asked, error didn't come to an end
---@field message? string why, in a line
---@field seconds? number how long it took
---@field details? string more about it
---@field file? string the file that it belongs to, from the project's folder
---@field line? integer the line in the file

arc.json = {}

arc.stats = {}

arc.time = {}

arc.uuid = {}

arc.yaml = {}

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
---@param state arc.State what became of it
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
---@return arc.Answer # simulation_id, name, configuration, status, total_scenarios, completed_scenarios, trials, total_runs, completed_runs, completion_percent, statuses, average_score, total_cost_usd, …
function arc.get_simulation_status(simulation) end

---The outcomes of a simulation, by scenario and trial.
---@param simulation arc.Simulation|string which one
---@param options? arc.OutcomeOptions which outcomes
---@return arc.Frame # outcome_id, scenario_id, trial, execution_time, status, passed, reliability_score, execution_time_ms, tokens_used, cost_usd, error_code, error_category, error_message, retry_count, metrics, modal_call_id, sandbox_id, perhaps trajectory
function arc.get_scenario_outcomes(simulation, options) end

---One metric of a simulation: a plugin's by its name, or the mean of a recorded number by `metrics.NAME`. Nothing else is computed.
---@param name string the metric's name
---@param simulation arc.Simulation|string which one
---@return table # name, label, unit, value, n, errors, se, low, high, method, note; what isn't known is nil
function arc.metric(name, simulation) end

---Every metric of every plugin for a simulation, in the plugins' order. What fails is left out, and named in a second list: plugin, part, message, advice.
---@param simulation arc.Simulation|string which one
---@return (table)[] # name, label, unit, value, n, errors, se, low, high, method; what isn't known is nil
function arc.metrics(simulation) end

---Runs a query and returns its rows. Parameters are $1, $2, … with as many values, or :name with a table of names; they are bound, never pasted in.
---@param sql string one SQL command
---@param ... any values for $1, $2, …, or one table of names
---@return arc.Frame # the rows
---@overload fun(sql: string, parameters: table): arc.Frame
function arc.query(sql, ...) end

---Runs a command and returns how many rows it affected. A setting, a temporary table or a session's lock lasts for the command, or for the arc.transaction around it.
---@param sql string one SQL command
---@param ... any values for $1, $2, …, or one table of names
---@return integer # how many rows it inserted, updated or deleted
---@overload fun(sql: string, parameters: table): integer
function arc.execute(sql, ...) end

---Runs a function in a transaction: everything in it happens, or, where it raises an error, nothing.
---@param fn function what to run
---@return any # what the function returns
function arc.transaction(fn) end

---What failed, by category, by scenario and by what the message says: messages that differ in numbers, names or few words are one cluster. A failure is a run that ended in an error or a timeout; a wrong answer is none.
---@param options? arc.FailureOptions which outcomes; all unless said
---@return arc.Answer # runs, failures, rate, low, high and the frames by_category (category, failures, share, runs, rate, rate_low, rate_high, scenarios, last_failure), by_scenario (scenario_id, failures, runs, rate, rate_low, rate_high, category, last_failure), clusters (template, templates, failures, share, scenarios, category, first_failure, last_failure, example, outcome_id) and perhaps by_tool (tool, failures, share, scenarios)
function arc.failures(options) end

---The latest runs that failed, the latest first.
---@param options? arc.RecentFailureOptions which outcomes; all unless said
---@return arc.Frame # execution_time, outcome_id, scenario_id, trial, status, error_category, error_code, error_message, execution_time_ms, configuration, version, simulation_id, simulation
function arc.recent_failures(options) end

---Gives failures that were recorded before to the categorizers again, as `arc recategorize` does. Categories that people gave stay, unless `all` says otherwise.
---@param options? arc.RecategorizeOptions which outcomes; all unless said
---@return arc.Answer # dry_run, failures, changed, given (keep what somebody gave them), uncertain (a categorizer failed: they stay as they are), summary and the frame changes (from, to, failures, categorizer, and of the first failure scenario_id, trial, simulation_id, message)
function arc.recategorize(options) end

---Scenarios that pass at one time and fail at another under the same version of a configuration, the surest to be flaky first. The disagreement is the probability that two trials differ.
---@param options? arc.FlakyOptions which outcomes; all unless said
---@return arc.Answer # scenarios (a frame: configuration, version, version_id, scenario_id, passes, trials, errors, pass_rate, pass_low, pass_high, disagreement, low, high), single (how many have one trial, which can't disagree) and unjudged (how many have none that passed or failed)
function arc.flaky(options) end

---Configuration versions, the best first. Two configurations are told apart where their scenarios' means differ by a paired t test over the scenarios that both ran (a sign test where every difference is the same; Welch's t test over all scenarios of each where they share fewer than two), at 5 % after Holm's correction for all pairs. Configurations that share a letter of `group` can't be told apart; that their intervals overlap, or don't, decides nothing. Where there would be more than 200 letters there are none, and `comparisons` tells.
---@param options? arc.LeaderboardOptions which outcomes; all unless said
---@return arc.Answer # by, rule and the frames standings (rank, configuration, version, version_id, value, se, low, high, group, scenarios, n, runs, errors, passes, pass_rate, pass_low, pass_high, cost_usd, cost_unknown, mean_cost_usd, mean_latency_ms, latency_unknown) and comparisons (better, better_version, worse, worse_version, scenarios, difference, low, high, p, p_holm, told_apart, method)
function arc.leaderboard(options) end

---Calls, errors and times by tool, from the trajectories, which stay on the server; and the tools that scenarios expect against those that their runs called.
---@param options? arc.ToolUsageOptions which outcomes; all unless said
---@return arc.Answer # runs (with a trajectory), without_trajectory and the frames tools (tool, calls, runs, scenarios, answered, errors, error_rate, error_low, error_high, timed, time_ms, mean_time_ms, expected_in, missed_runs) and expectations (scenario_id, tool, expected, runs, used, usage_rate, usage_low, usage_high)
function arc.tool_usage(options) end

---Tokens, money and times, of runs that nobody cancelled. What isn't known has no part, and is counted; a cost per pass is the cost of all these runs by the number of those that passed. What cancelled runs took, too, is in a simulation's total_cost_usd (arc.get_simulation_status).
---@param options? arc.CostOptions which outcomes; all unless said
---@return arc.Answer # total (a row) and the frames by_configuration and by_scenario, each with configuration, version, version_id, scenario_id, runs, errors, passes, tokens_used, tokens_unknown, cost_usd, cost_unknown, mean_cost_usd, mean_cost_low, mean_cost_high, cost_per_pass_usd, cost_per_pass_low, cost_per_pass_high, latency_unknown, p50_ms, p95_ms, p99_ms; intervals are over scenarios, so a scenario alone has none
function arc.cost(options) end

---Which scenarios have runs, by tag and difficulty, and which have none. It counts all scenarios there are, so shares have no interval.
---@param options? arc.CoverageOptions which outcomes; all unless said
---@return arc.Answer # total (a row) and the frames by_tag, by_difficulty, by_tag_and_difficulty, each with tag, difficulty, scenarios, evaluated, missing, share, runs, errors, and missing (scenario_id, name, difficulty, tags)
function arc.coverage(options) end

---A simulation's performance by buckets of time, with a summary. Its means with intervals over scenarios are those of `arc.metrics`.
---@param simulation arc.Simulation|string which one
---@param options? arc.PerformanceOptions which time
---@return arc.Answer # buckets (a frame: bucket, runs, errors (runs that ended in an error or a timeout), timeouts (how many of the errors are timeouts), passes, and each figure behind the number of runs that it is known of: scored, avg_score, timed, avg_latency_ms, counted, tokens_used, priced, cost_usd) and summary (a row: first_run, last_run, the same over all, p95_latency_ms, and p95_error, the part of itself by which the p95 may be wrong)
function arc.get_simulation_performance(simulation, options) end

---How a figure developed: the mean of the runs in each bucket of time with a 95 % interval clustered by scenario, their moving average (EWMA), and where the level changed. A bucket has moved where the average leaves what the buckets before it let expect, or its own mean does.
---@param options? arc.TrendOptions which figure, of which runs
---@return arc.Answer # metric, bucket, note (why there is nothing to see, where there is nothing), buckets (a frame: bucket, runs, errors, value, n, scenarios, se, low, high, average, average_low, average_high, moved, change_probability, method, note) and changes (a frame: bucket, before, after, probability); what can't be told is nil
function arc.trend(options) end

---Compares two simulations, paired by scenario: overall, by metric, by tag and by scenario, with intervals, tests and a verdict. Differences are b − a.
---@param a arc.Simulation|string the baseline
---@param b arc.Simulation|string the candidate
---@param options? arc.CompareOptions what to compare by
---@return arc.Answer # a, b, matched, unmatched, difference, unpaired_se, mcnemar, permutation, effect_size, smallest_detectable_effect, verdict, regressed, too_little_evidence, tolerance, summary, notes, by_metric, by_tag and by_scenario (frames), flips (lost, gained, weakened, strengthened: frames), …; what isn't defined is nil. Printed, it reads as `arc compare` prints it
function arc.compare(a, b, options) end

---Holds a candidate against a policy, as `arc gate` does: that no scenario is missing, that no critical one is lost, and the policy's own rules. Each answer can be given to `doc:gate`.
---@param candidate arc.Simulation|string the simulation in question
---@param baseline? arc.Simulation|string what it is compared with; the policy's unless said
---@param policy? table as arc.gates.yaml has it: gates (metric, tolerance, confidence, more_is_better, minimum_scenarios, at_least, at_most), critical, missing_scenarios, too_little_evidence; arc's own unless said
---@return (table)[] # name, verdict (pass, fail or too_little_evidence), pass, reason, n (scenarios); of rules also metric, unit, baseline, candidate (their means), value, low, high, bound, tolerance, p
function arc.gates(candidate, baseline, policy) end

---Gives a simulation a tag, such as the branch that it evaluates: `tag:main` finds the newest completed one of those that have it.
---@param simulation arc.Simulation|string which simulation
---@param tag string letters, digits and ._/-
function arc.tag(simulation, tag) end

---Takes a tag away from a simulation.
---@param simulation arc.Simulation|string which simulation
---@param tag string the tag that it has
function arc.untag(simulation, tag) end

---Every tag of every simulation.
---@return arc.Frame # tag, simulation_id, name, state, tagged_at: by tag, the newest simulation first
function arc.tags() end

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
---@return table # value, n, method and perhaps note; what can't be told is nil
function arc.stats.quantile(frame, column, p) end

---The share of independent trials that succeeded, with an interval. Several trials of a scenario aren't independent: for them there is arc.stats.mean.
---@param successes integer how many succeeded
---@param n integer of how many
---@param options? arc.ProportionOptions which interval
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.proportion(successes, n, options) end

---The difference b − a of two proportions of different, independent units, with Newcombe's interval. For the same scenarios on both sides there is arc.stats.paired.
---@param a arc.Passes the baseline
---@param b arc.Passes the candidate
---@param options? arc.ConfidenceOptions which interval
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.proportion_difference(a, b, options) end

---McNemar's exact two-sided p-value that two sides pass equally often on the same units, of those on which they disagree.
---@param only_a integer units that passed in a alone
---@param only_b integer units that passed in b alone
---@return number # the p-value; 1 where they never disagree
function arc.stats.mcnemar(only_a, only_b) end

---How unsteady each scenario's verdict is: the probability that two runs of it disagree, the surest to be flaky first, by the interval's lower end.
---@param frame arc.Frame the outcomes, all of the same configuration
---@param options? arc.FlakinessOptions which columns
---@return arc.Frame # scenario_id (or what by says), trials, passes, disagreement, low, high
function arc.stats.flakiness(frame, options) end

---Cohen's h, the size of the difference of two proportions: 2 arcsin √first − 2 arcsin √second; 0.2 is small, 0.5 medium, 0.8 large.
---@param first number a proportion
---@param second number another
---@return number # h, above 0 where the first is the larger
function arc.stats.cohen_h(first, second) end

---Compares a column of two frames by scenario: each scenario's runs are averaged first, and what only one side ran is counted and left out.
---@param a arc.Frame the baseline's outcomes
---@param b arc.Frame the candidate's
---@param column string the column that both have; booleans count as 0 and 1
---@param options? arc.PairedOptions how to compare
---@return table # value (b − a), n (matched scenarios), se, low, high, method, note, only_a, only_b, p, unpaired_se, permutation (p, exact, seed, resamples), effect_size, smallest_detectable_effect, regression (verdict, p, upper_bound)
function arc.stats.paired(a, b, column, options) end

---The p-value of paired differences by flipping their signs: exact for few differences and for those in steps, such as of pass rates, else drawn with a seed.
---@param differences arc.Column|(any)[] one for each pair; NULLs have no part
---@param options? arc.PermutationOptions how to test
---@return table? # p, exact, and, where it isn't, seed and resamples; nil without differences
---@return string? # where that is nil, a text that says why
function arc.stats.permutation(differences, options) end

---The mean of a column with an interval by drawing scenarios anew, each with all its runs. It says its seed.
---@param frame arc.Frame the outcomes
---@param column string|arc.Column a column, or its name; NULLs have no part
---@param options? arc.BootstrapOptions how to draw
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.bootstrap(frame, column, options) end

---Holm's correction of several p-values: the chance of any false finding stays at most the level that they are held against.
---@param p_values arc.Column|(any)[] the p-values; what isn't known (NULL, arc.null) counts as no question
---@return (any)[] # the corrected p-values in the same order, arc.null where unknown
function arc.stats.holm(p_values) end

---Benjamini's and Hochberg's correction of several p-values: of all findings, at most the level's share is expected to be false.
---@param p_values arc.Column|(any)[] the p-values; what isn't known (NULL, arc.null) counts as no question
---@return (any)[] # the corrected p-values in the same order, arc.null where unknown
function arc.stats.benjamini_hochberg(p_values) end

---Cohen's d_z of paired differences: their mean over their standard deviation.
---@param differences arc.Column|(any)[] one for each pair; NULLs have no part
---@return number? # d_z; nil where the differences have no spread
---@return string? # where that is nil, a text that says why
function arc.stats.cohen_dz(differences) end

---A quantile of a column with an interval: by order statistics where each scenario ran once, else one that holds though runs of a scenario resemble each other.
---@param frame arc.Frame the outcomes
---@param column string|arc.Column a column, or its name; NULLs have no part
---@param p number which: 0.5 is the median
---@param options? arc.QuantileOptions how to cluster
---@return table # value, n, se, low, high, method and perhaps note; what can't be told is nil
function arc.stats.quantile_interval(frame, column, p, options) end

---The intraclass correlation of a column: 1 where runs of a scenario always agree, 0 where they agree no more than runs of different ones.
---@param frame arc.Frame the outcomes
---@param column string|arc.Column a column, or its name; NULLs have no part
---@param options? arc.ByOptions how to cluster
---@return number? # at most 1; nil where no scenario ran twice, or nothing differs
---@return string? # where that is nil, a text that says why
function arc.stats.intraclass(frame, column, options) end

---The smallest true difference that a comparison with this standard error would probably have found. It says what "no difference found" is worth.
---@param options arc.DetectableOptions what was measured
---@return number? # the effect, in the unit of the standard error
---@return string? # where that is nil, a text that says why
function arc.stats.smallest_detectable_effect(options) end

---The probability that a comparison finds a true difference of that size.
---@param options arc.PowerOptions what is compared
---@return number? # the probability
---@return string? # where that is nil, a text that says why
function arc.stats.power(options) end

---How many pairs find an effect of that size (by effect and deviation), or how many units on each of two sides (by Cohen's h). Round it up.
---@param options arc.SampleSizeOptions what is to be found
---@return number? # the number; nil where the effect is 0
---@return string? # where that is nil, a text that says why
function arc.stats.sample_size(options) end

---Plans a comparison on the same scenarios: what more trials or more scenarios gain. Trials of a scenario are alike, so they gain less.
---@param options arc.PlanOptions what is planned
---@return table? # se, smallest_detectable_effect and, with an effect, power and scenarios_needed; perhaps note, which says why one of them is missing; nil without a deviation
---@return string? # where that is nil, a text that says why
function arc.stats.plan(options) end

---The exponentially weighted moving average of a series, with the limits that it keeps to while nothing changes.
---@param values arc.Column|(any)[] the series in its order; NULL where a step has none
---@param options? arc.EWMAOptions how to smooth
---@return arc.Frame # step, value, average, low, high, outside (the average is outside its limits), jump (the value by itself is too far off)
function arc.stats.ewma(values, options) end

---Where a series changed its level: by cumulative sums, as one would watch it, or looking back at all of it with Bayes' rule.
---@param values arc.Column|(any)[] the series in its order; NULL where a step has none
---@param options? arc.ChangePointOptions how to look
---@return arc.Frame # index (of the first value at the new level, from 1), detected_at, rise, before and after (mean levels), probability
---@return string? # what kept it from telling more, such as values that are all equal at first, and how to go on; nil else
function arc.stats.change_points(values, options) end

---Reads JSON. Integers of 64 bits stay exact, larger ones become floats; null is arc.null, and empty arrays and objects are kept apart. What isn't JSON is an error with line, column and byte.
---@param text string the JSON, in UTF-8
---@param options? arc.JSONOptions how to read it
---@return any # the value
function arc.json.decode(text, options) end

---Writes JSON. Floats keep a point or an exponent and read back as they were; tables with items are arrays, others objects, and decimals have all their digits. What JSON can't hold is an error with its place, as in $.a[3].b.
---@param value any the value
---@param options? arc.JSONLayout how to write it
---@return string # the JSON
function arc.json.encode(value, options) end

---Reads YAML 1.2. Integers stay exact, null is arc.null, `no` is a text, keys are texts. Aliases work; `<<` is a key as any other. Refused are tags other than YAML's own, keys that come twice, and what is too deep or too large.
---@param text string the YAML
---@param options? arc.YAMLOptions how to read it
---@return any # the value, or a list of them
function arc.yaml.decode(text, options) end

---Writes YAML, which arc.yaml.decode reads back as the same; a decimal with all its digits. What YAML can't hold is an error with its place, as in $.a[3].b.
---@param value any the value
---@param options? arc.YAMLLayout how to write it
---@return string # the YAML
function arc.yaml.encode(value, options) end

---The time of this machine's clock.
---@return arc.Time # the time
function arc.time.now() end

---Reads a time: ISO 8601, RFC 3339, or as PostgreSQL writes it, perhaps with a zone's name behind; a day alone; "infinity". A number is seconds from 1970. A text without a zone gives a time without one, unless you say where the clock is.
---@param value string|number|arc.Decimal|arc.Time the text, or seconds from 1970 as a number or a decimal
---@param zone? string where the clock is, where the text doesn't say
---@return arc.Time # the time
function arc.time.parse(value, zone) end

---The time at which a calendar and a clock show these figures.
---@param parts arc.TimeParts what they show
---@return arc.Time # the time
function arc.time.of(parts) end

---A span of time, from a text or from seconds. Units are us, ms, s, m, h, d, w, mo (months) and y; PostgreSQL's texts ("1 hour 30 minutes", "1 day 02:00:00") and those of ISO 8601 ("PT1H30M") work too.
---@param value string|number|arc.Duration "24h", "1h30m", "1.5s", "-250ms", or seconds as a number
---@return arc.Duration # the duration
function arc.duration(value) end

---An exact decimal number, from a text, or from a number: a float counts as the shortest decimal that reads back as it.
---@param value string|number|arc.Decimal "12.30", "1e-7", "NaN", "Infinity", or a number
---@return arc.Decimal # the number
function arc.decimal(value) end

---A new UUID: one of version 7 begins with the time, one of version 4 is random.
---@param version? integer 4 or 7; 7 unless said
---@return arc.UUID # the UUID
function arc.uuid.new(version) end

---Reads a UUID: 32 hexadecimal digits, with hyphens or without, perhaps in braces.
---@param text string|arc.UUID the UUID
---@return arc.UUID # the UUID
function arc.uuid.parse(text) end

---Calls a function for every item, several at once, and keeps the order.
---@param items table a list, a frame, or anything with # and an index
---@param fn function what to call, with the item and its index
---@param options? arc.MapOptions how
---@return table # the results, in the items' order; with collect also the errors by index
function arc.map(items, fn, options) end

---Runs several functions at once.
---@param functions table what to run, as a list or by names
---@return table # their first results, in order or by the same names
function arc.gather(functions) end

---Runs a function, and raises an error when the time is over before it has ended.
---@param seconds number|string|arc.Duration the time
---@param fn function what to run
---@param ... any what to call it with
---@return any # what the function returns
function arc.timeout(seconds, fn, ...) end

---Runs a function that starts tasks one by one, and ends when all of them have. The first error ends the others, and is raised.
---@param fn function what to run, with the Scope that starts tasks
---@return any # what the function returns
function arc.scope(fn) end

---Makes a channel, which passes values from task to task, first come first served.
---@param capacity? integer how many values it holds while nobody receives; 0 unless said: a sender waits for its receiver
---@return arc.Channel # the channel
function arc.channel(capacity) end

---Waits; 0 lets the other tasks go first.
---@param seconds number|string|arc.Duration how long
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

---The environment variables that arc was started with, to read: arc.env.HOME, or with a value for where there is none. pairs(arc.env) goes through all.
---@param name string the variable's name
---@param default? any what comes where there is no such variable
---@return string # its value; else the default, or nil
function arc.env(name, default) end

---Makes a frame of a list of records, or of a table of columns. A field that a record lacks is NULL; in a list NULL is `arc.null`.
---@param data table {{a = 1, b = 2}, …}, rows of frames, or {a = {1, …}, b = {2, …}}
---@param options? arc.FrameOptions which columns, and their types
---@return arc.Frame # the frame
function arc.frame(data, options) end

---The scenarios that resemble one most: by the cosine of their embeddings, and by the trigrams of their prompts where there are none. A cosine and a share of trigrams aren't comparable: method says which it is.
---@param scenario string|arc.SimilarTo a scenario's id, or { text = … } or { embedding = … }
---@param options? arc.SimilarOptions how many, by what and among which
---@return arc.Frame # scenario_id, name, similarity, method (exact, hnsw or trigram), difficulty_level, tags; beside it a table of by_embedding, by_trigrams and left_out: how many scenarios were compared, and how many couldn't be
function arc.similar_scenarios(scenario, options) end

---Groups similar scenarios: k around a scenario each (k-medoids), or groups whose scenarios are all at least so similar (complete linkage). Nothing is random: the same scenarios give the same groups.
---@param options arc.ClusterOptions k or threshold, by what and among which
---@return arc.Answer # clusters (a frame: cluster, scenarios, medoid, name, least_similarity; with a simulation runs, errors, pass_rate, pass_low, pass_high, note), scenarios (a frame: scenario_id, name, cluster, is_medoid, similarity), method, left_out
function arc.cluster_scenarios(options) end

---Sets a scenario's embedding: at most 1536 numbers, as many as every other scenario's.
---@param scenario string the scenario's id
---@param embedding (number)[] the numbers
function arc.set_embedding(scenario, embedding) end

---Sets the embeddings of many scenarios, all or none.
---@param embeddings (arc.ScenarioEmbedding)[] a scenario and its embedding each
function arc.set_embeddings(embeddings) end

---Gives an embedding to every scenario that lacks one and whose prompt is known, by the program that `embed` in arc's config.yaml names: it reads a JSON string a line, and prints a JSON list of numbers a line. For scripts; plugins can't.
---@param options? arc.EmbedOptions what to make
---@return table # embedded: how many scenarios got one; without_prompt: how many have none, since their prompt isn't known
function arc.embed_scenarios(options) end

---Groups messages that say the same in slightly different words: by their templates, in which numbers, ids and quotations are masked, and those by their trigrams. The most frequent stands for each group, as in arc.failures.
---@param messages (string)[]|arc.Column the messages; NULL isn't counted
---@param options? arc.MessageOptions how alike
---@return arc.Frame # message, count, variants (different messages), the largest group first
function arc.cluster_messages(messages, options) end

---How much two texts resemble one another: the share of their trigrams that both have, 0…1, as PostgreSQL's pg_trgm has it.
---@param one string a text
---@param other string another text
---@return number # the similarity; nil where a text has no word
function arc.trigram_similarity(one, other) end

---Finds outcomes by what is in their trajectories. Each trajectory that is looked at has to be read: give a simulation, a configuration or a time range.
---@param text? string words that the trajectory has in any of its texts; "quoted" for a phrase, or between, - before what it must not have
---@param options? arc.SearchOptions where to look, and a path to look for
---@return arc.Frame # outcome_id, simulation_id, simulation, scenario_id, trial, execution_time, status, snippet (the words between « and »), the latest first; beside it true where there are more
function arc.search(text, options) end

---Prints what something of arc's is and does: a function, a module, a handle, or a name such as "Time:format". Without an argument, what there is.
---@param topic? any a function, a module, a handle, or a name
function help(topic) end

---A simulation: what arc.start_simulation and arc.simulation give. Every function whose first parameter is a simulation is a method of it.
---@class arc.Simulation
---@field id string its id
---@field simulation_id string the same
---@field name? string its name for people
local Simulation = {}

---Ends a simulation as planned. What the result leaves open is computed from the outcomes.
---@param suite_result? arc.SuiteResult its final figures, as far as the runner knows them
function Simulation:complete_simulation(suite_result) end

---Ends a simulation that can't go on, or that nobody wants any more.
---@param state arc.State what became of it
function Simulation:abandon_simulation(state) end

---Records one result in the Modal form.
---@param scenario_result table the result: scenario, trajectory, reliability_score
---@param options? arc.ModalOptions how to read it
---@return string # the outcome's id
function Simulation:record_scenario_outcome(scenario_result, options) end

---Records many results in the Modal form in one transaction: all of them or none.
---@param scenario_results (table)[] the results
---@param options? arc.ModalOptions how to read them
---@return (string)[] # the outcomes' ids, in order
function Simulation:record_batch_outcomes(scenario_results, options) end

---A simulation's progress and figures of the moment.
---@return arc.Answer # simulation_id, name, configuration, status, total_scenarios, completed_scenarios, trials, total_runs, completed_runs, completion_percent, statuses, average_score, total_cost_usd, …
function Simulation:get_simulation_status() end

---The outcomes of a simulation, by scenario and trial.
---@param options? arc.OutcomeOptions which outcomes
---@return arc.Frame # outcome_id, scenario_id, trial, execution_time, status, passed, reliability_score, execution_time_ms, tokens_used, cost_usd, error_code, error_category, error_message, retry_count, metrics, modal_call_id, sandbox_id, perhaps trajectory
function Simulation:get_scenario_outcomes(options) end

---Every metric of every plugin for a simulation, in the plugins' order. What fails is left out, and named in a second list: plugin, part, message, advice.
---@return (table)[] # name, label, unit, value, n, errors, se, low, high, method; what isn't known is nil
function Simulation:metrics() end

---A simulation's performance by buckets of time, with a summary. Its means with intervals over scenarios are those of `arc.metrics`.
---@param options? arc.PerformanceOptions which time
---@return arc.Answer # buckets (a frame: bucket, runs, errors (runs that ended in an error or a timeout), timeouts (how many of the errors are timeouts), passes, and each figure behind the number of runs that it is known of: scored, avg_score, timed, avg_latency_ms, counted, tokens_used, priced, cost_usd) and summary (a row: first_run, last_run, the same over all, p95_latency_ms, and p95_error, the part of itself by which the p95 may be wrong)
function Simulation:get_simulation_performance(options) end

---Compares two simulations, paired by scenario: overall, by metric, by tag and by scenario, with intervals, tests and a verdict. Differences are b − a.
---@param b arc.Simulation|string the candidate
---@param options? arc.CompareOptions what to compare by
---@return arc.Answer # a, b, matched, unmatched, difference, unpaired_se, mcnemar, permutation, effect_size, smallest_detectable_effect, verdict, regressed, too_little_evidence, tolerance, summary, notes, by_metric, by_tag and by_scenario (frames), flips (lost, gained, weakened, strengthened: frames), …; what isn't defined is nil. Printed, it reads as `arc compare` prints it
function Simulation:compare(b, options) end

---Holds a candidate against a policy, as `arc gate` does: that no scenario is missing, that no critical one is lost, and the policy's own rules. Each answer can be given to `doc:gate`.
---@param baseline? arc.Simulation|string what it is compared with; the policy's unless said
---@param policy? table as arc.gates.yaml has it: gates (metric, tolerance, confidence, more_is_better, minimum_scenarios, at_least, at_most), critical, missing_scenarios, too_little_evidence; arc's own unless said
---@return (table)[] # name, verdict (pass, fail or too_little_evidence), pass, reason, n (scenarios); of rules also metric, unit, baseline, candidate (their means), value, low, high, bound, tolerance, p
function Simulation:gates(baseline, policy) end

---Gives a simulation a tag, such as the branch that it evaluates: `tag:main` finds the newest completed one of those that have it.
---@param tag string letters, digits and ._/-
function Simulation:tag(tag) end

---Takes a tag away from a simulation.
---@param tag string the tag that it has
function Simulation:untag(tag) end

---A moment, to the microsecond (PostgreSQL's timestamptz); also a clock's reading without a zone (timestamp) or a day (date), and the infinities. Fields are in UTC. Times without a zone are compared as UTC.
---@class arc.Time
---@field year? integer the year; 0 is 1 BC. nil for an infinity, as all of these
---@field month? integer the month
---@field day? integer the day
---@field hour? integer the hour
---@field minute? integer the minute
---@field second? integer the second, whole
---@field microsecond? integer the rest of the second
---@field weekday? integer the day of the week; 1 is Monday
---@field yearday? integer the day of the year, from 1
---@field unix? number seconds from 1970, as a float
---@field iso string as RFC 3339 writes it, in UTC
---@field kind arc.Kind18 PostgreSQL's type
---@field is_finite boolean false for infinity and -infinity
---@operator add(arc.Duration|number|string): arc.Time
---@operator sub(arc.Time): arc.Duration
---@operator sub(arc.Duration|number|string): arc.Time
---@operator concat(any): string
local Time = {}

---What a calendar and a clock in a zone show at that time.
---@param zone? string "UTC" (unless said), a distance such as "+02:00", or a name such as "Europe/Berlin"
---@return table # year, month, day, hour, minute, second, microsecond, weekday, yearday, offset (seconds east of UTC), zone
function Time:fields(zone) end

---The time as text.
---@param pattern? string conversions as strftime has them: %Y %m %d %H %M %S, %f (microseconds), %L (milliseconds), %F (date), %T (time), %z (+0200), %Z (zone), %j (day of the year), %u (weekday, 1 is Monday), %a %A %b %B (names), %e %I %p %y %s (epoch seconds), %%; RFC 3339 unless said
---@param zone? string "UTC" (unless said), a distance such as "+02:00", or a name such as "Europe/Berlin"
---@return string # the text
function Time:format(pattern, zone) end

---The beginning of the hour, day, week (Monday), … that the time is in.
---@param unit arc.Unit which
---@param zone? string "UTC" (unless said), a distance such as "+02:00", or a name such as "Europe/Berlin"
---@return arc.Time # the time
function Time:truncate(unit, zone) end

---Seconds from 1970-01-01 00:00 UTC, exactly; nil for an infinity.
---@return arc.Decimal # the seconds
function Time:to_epoch() end

---A span of time, to the microsecond (PostgreSQL's interval). Days and months keep apart from hours. Compared, a day is 24 hours and a month 30 days. Wherever a function takes seconds, it takes a duration.
---@class arc.Duration
---@field seconds number its length, a day as 24 hours; an error where it has months
---@field microseconds integer the same in microseconds, exactly
---@field months integer its months, a year as 12
---@field days integer its days, beside months and hours
---@operator add(arc.Duration|number|string): arc.Duration
---@operator add(arc.Time): arc.Time
---@operator sub(arc.Duration|number|string): arc.Duration
---@operator mul(number): arc.Duration
---@operator div(number): arc.Duration
---@operator div(arc.Duration): number
---@operator unm: arc.Duration
---@operator concat(any): string
local Duration = {}

---An exact decimal number of any size (PostgreSQL's numeric), also NaN and the infinities. +, - and * are exact, / is rounded to at least 16 significant digits, all as PostgreSQL does it. A float beside it counts as the shortest decimal that reads back as it. == needs decimals on both sides.
---@class arc.Decimal
---@field scale integer how many decimals it shows
---@field is_finite boolean false for NaN and the infinities
---@field is_nan boolean whether it is NaN
---@operator add(arc.Decimal|number): arc.Decimal
---@operator sub(arc.Decimal|number): arc.Decimal
---@operator mul(arc.Decimal|number): arc.Decimal
---@operator div(arc.Decimal|number): arc.Decimal
---@operator idiv(arc.Decimal|number): arc.Decimal
---@operator mod(arc.Decimal|number): arc.Decimal
---@operator unm: arc.Decimal
---@operator concat(any): string
local Decimal = {}

---Rounded half away from zero.
---@param scale? integer how many decimals; 0 unless said, negative for tens and hundreds
---@return arc.Decimal # the rounded number
function Decimal:round(scale) end

---Cut off behind so many decimals.
---@param scale? integer how many decimals; 0 unless said, negative for tens and hundreds
---@return arc.Decimal # the number
function Decimal:truncate(scale) end

---The number without its sign.
---@return arc.Decimal # the size
function Decimal:abs() end

---The nearest float.
---@return number # the number
function Decimal:number() end

---The number as an integer of Lua's; nil where it isn't whole, or too large.
---@return integer # the integer
function Decimal:integer() end

---A UUID: 128 bits. Those of version 7 sort by the time at which they were made. A uuid column's values are strings; arc.uuid.parse makes one of these.
---@class arc.UUID
---@field version integer how it was made: 4 at random, 7 by time
---@field time? arc.Time when one of version 7 was made, to the millisecond; nil of others
---@operator concat(any): string
local UUID = {}

---Its 16 bytes.
---@return string # the bytes
function UUID:bytes() end

---A value of the database that has no other form in Lua: a time of day, an array whose indices don't begin at 1. It can be shown, told from others and given back to the database as it is; times of day are ordered too.
---@class arc.Value
---@operator concat(any): string
local Value = {}

---What a question answers: `answer.name` is a figure, a text, a table or a frame, nil where it isn't defined; a name that it doesn't have is an error. Printed, it reads as text: a comparison as `arc compare` prints it.
---@class arc.Answer
---@field [string] any
local Answer = {}

---The fields as a table, without those that aren't defined.
---@return table # the values by their names
function Answer:fields() end

---Rows with typed columns, as a query returns them: `frame[1]` is a row, `frame.score` a column, `#frame` the number of rows. A frame is never changed; its methods make others.
---@class arc.Frame
---@field [integer] arc.Row
---@field [string] arc.Column
local Frame = {}

---The names of the columns, from left to right.
---@return (string)[] # the names
function Frame:columns() end

---A column by its name; `frame.name` is the same where no method has that name.
---@param name string the column's name
---@return arc.Column # the column
function Frame:column(name) end

---Some of the columns, in this order.
---@param ... any columns' names, or one list of them
---@return arc.Frame # a frame of these columns
function Frame:select(...) end

---All columns but some.
---@param ... any columns' names, or one list of them
---@return arc.Frame # a frame without these columns
function Frame:drop(...) end

---The columns under other names.
---@param names table new names by the old ones: { old = "new" }
---@return arc.Frame # a frame with these names
function Frame:rename(names) end

---The frame with one more column, or with another one in the place of that name.
---@param name string the column's name
---@param values any a function of a row and its number, a list (NULL is `arc.null`), a column, or one value for all rows
---@return arc.Frame # a frame with the column
function Frame:with_column(name, values) end

---The rows that a function wants, or that fulfil conditions about columns: a value (`arc.null` for NULL), a list of values, or a table with `min`, `max`, `above`, `below` and `except`. A function may wait; conditions are many times as fast.
---@param keep table|function a function of a row and its number, or conditions by columns' names
---@return arc.Frame # these rows, in order
function Frame:filter(keep) end

---The first rows.
---@param n? integer how many; 10 unless said
---@return arc.Frame # at most n rows
function Frame:head(n) end

---The last rows.
---@param n? integer how many; 10 unless said
---@return arc.Frame # at most n rows
function Frame:tail(n) end

---A stretch of the rows; negative numbers count from the end, as in `string.sub`.
---@param from integer the first row's number
---@param to? integer the last row's number; -1, the last row, unless said
---@return arc.Frame # these rows
function Frame:slice(from, to) end

---Rows by their numbers, in that order; a row may come several times.
---@param rows (integer)[] the rows' numbers
---@return arc.Frame # these rows; numbers without a row are passed over
function Frame:take(rows) end

---Rows drawn at random, without repetition, in the frame's order. The same seed draws the same rows.
---@param n integer how many; all, where there are fewer
---@param seed? integer what the random numbers begin with; 0 unless said
---@return arc.Frame # n rows
function Frame:sample(n, seed) end

---The rows in the order of some columns, the first counting most. NULL comes last either way, NaN behind all numbers; durations are compared with months of 30 days and days of 24 hours; texts, and what has no order here (inet, money), are in the order of their bytes; rows that are equal stay in order.
---@param ... any columns: "name", "-name" or {"name", "desc"} for the greatest first, or one list of these; then perhaps "desc" or { desc = true } for all
---@return arc.Frame # all rows
function Frame:sort(...) end

---The first row of each combination of values in some columns. NULL is a value like any other here.
---@param ... any columns' names, or one list of them; none for all
---@return arc.Frame # these rows, in order
function Frame:unique(...) end

---How often each combination of values in some columns comes.
---@param ... any columns' names, or one list of them; none for all
---@return arc.Frame # the columns and `count`, the most frequent first
function Frame:value_counts(...) end

---Goes through the rows in a loop.
---@return function # an iterator
function Frame:rows() end

---Calls a function for each row, which may wait.
---@param fn string|function what to call, with the row and its number; a column's name for its values
---@return table # a list of what it returned; `arc.null` for nil
function Frame:map(fn) end

---The rows as tables, without the fields that are NULL. `arc.frame` reads them back.
---@return (table)[] # a list of tables
function Frame:to_records() end

---The columns as lists, by name; NULL is `arc.null`. `arc.frame` reads them back.
---@return table # lists by columns' names
function Frame:to_columns() end

---The rows as CSV (RFC 4180) under a line of names. NULL is empty, an empty text is `""`.
---@return string # the text
function Frame:to_csv() end

---The rows as a JSON array of objects.
---@return string # the text
function Frame:to_json() end

---A row for each column: type, how many values and NULLs it has, and, of numbers and booleans, mean, standard deviation, least, quartiles and greatest.
---@return arc.Frame # column, type, values, nulls, mean, sd, min, p25, median, p75, max
function Frame:describe() end

---The rows beside those of another frame that agree with them in some columns. NULL agrees with nothing. Rows stay in the order of the first frame, in a right join of the other.
---@param other arc.Frame the other frame
---@param on string|table a column's name, a list of names, or names by names: { ours = "theirs" }
---@param options? arc.JoinOptions how
---@return arc.Frame # the columns of the first frame, then those of the other
function Frame:join(other, on, options) end

---The rows of several frames one below the other. A column that a frame lacks is NULL there.
---@param ... any other frames
---@return arc.Frame # the rows of all
function Frame:concat(...) end

---Cuts the frame into groups of rows that agree in some columns, in the order in which they first appear. NULL is a value like any other here. Without a column, all rows are one group.
---@param ... any columns' names, or one list of them
---@return arc.Groups # the groups
function Frame:group_by(...) end

---Turns a column's values into columns: one row for each combination of other columns.
---@param options arc.PivotOptions what becomes what
---@return arc.Frame # the rows, and a column for each value
function Frame:pivot(options) end

---Turns columns into rows: a row for each row and column, with the column's name and its value.
---@param options? arc.UnpivotOptions which columns
---@return arc.Frame # the kept columns, the names and the values
function Frame:unpivot(options) end

---The sum of the values: an integer of integers, as long as it fits, and an exact decimal of decimals. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return any # the sum, a number or an `arc.decimal`
function Frame:sum(column) end

---The mean of the values, a float, of decimals too; booleans count as 0 and 1. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return number # the mean
function Frame:mean(column) end

---The standard deviation of the values as a sample, with n − 1 as its divisor. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return number # the standard deviation; nil of fewer than two values
function Frame:stddev(column) end

---The least value, by the order of `sort`. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return any # the value
function Frame:min(column) end

---The greatest value, by the order of `sort`. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return any # the value
function Frame:max(column) end

---The middle value; between two, their mean. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return number # the median
function Frame:median(column) end

---How many different values there are. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return integer # the number
function Frame:count_distinct(column) end

---How many different values there are: `count_distinct`. NULLs have no part; nil where nothing is known.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return integer # the number
function Frame:distinct(column) end

---How many rows are NULL.
---@param column string|function a column's name, or a function of a row and its number that gives the value
---@return integer # the number
function Frame:nulls(column) end

---A quantile by linear interpolation between the values: definition 7 of Hyndman and Fan, as in R, NumPy and PostgreSQL's percentile_cont. NULLs have no part; NaN where one of the values is NaN; nil where nothing is known.
---@param column string|function a column's name, or a function of a row that gives the value
---@param q number|(number)[] which: 0.5 is the median; or a list of these
---@return number|(number)[] # the quantile, or a list of them
function Frame:quantile(column, q) end

---How many rows there are, or how many of them have a value in a column.
---@param column? string|function a column's name; all rows unless said
---@return integer # the number
function Frame:count(column) end

---What `agg` computes, of all rows.
---@param kind string one of count, nulls, sum, mean, stddev, min, max, median, quantile, first, last, collect, count_distinct
---@param column? string a column's name
---@param q? number which quantile
---@return any # the value
function Frame:aggregate(kind, column, q) end

---The values of a frame's column, in order: `column[1]` is a value, `arc.null` where it is NULL, `#column` the number of rows. `ipairs`, `table.concat` and `table.unpack` take it as a list.
---@class arc.Column
---@field name string the column's name
---@field type string the type of its values, as SQL calls it
---@field [integer] any
local Column = {}

---The values as a list; NULL is `arc.null`.
---@return table # the values
function Column:to_list() end

---Goes through the values in a loop; NULL is `arc.null`.
---@return function # an iterator
function Column:values() end

---The different values, in the order in which they first appear.
---@return arc.Column # a column without repetitions
function Column:unique() end

---The sum of the values: an integer of integers, as long as it fits, and an exact decimal of decimals. NULLs have no part; nil where nothing is known.
---@return any # the sum, a number or an `arc.decimal`
function Column:sum() end

---The mean of the values, a float, of decimals too; booleans count as 0 and 1. NULLs have no part; nil where nothing is known.
---@return number # the mean
function Column:mean() end

---The standard deviation of the values as a sample, with n − 1 as its divisor. NULLs have no part; nil where nothing is known.
---@return number # the standard deviation; nil of fewer than two values
function Column:stddev() end

---The least value, by the order of `sort`. NULLs have no part; nil where nothing is known.
---@return any # the value
function Column:min() end

---The greatest value, by the order of `sort`. NULLs have no part; nil where nothing is known.
---@return any # the value
function Column:max() end

---The middle value; between two, their mean. NULLs have no part; nil where nothing is known.
---@return number # the median
function Column:median() end

---How many different values there are. NULLs have no part; nil where nothing is known.
---@return integer # the number
function Column:count_distinct() end

---How many different values there are: `count_distinct`. NULLs have no part; nil where nothing is known.
---@return integer # the number
function Column:distinct() end

---How many rows are NULL.
---@return integer # the number
function Column:nulls() end

---A quantile by linear interpolation between the values: definition 7 of Hyndman and Fan, as in R, NumPy and PostgreSQL's percentile_cont. NULLs have no part; NaN where one of the values is NaN; nil where nothing is known.
---@param q number|(number)[] which: 0.5 is the median; or a list of these
---@return number|(number)[] # the quantile, or a list of them
function Column:quantile(q) end

---How many values there are; NULLs have no part.
---@return integer # the number
function Column:count() end

---One row of a frame: `row.score` is a value, nil where it is NULL; a name that no column has is an error.
---@class arc.Row
---@field [string] any
local Row = {}

---The row as a table, without the fields that are NULL.
---@return table # the values by their columns' names
function Row:fields() end

---A frame cut into groups by `group_by`: `#groups` is how many there are.
---@class arc.Groups
local Groups = {}

---One row for each group: what its rows agree in, then what is made of them. NULLs have no part, but in `collect` and `nulls`.
---@param aggregates table by the names of the columns to make: "count" for the rows, {KIND, "column"} with KIND one of count, nulls, sum, mean, stddev, min, max, median, quantile, first, last, collect, count_distinct, {"quantile", "column", 0.95}, or a function of the group's frame
---@return arc.Frame # the groups' columns, then the made ones by name
function Groups:agg(aggregates) end

---One row for each group: what its rows agree in.
---@return arc.Frame # the groups' columns
function Groups:keys() end

---The rows of one group.
---@param n integer the group's number
---@return arc.Frame # its rows, in order
function Groups:part(n) end

---Goes through the groups in a loop.
---@return function # an iterator of a row of keys and the group's frame
function Groups:each() end

---What starts tasks within arc.scope, and ends with them.
---@class arc.Scope
local Scope = {}

---Starts a task.
---@param fn function what it runs
---@param ... any what to call it with
---@return arc.Task # the task
function Scope:spawn(fn, ...) end

---Ends every task of the scope.
function Scope:cancel() end

---What scope:spawn started.
---@class arc.Task
local Task = {}

---Waits for the task's end. As often as you like, and by several at once.
---@return any # what its function returned; an error where it was cancelled before
function Task:wait() end

---Passes values from task to task, first come first served.
---@class arc.Channel
local Channel = {}

---Gives a value to whoever receives next; waits where the channel holds no more.
---@param value any anything but nil
function Channel:send(value) end

---The next value; waits for it.
---@return any # the value; nil where the channel is closed and empty
function Channel:receive() end

---Goes through the values until the channel is closed.
---@return function # an iterator
function Channel:values() end

---Ends it: what it holds can still be received, sending is an error.
function Channel:close() end

---A report as it is written: `doc` in `render(ctx, doc)`. Every format is made of it.
---@class arc.Document
local Document = {}

---Sets the title.
---@param text string the title
function Document:title(text) end

---Begins a section.
---@param text string the heading
---@param level? integer 1 (unless said) for a section, 2 for one within it, …
function Document:heading(text, level) end

---Adds a paragraph.
---@param text string the paragraph
function Document:text(text) end

---Adds a key figure, as arc.metrics gives them.
---@param metric arc.DocumentMetric the figure
function Document:metric(metric) end

---Adds a table.
---@param rows arc.Frame|table a frame, or a list of records
---@param options? arc.DocumentTable what to call it, and how to show it
function Document:table(rows, options) end

---Adds a chart: "line" (x; y with low and high for a band, or series; marks), "bar" (labels, values; low, high), "histogram" (values; bins), "box" (boxes), "heatmap" (rows, columns, grid) or "sparkline" (values). Every format has its data as well.
---@param chart arc.DocumentChart the chart
function Document:chart(chart) end

---Adds a condition that the simulation must meet: one that fails ends `arc report` with exit code 3, one that nobody can tell with 4.
---@param gate arc.DocumentGate the condition and what it says, as arc.gates gives it
function Document:gate(gate) end

---Adds what became of a scenario, or of one run of it: a test case of JUnit's, and an annotation of GitHub's where it failed.
---@param case arc.DocumentCase the case
function Document:case(case) end

---Adds what is folded away behind a line: HTML and Markdown unfold it, a terminal shows it indented.
---@param summary string the line that is always there
---@param fill function gets a document of its own, and writes what is hidden into it
function Document:details(summary, fill) end

---The file that an importer reads: `source` in `read(source)`.
---@class arc.Source
---@field name string the file's name, without its folder and its ending
---@field options table the options that were given for the import, by name
local Source = {}

---Goes through the file's records: the values of JSON Lines, or the items of a JSON list.
---@return function # an iterator over each record and its place, such as "record 3"
function Source:records() end

---The next record.
---@return any # the record and its place; nil after the last one
function Source:next_record() end

---The whole file.
---@return string # its text
function Source:text() end
