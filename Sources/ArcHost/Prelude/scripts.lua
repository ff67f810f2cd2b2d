-- What a user's own script has beyond plain Lua: modules beside it, and an end that leaves nothing undone.
local host = ...
local folder, exit = host.script_folder, host.exit
local open, load_file = io.open, loadfile

local function find(name)
  local path, missing = folder .. "/" .. name:gsub("%.", "/"), {}
  for _, file in ipairs { path .. ".lua", path .. "/init.lua" } do
    local stream = open(file, "r")
    if stream then
      stream:close()
      local body, problem = load_file(file)
      if body then return body, file end
      error(("error loading module '%s' from file '%s':\n\t%s"):format(name, file, problem), 0)
    end
    missing[#missing + 1] = ("no file '%s'"):format(file)
  end
  return table.concat(missing, "\n\t")
end

-- What lies beside the script comes before what is installed; that may be machine code, as in any Lua.
table.insert(package.searchers, 2, find)

function os.exit(code)
  if code == nil or code == true then code = 0 elseif code == false then code = 1 end
  if math.type(code) ~= "integer" or code < 0 or code > 255 then
    error("os.exit: code must be true, false or a whole number from 0 to 255, got " .. tostring(code), 2)
  end
  exit(code)
end
