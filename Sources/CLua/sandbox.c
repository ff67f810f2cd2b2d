// What a plugin's machine has of Lua's libraries: what is on this list, and nothing else.

#include <string.h>

#include "machine.h"

const char arc_fronts_key, arc_prelude_key;

static const char *const globals[] = {
    "_VERSION", "assert", "collectgarbage", "error",  "getmetatable", "ipairs",   "load",     "next", "pairs", "pcall",
    "rawequal", "rawget", "rawlen",         "rawset", "select",       "setmetatable", "tonumber", "tostring", "type",
    "xpcall",   NULL};

static const char *const strings[] = {
    "byte", "char", "find", "format",   "gmatch", "gsub",    "len", "lower",  "match", "pack",
    "packsize", "rep",  "reverse", "sub", "unpack", "upper", NULL};

static const char *const tables[] = {"concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL};

static const char *const numbers[] = {
    "abs", "acos", "asin", "atan", "ceil", "cos",  "deg",    "exp",        "floor", "fmod", "huge",      "log", "max",
    "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt", "tan", "tointeger",
    "type", "ult", NULL};

static const char *const texts[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};

static const char *const coroutines[] = {
    "close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield", NULL};

static const char *const times[] = {"clock", "date", "difftime", "time", NULL};

static const struct {
    const char *name;
    const char *const *members;
} libraries[] = {{LUA_STRLIBNAME, strings}, {LUA_TABLIBNAME, tables},    {LUA_MATHLIBNAME, numbers},
                 {LUA_UTF8LIBNAME, texts},  {LUA_COLIBNAME, coroutines}, {LUA_OSLIBNAME, times}};

#define LIBRARY_COUNT (sizeof libraries / sizeof *libraries)

// setmetatable without __gc, which runs where nothing can end it.
static int set_metatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    luaL_checktype(L, 1, LUA_TTABLE);
    if (type == LUA_TTABLE) {
        arc_force(L, arc_machine_of(L), 2);
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "setmetatable: __gc isn't allowed in a plugin");
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

// A collection on demand is work that nothing can end; a collector that was stopped is memory that nobody frees.
static int collect_garbage(lua_State *L) {
    const char *option = luaL_optstring(L, 1, "collect");
    if (strcmp(option, "count") != 0) {
        return luaL_error(L, "collectgarbage: only 'count' is allowed in a plugin, got '%s'", option);
    }
    lua_pushnumber(L, (lua_Number)arc_machine_memory(arc_machine_of(L)) / 1024.0);
    return 1;
}

static int raw_set(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_fronts_key);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) == LUA_TSTRING) {
        return luaL_error(L, "rawset: %s is read-only", lua_tostring(L, -1));
    }
    lua_settop(L, 3);
    arc_force(L, arc_machine_of(L), 1);
    lua_rawset(L, 1);
    return 1;
}

// A new table with those of the fields of the one at `from`.
static void push_allowed(lua_State *L, int from, const char *const *names) {
    lua_newtable(L);
    for (; *names != NULL; names++) {
        lua_getfield(L, from, *names);
        lua_setfield(L, -2, *names);
    }
}

static void clear(lua_State *L, int table) {
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, table);
    }
}

// Of methods of strings there are those of the library, too.
static void protect_strings(lua_State *L, int library) {
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, library);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

void arc_restrict_to_plugin(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &arc_fronts_key);
    lua_register(L, "setmetatable", set_metatable);
    lua_register(L, "collectgarbage", collect_garbage);
    lua_register(L, "rawset", raw_set);
    lua_pushglobaltable(L);
    int all = lua_gettop(L);
    push_allowed(L, all, globals);
    int kept = lua_gettop(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    int loaded = lua_gettop(L);
    for (size_t i = 0; i < LIBRARY_COUNT; i++) {
        lua_getfield(L, all, libraries[i].name);
        push_allowed(L, lua_gettop(L), libraries[i].members);
        if (i == 0) protect_strings(L, lua_gettop(L));
        lua_pushvalue(L, -1);
        lua_setfield(L, loaded, libraries[i].name);
        lua_setfield(L, kept, libraries[i].name);
        lua_pop(L, 1);
    }
    clear(L, all);
    lua_pushvalue(L, all);
    lua_setfield(L, all, LUA_GNAME);
    lua_pushnil(L);
    while (lua_next(L, kept)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, all);
    }
    lua_settop(L, all - 1);
}

// What preludes find: the globals as they were made, whatever a script does to its own.
void arc_keep_prelude_globals(lua_State *L) {
    lua_newtable(L);
    int kept = lua_gettop(L);
    lua_pushglobaltable(L);
    lua_pushnil(L);
    while (lua_next(L, kept + 1)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, kept);
    }
    lua_newtable(L);
    lua_pushglobaltable(L);
    lua_setfield(L, -2, "__index");
    lua_pushglobaltable(L);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, kept);
    lua_settop(L, kept);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &arc_prelude_key);
}
