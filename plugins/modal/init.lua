-- Results of a Modal sandbox, as the platform's guide describes them: one object, an array of objects, or one object
-- a line. The mapping to an outcome, with its traps, is arc.outcome_from_modal.

---@type arc.Plugin
local plugin = {}

local function looks_like_modal(head)
  return head:find('"trajectory"', 1, true) ~= nil and head:find('"scenario"', 1, true) ~= nil
end

plugin.importers = {{
  name = "modal",
  summary = "results of a Modal sandbox: one object, an array, or JSON Lines",
  options = {
    scale = "the scale of the scores: 0..1 or 0..100",
    trials_field = "the field that numbers a scenario's runs; trial unless said",
  },
  detect = looks_like_modal,
  read = function(source)
    for record, place in source:records() do
      coroutine.yield(arc.outcome_from_modal(record, {
        place = place,
        scale = source.options.scale,
        trials_field = source.options.trials_field,
      }))
    end
  end,
}}

return plugin
