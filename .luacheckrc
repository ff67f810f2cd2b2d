std = "lua54"
max_line_length = 120
files["plugins"] = { read_globals = { "arc" } }
files["examples"] = { read_globals = { "arc", "help" } }
files["plugins/*/test.lua"] = { read_globals = { "arc", "describe", "it", "expect" } }
files["Sources"] = { read_globals = { "arc" } }
files["scripts/kill-test.lua"] = { read_globals = { "arc" } }
