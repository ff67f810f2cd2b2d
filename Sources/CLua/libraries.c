// The standard libraries as a machine offers them: text chunks only, coroutines that pass waits outward, and for
// plugins a list of what is allowed.

#include <string.h>

#include "machine.h"

// load, loadfile: as Lua's, but for the mode.
static const char *read_piece(lua_State *L, void *data, size_t *size) {
    (void)data;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        *size = 0;
        return NULL;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "reader function must return a string");
    lua_replace(L, 5);  // keeps the piece alive
    return lua_tolstring(L, 5, size);
}

static int loaded(lua_State *L, int status, int environment) {
    if (status != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (environment != 0) {
        lua_pushvalue(L, environment);
        if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
    }
    return 1;
}

static bool refuses_mode(lua_State *L, int index) {
    const char *mode = luaL_optstring(L, index, "t");
    if (strchr(mode, 't') != NULL) return false;
    lua_pushnil(L);
    lua_pushliteral(L, "binary chunks are never loaded: only text is");
    return true;
}

static int load_text(lua_State *L) {
    int environment = lua_isnone(L, 4) ? 0 : 4;
    if (refuses_mode(L, 3)) return 2;
    size_t length;
    if (lua_type(L, 1) == LUA_TSTRING) {
        const char *text = lua_tolstring(L, 1, &length);
        return loaded(L, luaL_loadbufferx(L, text, length, luaL_optstring(L, 2, text), "t"), environment);
    }
    const char *name = luaL_optstring(L, 2, "=(load)");
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 5);
    return loaded(L, lua_load(L, read_piece, NULL, name, "t"), environment);
}

static int load_file(lua_State *L) {
    int environment = lua_isnone(L, 3) ? 0 : 3;
    if (refuses_mode(L, 2)) return 2;
    return loaded(L, luaL_loadfilex(L, luaL_optstring(L, 1, NULL), "t"), environment);
}

static int file_done(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return lua_gettop(L) - 1;
}

static int do_file(lua_State *L) {
    const char *name = luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (luaL_loadfilex(L, name, "t") != LUA_OK) return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 0, file_done);
    return file_done(L, 0, 0);
}

// The searcher of Lua files for `require`; Lua's own would load binary chunks.
static int search_lua(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "package");
    lua_getfield(L, -1, "searchpath");
    lua_pushvalue(L, 1);
    lua_getfield(L, -3, "path");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) return 1;
    const char *file = lua_tostring(L, -2);
    if (luaL_loadfilex(L, file, "t") != LUA_OK) {
        return luaL_error(
            L, "error loading module '%s' from file '%s':\n\t%s", name, file, lua_tostring(L, -1));
    }
    lua_pushstring(L, file);
    return 2;
}

// xpcall, whose handler isn't called for a kill: hooks are off in it, so it couldn't be ended.
static int handle_error(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_kill_key);
    if (lua_rawequal(L, 1, -1)) {
        lua_settop(L, 1);
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int xpcall_done(lua_State *L, int status, lua_KContext context) {
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)context;
}

static int protected_call(lua_State *L) {
    int count = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle_error, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    return xpcall_done(L, lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, xpcall_done), 2);
}

static int move_bounded(lua_State *L) {
    static const lua_Integer most = 10000000;
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);
    if (to >= from && (lua_Unsigned)to - (lua_Unsigned)from >= (lua_Unsigned)most) {
        return luaL_error(L, "table.move: more than %I elements at once", most);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

// setmetatable for plugins: no __gc, which runs where nothing can end it.
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

static int collect_garbage(lua_State *L) {
    const char *option = luaL_optstring(L, 1, "collect");
    if (strcmp(option, "count") == 0) {
        lua_pushnumber(L, (lua_Number)arc_machine_memory(arc_machine_of(L)) / 1024.0);
    } else if (strcmp(option, "collect") == 0) {
        lua_pushinteger(L, lua_gc(L, LUA_GCCOLLECT));
    } else {
        return luaL_error(L, "collectgarbage: only 'collect' and 'count' are allowed in a plugin");
    }
    return 1;
}

static void replace(lua_State *L, const char *library, const char *name, lua_CFunction function, int upvalues) {
    lua_getglobal(L, library);
    if (upvalues > 0) lua_getfield(L, -1, name);
    lua_pushcclosure(L, function, upvalues);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

static void keep_only(lua_State *L, const char *library, const char *const *names) {
    lua_getglobal(L, library);
    lua_newtable(L);
    for (; *names != NULL; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    lua_setglobal(L, library);
    lua_pop(L, 1);
}

static void restrict_to_plugin(lua_State *L) {
    static const char *const os[] = {"clock", "date", "difftime", "time", NULL};
    static const char *const absent[] = {"dofile", "loadfile", "require", "warn", NULL};
    keep_only(L, "os", os);
    for (const char *const *name = absent; *name != NULL; name++) {
        lua_pushnil(L);
        lua_setglobal(L, *name);
    }
    lua_register(L, "setmetatable", set_metatable);
    lua_register(L, "collectgarbage", collect_garbage);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_getglobal(L, "string");
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_pop(L, 1);
}

static void offer_files(lua_State *L) {
    lua_register(L, "loadfile", load_file);
    lua_register(L, "dofile", do_file);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    lua_pushcfunction(L, search_lua);
    lua_rawseti(L, -2, 2);
    lua_pop(L, 2);
}

// print: one line to the host's output, which is the operation in the upvalue.
static int print(lua_State *L) {
    int count = lua_gettop(L);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        if (i > 1) luaL_addchar(&buffer, '\t');
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&buffer);
    }
    luaL_addchar(&buffer, '\n');
    luaL_pushresult(&buffer);
    lua_replace(L, 1);
    lua_settop(L, 1);
    return arc_host_call(L, (int32_t)lua_tointeger(L, lua_upvalueindex(1)));
}

static int offer_print(lua_State *L) {
    const int32_t *operation = lua_touserdata(L, 1);
    lua_pushinteger(L, *operation);
    lua_pushcclosure(L, print, 1);
    lua_setglobal(L, "print");
    return 0;
}

int arc_machine_offer_print(arc_machine *m, int32_t operation) { return arc_protect(m, offer_print, &operation); }

int arc_open_libraries(lua_State *L, int libraries) {
    static const luaL_Reg for_all[] = {
        {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table},    {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},    {LUA_OSLIBNAME, luaopen_os},
        {LUA_COLIBNAME, arc_open_coroutines}, {NULL, NULL}};
    static const luaL_Reg for_trusted[] = {
        {LUA_LOADLIBNAME, luaopen_package}, {LUA_IOLIBNAME, luaopen_io}, {LUA_DBLIBNAME, luaopen_debug}, {NULL, NULL}};
    for (const luaL_Reg *at = for_all; at->func != NULL; at++) {
        luaL_requiref(L, at->name, at->func, 1);
        lua_pop(L, 1);
    }
    arc_open_raw_functions(L);
    lua_register(L, "load", load_text);
    lua_register(L, "xpcall", protected_call);
    replace(L, LUA_TABLIBNAME, "move", move_bounded, 1);
    if (libraries == ARC_PLUGIN) {
        restrict_to_plugin(L);
        return 0;
    }
    for (const luaL_Reg *at = for_trusted; at->func != NULL; at++) {
        luaL_requiref(L, at->name, at->func, 1);
        lua_pop(L, 1);
    }
    offer_files(L);
    return 0;
}
