-- Durations and texts such as "24h" for the functions of tasks that take seconds.
local host = ...
local arc = _G.arc
local seconds, sleep, timeout = host.seconds, arc.sleep, arc.timeout

function arc.sleep(time) return sleep(seconds(time, "arc.sleep")) end

function arc.timeout(time, fn, ...) return timeout(seconds(time, "arc.timeout"), fn, ...) end
