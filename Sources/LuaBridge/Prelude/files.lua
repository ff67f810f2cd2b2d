-- What a script writes to standard output goes the way of what it prints, so that both come in their order.
local host = ...
local print, stdout, mathtype = host.print, io.stdout, math.type
local methods = getmetatable(stdout).__index
local write_file = methods.write

function methods.write(file, ...)
  if file ~= stdout or io.type(file) ~= "file" then return write_file(file, ...) end
  local pieces = table.pack(...)
  for i = 1, pieces.n do
    local piece = pieces[i]
    if type(piece) == "number" then
      pieces[i] = mathtype(piece) == "integer" and tostring(piece) or ("%.14g"):format(piece)
    elseif type(piece) ~= "string" then
      return write_file(file, ...) -- which says what is wrong
    end
  end
  print(table.concat(pieces))
  return file
end

io.write = function(...) return io.output():write(...) end -- luacheck: ignore 122
