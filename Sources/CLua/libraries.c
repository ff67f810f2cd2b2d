// The standard libraries as a machine offers them: text chunks only, coroutines that pass waits outward, and nothing
// that a kill can't end.

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

typedef struct {
    const char *rest;
    size_t length;
} chunk_text;

// A long text in pieces, between which a kill ends it.
static const char *read_text(lua_State *L, void *data, size_t *size) {
    static const size_t piece = 1 << 16;
    chunk_text *text = data;
    const char *at = text->rest;
    arc_poll(L, arc_machine_of(L));
    *size = text->length < piece ? text->length : piece;
    text->rest += *size;
    text->length -= *size;
    return *size == 0 ? NULL : at;
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
    if (lua_type(L, 1) == LUA_TSTRING) {
        chunk_text text;
        text.rest = lua_tolstring(L, 1, &text.length);
        return loaded(L, lua_load(L, read_text, &text, luaL_optstring(L, 2, text.rest), "t"), environment);
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

// A format of os.date is gone through conversion by conversion.
static int date(lua_State *L) {
    static const size_t longest = 10000;
    size_t length;
    luaL_optlstring(L, 1, "", &length);
    if (length > longest) return luaL_argerror(L, 1, "a format longer than 10,000 bytes");
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void replace_date(lua_State *L) {
    lua_getglobal(L, LUA_OSLIBNAME);
    lua_getfield(L, -1, "date");
    lua_pushcclosure(L, date, 1);
    lua_setfield(L, -2, "date");
    lua_pop(L, 1);
}

// Functions of a library in C, in place of Lua's own.
static void replace(lua_State *L, const char *library, void (*open)(lua_State *L)) {
    lua_getglobal(L, library);
    open(L);
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
    lua_pushvalue(L, -1);
    lua_setglobal(L, "print");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_prelude_key);
    lua_pushliteral(L, "print");
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
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
    replace(L, LUA_STRLIBNAME, arc_open_patterns);
    replace(L, LUA_STRLIBNAME, arc_open_strings);
    replace(L, LUA_TABLIBNAME, arc_open_tables);
    replace(L, LUA_UTF8LIBNAME, arc_open_utf8);
    replace_date(L);
    if (libraries == ARC_PLUGIN) {
        arc_restrict_to_plugin(L);
        arc_keep_prelude_globals(L);
        return 0;
    }
    for (const luaL_Reg *at = for_trusted; at->func != NULL; at++) {
        luaL_requiref(L, at->name, at->func, 1);
        lua_pop(L, 1);
    }
    replace(L, LUA_DBLIBNAME, arc_restrict_debug);
    offer_files(L);
    arc_keep_prelude_globals(L);
    return 0;
}
