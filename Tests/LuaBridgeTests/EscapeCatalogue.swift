import LuaBridge

extension Escape {
    private static let wiki = "lua-users.org, SandBoxes"
    private static let bytecode =
        "Corsix, “Exploiting Lua 5.1 on 32-bit Windows”; saelo's 5.2 bytecode escapes"
    private static let kikito = "kikito/sandbox.lua and its issues"
    private static let redis = "Redis's and Wireshark's CVEs about Lua"
    private static let list = "the lua-l mailing list"
    private static let tests = "the official Lua test suite (errors.lua, cstack.lua, heavy.lua)"
    private static let bugs = "lua.org/bugs.html"

    /// Those that are tried.
    static let catalogue: [Escape] =
        code + metatables + environments + finalizers + exhaustion + parsers + values + coroutines

    private static let code: [Escape] = [
        .nothing(
            "bytecode by load", from: bytecode,
            "local f, why = load('\\27Lua\\x54\\0\\x19\\x93\\r\\n\\x1a\\n') return f == nil and why:find('binary') ~= nil"
        ),
        .nothing(
            "bytecode by load's mode", from: bytecode,
            "return load('\\27Lua', 'x', 'b') == nil and load('return 1', 'x', 'b') == nil"),
        .nothing(
            "bytecode from a reader, its mark split off", from: bytecode,
            "local parts = {'\\27', 'Lua', 'T'} return load(function() return table.remove(parts, 1) end) == nil"
        ),
        .nothing(
            "bytecode made by string.dump", from: bytecode, "return string.dump == nil and ('').dump == nil"),
        .nothing(
            "loadstring, dofile, loadfile", from: wiki,
            "return loadstring == nil and dofile == nil and loadfile == nil"),
        .nothing("package.loadlib", from: wiki, "return package == nil and require == nil and module == nil"),
        .nothing(
            "io.popen and os.execute", from: wiki, "return io == nil and os.execute == nil and os.exit == nil"
        ),
        .nothing(
            "the debug library", from: redis,
            "return debug == nil and pcall(load, 'return debug.getregistry()') and not pcall(load('return debug.getregistry()'))"
        ),
        .nothing(
            "setfenv and getfenv", from: wiki, "return setfenv == nil and getfenv == nil and newproxy == nil"),
        .nothing(
            "gcinfo, warn and other leftovers", from: kikito,
            "return gcinfo == nil and warn == nil and unpack == nil"),
    ]

    private static let metatables: [Escape] = [
        .nothing(
            "the metatable of strings", from: redis,
            "return getmetatable('') == 'string' and not pcall(function() getmetatable('').__index.x = 1 end)"
        ),
        .nothing(
            "a method added to all strings", from: redis,
            "return not pcall(function() ('').shout = 1 end) and not pcall(function() string.shout = 1 end)"),
        .nothing(
            "rawset on a shared table", from: kikito, "return not pcall(rawset, string, 'format', print)"),
        .nothing(
            "table functions that write to a shared table", from: kikito,
            "return not pcall(table.insert, string, 1) and not pcall(table.move, {1}, 1, 1, 1, table)"
        ),
        .nothing(
            "setmetatable on a shared table", from: wiki,
            "return not pcall(setmetatable, string, {}) and not pcall(setmetatable, probe, {})"),
        .nothing(
            "a protected metatable under setmetatable", from: wiki,
            "local t = setmetatable({}, {__metatable = false}) return not pcall(setmetatable, t, {}) and getmetatable(t) == false"
        ),
        .nothing(
            "methods of handles through their metatable", from: "mlua's and sol2's issues",
            "local p = probe.new('p') return getmetatable(p) == 'probe' and not pcall(function() p.get_name = print end) and not pcall(rawset, p, 1, 1)"
        ),
        .nothing(
            "a handle's __gc called by hand", from: list,
            "local p = probe.new('p') return not pcall(function() return getmetatable(p).__gc(p) end)"),
        .nothing(
            "the null of the host", from: "this host",
            "return getmetatable(probe.null) == 'null' and not pcall(function() probe.null.x = 1 end) and not pcall(setmetatable, probe.null, {})"
        ),
        .nothing(
            "what pairs gives away of a front", from: "this host",
            "for k, v in pairs(string) do if type(v) == 'table' then return false end end local f, t = pairs(string) return t == string and select(2, pcall(f, nil, nil)) ~= nil and not pcall(f, {}, 'none')"
        ),
        .nothing(
            "__index that hands over its table", from: kikito,
            "local seen local env = setmetatable({}, {__index = function(t) seen = t end}) load('return x', 'x', 't', env)() return seen == env and seen ~= _G"
        ),
    ]

    private static let environments: [Escape] = [
        .nothing(
            "load with an environment of the attacker's", from: wiki,
            "local env = {} load('string = 1 x = 2', 'x', 't', env)() return string.rep and x == nil and env.x == 2"
        ),
        .nothing(
            "load with a shared table as environment", from: kikito,
            "return not pcall(load('format = 1', 'x', 't', string))"),
        .nothing(
            "_ENV replaced", from: list,
            "local function f() local _ENV = {} return io end return f() == nil and _ENV.io == nil"),
        .nothing(
            "setmetatable on _G", from: redis,
            "setmetatable(_G, {__index = function(_, k) return k end}) local got = io == 'io' setmetatable(_G, nil) return got and io == nil"
        ),
        .nothing(
            "globals that the host's code would use", from: redis,
            "local seen = false local real = setmetatable function setmetatable() seen = true end local p = probe.new('p') local _ = p:get_name() setmetatable = real return not seen"
        ),
        .nothing(
            "locals read by xpcall's handler", from: wiki,
            "local secret = 'secret' local _, text = xpcall(function() error('x') end, function(m) return m end) return debug == nil and not text:find('secret')"
        ),
        .nothing(
            "upvalues of a library's function", from: wiki,
            "return debug == nil and string.gsub ~= nil and not pcall(function() return string.gsub.upvalue end)"
        ),
        .nothing(
            "an error of the host's: its cause", from: "this host",
            "local ok, e = pcall(probe.fail, 3) return not ok and type(e.cause) == 'userdata' and e.cause.x == nil and getmetatable(e.cause) == 'host error' and getmetatable(e) == 'error'"
        ),
        .nothing(
            "an error of the host's under setmetatable", from: "this host",
            "local _, e = pcall(probe.fail, 3) return not pcall(setmetatable, e, {}) and tostring(e):find('probe error 3') ~= nil"
        ),
    ]

    private static let finalizers: [Escape] = [
        .nothing(
            "__gc", from: list,
            "return not pcall(setmetatable, {}, {__gc = function() while true do end end})"),
        .nothing(
            "__gc added later", from: "the manual, § 2.5.3",
            "local ran = false local m = {} do local t = setmetatable({}, m) end m.__gc = function() ran = true end for i = 1, 200000 do local _ = {} end return not ran"
        ),
        .nothing(
            "__gc behind an __index", from: list,
            "local ran = false do local t = setmetatable({}, setmetatable({}, {__index = {__gc = function() ran = true end}})) end for i = 1, 200000 do local _ = {} end return not ran"
        ),
        .stopped(
            .timeLimit, "__close that loops", from: list,
            "local x <close> = setmetatable({}, {__close = function() while true do end end})"),
        .nothing(
            "collectgarbage 'stop'", from: "OpenResty's and Roblox's sandboxes",
            "return not pcall(collectgarbage, 'stop')"),
        .nothing(
            "collectgarbage's other options", from: "Roblox's sandbox",
            "for _, o in ipairs{'collect', 'step', 'generational', 'incremental', 'isrunning', 'restart', 'setpause', 'setstepmul'} do if pcall(collectgarbage, o) then return false end end return collectgarbage('count') > 0"
        ),
    ]

    private static let exhaustion: [Escape] = [
        .stopped(.memory, "string.rep of gigabytes", from: wiki, "return ('x'):rep(1 << 33)"),
        .nothing(
            "string.rep past all sizes", from: bugs,
            "return not pcall(string.rep, 'xx', math.maxinteger) and not pcall(string.rep, 'x', 1 << 62, ('y'):rep(10))"
        ),
        .stopped(.memory, "strings doubled", from: wiki, "local s = 'x' while true do s = s .. s end"),
        .stopped(
            .memory, "a chain of concatenations", from: list,
            "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i .. 'y' .. i .. 'z' end"),
        .stopped(
            .memory, "gsub that doubles", from: "Redis's issues",
            "local s = 'xx' while true do s = s:gsub('.+', '%0%0') end"),
        .stopped(.memory, "a table without end", from: wiki, "local t = {} while true do t[#t + 1] = {} end"),
        .stopped(
            .timeLimit, "a loop under pcall", from: wiki,
            "while true do pcall(function() while true do end end) end"),
        .stopped(
            .timeLimit, "an xpcall handler that loops", from: list,
            "while true do xpcall(error, function() while true do end end) end"),
        .stopped(
            .timeLimit, "a pattern that backtracks", from: "ReDoS, Wikipedia's and nmap's Lua hosts",
            "return ('a'):rep(300):find('a*a*a*a*b')"),
        .stopped(
            .timeLimit, "a pattern with captures that backtracks", from: "ReDoS",
            "return ('a'):rep(300):gsub('(a-)(a-)(a-)(a-)b', '')"),
        .stopped(
            .timeLimit, "table.move to the end of integers", from: bugs,
            "table.move({}, 1, math.maxinteger - 1, 2)"),
        .stopped(
            .timeLimit, "table.concat of what is made up", from: kikito,
            "return table.concat(setmetatable({}, {__index = rawlen, __len = function() return 1 << 40 end}))"
        ),
        .stopped(
            .timeLimit, "table.insert with a made-up length", from: kikito,
            "table.insert(setmetatable({}, {__len = function() return 1 << 50 end}), 1, 0)"),
        .nothing(
            "table.unpack of a huge range", from: bugs,
            "return not pcall(table.unpack, {}, 1, 1 << 30) and not pcall(table.unpack, {}, math.mininteger, math.maxinteger)"
        ),
        .stopped(
            .timeLimit, "__index chains under table.unpack", from: list,
            "local t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end return table.unpack(t, 1, 900000)"
        ),
        .stopped(
            .timeLimit, "sort with a comparator that never ends", from: wiki,
            "table.sort({3, 2, 1}, function() while true do end end)"),
        .nothing(
            "sort with a comparator that lies", from: tests,
            "local t = {} for i = 1, 100 do t[i] = i end return not pcall(table.sort, t, function() return true end) and #t == 100"
        ),
        .stopped(.output, "print without end", from: wiki, "while true do print(('x'):rep(1000)) end"),
        .nothing(
            "string.format's widths", from: bugs,
            "return not pcall(string.format, '%99999d', 1) and not pcall(string.format, '%.99999f', 1) and not pcall(string.format, '%0100d', 1)"
        ),
        .nothing(
            "string.format of what is no integer", from: tests,
            "return not pcall(string.format, '%d', 1e300) and not pcall(string.format, '%d', 0/0) and string.format('%d', math.mininteger) == '-9223372036854775808'"
        ),
        .nothing(
            "string.pack's sizes", from: bugs,
            "return not pcall(string.pack, 'c2147483647', '') and not pcall(string.pack, 'i17', 1) and not pcall(string.unpack, 's8', ('\\255'):rep(8))"
        ),
    ]

    private static let parsers: [Escape] = [
        .nothing(
            "a million parentheses", from: tests,
            "local f, why = load('return ' .. ('('):rep(1000000)) return f == nil and why:find('overflow') ~= nil"
        ),
        .nothing(
            "tables within each other without end", from: tests,
            "local f, why = load('return ' .. ('{'):rep(1000000)) return f == nil and why:find('overflow') ~= nil"
        ),
        .nothing(
            "unary operators without end", from: tests,
            "return load('return ' .. ('- '):rep(1000000) .. '1') == nil and load('return ' .. ('not '):rep(1000000) .. '1') == nil"
        ),
        .nothing(
            "blocks within each other without end", from: tests,
            "return load(('do '):rep(1000000)) == nil and load(('while a do '):rep(1000000)) == nil"),
        .nothing(
            "concatenation to the right without end", from: tests,
            "return load('return ' .. ('a ..'):rep(1000000) .. 'a') == nil"),
        .nothing(
            "too many locals, upvalues and gotos", from: tests,
            "local t = {} for i = 1, 300 do t[i] = 'local a' .. i end return load(table.concat(t, ' ')) == nil and load(('goto x '):rep(100000)) == nil"
        ),
        .nothing(
            "goto into a block", from: bugs,
            "return load('goto inner do ::inner:: end') == nil and load('do goto on local x ::on:: print(x) end') == nil"
        ),
        .nothing(
            "_ENV as a constant", from: "CVE-2022-28805",
            "local f = load('local _ENV <const> = nil return x') return f ~= nil and not pcall(f) and not pcall(load('local _ENV <const> = 1 x = 1'))"
        ),
        .nothing(
            "an error within an error's handler", from: "CVE-2022-33099",
            "local function f() f() end local ok = xpcall(f, function(m) return m .. nil .. m end) local function g(s) return g(s .. s) .. x.y end return not ok and not pcall(g, 'x')"
        ),
        .nothing(
            "a chunk's name with escapes", from: redis,
            "local _, why = load('x', '=\\27]0;owned\\7') return type(why) == 'string' and load('return 1', ('n'):rep(100000)) ~= nil"
        ),
    ]

    private static let values: [Escape] = [
        .nothing(
            "__tostring of an error", from: redis,
            "local e = setmetatable({}, {__tostring = function() return {} end}) local ok, got = pcall(error, e) return not ok and got == e and not pcall(tostring, e)"
        ),
        .stopped(
            .runtime, "an error whose text fails", from: list,
            "error(setmetatable({}, {__tostring = function() error('again') end}))"),
        .stopped(
            .timeLimit, "an error whose text never ends", from: list,
            "error(setmetatable({}, {__tostring = function() while true do end end}))"),
        .nothing(
            "__name that lies", from: kikito,
            "local t = setmetatable({}, {__name = 'FILE*'}) return not pcall(probe.new, t) or tostring(t):find('FILE') ~= nil"
        ),
        .nothing(
            "__pairs that never ends", from: list,
            "local n = 0 for k in pairs(setmetatable({}, {__pairs = function() return function(_, k) return (k or 0) + 1 end end})) do n = k if n > 1000 then break end end return n > 1000"
        ),
        .nothing(
            "select with a made-up index", from: bugs,
            "return not pcall(select, math.mininteger) and select('#', select(math.maxinteger, 1)) == 0 and select('#', table.unpack({}, 1, 200)) == 200"
        ),
        .nothing(
            "next with a key that isn't there", from: tests,
            "return not pcall(next, {}, 'none') and not pcall(next, {1}, 2.5) and next({}) == nil"),
        .nothing(
            "a table changed while it is gone through", from: tests,
            "local t = {} for i = 1, 100 do t[i] = i t['k' .. i] = i end for k in pairs(t) do t[k] = nil end return next(t) == nil"
        ),
        .nothing(
            "utf8.char past all code points", from: tests,
            "return not pcall(utf8.char, 1 << 31) and not pcall(utf8.char, -1) and #utf8.char(0x7FFFFFFF) == 6 and not pcall(utf8.codepoint, utf8.char(0x7FFFFFFF))"
        ),
        .nothing(
            "string.char and byte past their ranges", from: tests,
            "return not pcall(string.char, 256) and not pcall(string.char, -1) and select('#', ('x'):byte(1, math.maxinteger)) == 1"
        ),
        .nothing(
            "numbers at the ends of their range", from: tests,
            "return math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0 and not pcall(function() return 1 // 0 end) and not pcall(function() return 1 % 0 end)"
        ),
        .nothing(
            "loops at the ends of integers", from: bugs,
            "local n = 0 for i = math.maxinteger - 1, math.maxinteger do n = n + 1 end for i = math.mininteger, math.mininteger + 1 do n = n + 1 end return n == 4 and not pcall(function() for i = 1, 10, 0 do end end)"
        ),
        .nothing(
            "os.date's conversions", from: bugs,
            "return not pcall(os.date, '%Ez') and not pcall(os.date, '%') and not pcall(os.date, '*t', 1 << 60) and not pcall(os.date, ('%c'):rep(100000))"
        ),
        .nothing(
            "os.time of impossible dates", from: tests,
            "return not pcall(os.time, {year = 1 << 40, month = 1, day = 1}) and not pcall(os.time, {})"),
        .nothing(
            "math.random's intervals", from: tests,
            "return not pcall(math.random, 2, 1) and not pcall(math.random, 1, 2, 3) and math.type(math.random(math.mininteger, math.maxinteger)) == 'integer'"
        ),
        .nothing(
            "the addresses that tostring shows", from: "ASLR and %p",
            "local t = {} return tostring(t):find('^table: 0x') ~= nil and not pcall(load, tostring(t)) == false and load(tostring(print)) == nil"
        ),
    ]

    private static let coroutines: [Escape] = [
        .stopped(
            .timeLimit, "a loop in a coroutine", from: list,
            "coroutine.wrap(function() while true do end end)()"),
        .stopped(
            .timeLimit, "a loop two coroutines deep, under pcall", from: list,
            "while true do pcall(coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)) end"
        ),
        .nothing(
            "a coroutine that resumes itself", from: tests,
            "local co co = coroutine.create(function() return coroutine.resume(co) end) local ok, inner = coroutine.resume(co) return ok and inner == false"
        ),
        .nothing(
            "coroutines within each other without end", from: "CVE-2021-43519",
            "local function f() return coroutine.wrap(f)() end return not pcall(f)"),
        .nothing(
            "calls within each other without end", from: tests,
            "local function f() return 1 + f() end local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end return not pcall(f) and not pcall(function() return t.x end)"
        ),
        .nothing(
            "string.gsub within itself without end", from: tests,
            "local function f() return (('x'):gsub('x', f)) end return not pcall(f)"),
        .nothing(
            "coroutine.close on who runs", from: bugs,
            "local main = coroutine.running() local ok = pcall(coroutine.close, main) local co co = coroutine.create(function() return pcall(coroutine.close, co) end) local _, closed = coroutine.resume(co) return not ok and not closed"
        ),
        .nothing(
            "coroutine.close on who resumed", from: bugs,
            "local outer outer = coroutine.create(function() return coroutine.resume(coroutine.create(function() return pcall(coroutine.close, outer) end)) end) local _, ok, closed = coroutine.resume(outer) return ok and closed == false"
        ),
        .nothing(
            "yield from outside a coroutine", from: "this host",
            "return not pcall(coroutine.yield, 1) and not coroutine.isyieldable()"),
        .nothing(
            "yield across a comparator", from: tests,
            "local co = coroutine.create(function() table.sort({1, 2, 3}, coroutine.yield) end) return not coroutine.resume(co)"
        ),
        .nothing(
            "a wrapped library function", from: wiki,
            "return not pcall(coroutine.wrap(load), '\\27Lua', 'x', 'b') == false and coroutine.wrap(load)('\\27Lua') == nil and coroutine.wrap(function() return io end)() == nil"
        ),
    ]
}
