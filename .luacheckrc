stds.arc = dofile("docs/arc.luacheck.lua")
std = "lua54+arc"
max_line_length = 120
files["plugins/*/test.lua"] = {
  read_globals = { "describe", "it", "before_each", "expect", "plugin", "fixture", "golden" },
}
files["Sources/ArcHost/Prelude/scripts.lua"] = { globals = { "os.exit", "package.loadlib" } }
