/// Tables that scripts can read and not change: an empty table in front of the real one.
enum ReadOnlyModules {
    /// Lua that puts the table at a dotted path behind such fronts, with the plain tables inside it.
    static func source(_ path: String) -> String {
        """
        local path = "\(path)"
        local done = {}
        local function front(real, name)
          if done[real] then return done[real] end
          local proxy = {}
          done[real] = proxy
          for key, value in next, real do
            if type(value) == "table" and getmetatable(value) == nil then
              real[key] = front(value, name .. "." .. tostring(key))
            end
          end
          return setmetatable(proxy, {
            __index = real, __name = name, __metatable = name,
            __len = function() return #real end,
            __newindex = function(_, key)
              error(name .. "." .. tostring(key) .. " can't be set: " .. name .. " is read-only", 2)
            end,
            __pairs = function() return function(_, key) return next(real, key) end, proxy, nil end,
          })
        end
        local holder, last = _G, path
        for name in path:gmatch("([^.]+)%.") do holder = holder[name] end
        last = path:match("[^.]+$")
        holder[last] = front(holder[last], path)
        """
    }
}
