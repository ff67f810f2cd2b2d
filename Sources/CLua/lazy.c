// Tables that are made of JSON text only where a script looks at them, one level at a time.
//
// Such a table holds one entry: the place of its text, as a light userdata, and the string that the place lies in. Its
// metatable fills it at the first access, whatever that is, and puts the plain mark of an array or object in its own
// place: from then on it is a table like any other. The functions of Lua's library that go past metatables are replaced
// by ones that look for such a table first.

#include <string.h>

#include "machine.h"

bool arc_is_lazy(lua_State *L, const arc_machine *m, int index) {
    return lua_type(L, index) == LUA_TTABLE && arc_mark_of(L, m, index) == ARC_LAZY;
}

// Pushes the string and returns the place within it; NULL where there is none.
static const char *find_text(lua_State *L, int index, size_t *rest) {
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) == LUA_TLIGHTUSERDATA && lua_type(L, -1) == LUA_TSTRING) {
            size_t length;
            const char *at = lua_touserdata(L, -2), *text = lua_tolstring(L, -1, &length);
            lua_remove(L, -2);
            if (at < text || at >= text + length) return NULL;
            *rest = length - (size_t)(at - text);
            return at;
        }
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    return NULL;
}

static int raise_malformed(lua_State *L, arc_machine *m, arc_json_tape *tape) {
    const char *expected = tape->message;
    lua_Integer offset = (lua_Integer)tape->offset;
    arc_tape_give_back(m, tape);
    lua_pushfstring(L, "JSON from the database: expected %s, %I bytes into this value", expected, offset);
    return arc_raise_error(L, "json_syntax");
}

static void force(lua_State *L, arc_machine *m, int index) {
    if (!lua_checkstack(L, 8)) arc_raise_memory(L);
    size_t length;
    const char *at = find_text(L, index, &length);
    if (at == NULL) luaL_error(L, "this table has lost its JSON");
    int text = lua_gettop(L);
    arc_json_tape tape;
    arc_tape_read(m, &tape, at, length, (arc_json_options){.maximum_depth = 1, .one_level = true, .allows_rest = true});
    if (tape.failure > ARC_JSON_FINE && tape.failure < ARC_JSON_OUT_OF_MEMORY) raise_malformed(L, m, &tape);
    lua_pushvalue(L, index);
    lua_pushvalue(L, text);
    arc_tape_push(L, m, &tape);
    if (lua_type(L, -1) == LUA_TTABLE) {
        lua_pushnil(L);
        lua_rawsetp(L, index, at);
    }
    lua_settop(L, text - 1);
}

void arc_force(lua_State *L, arc_machine *m, int index) {
    if (arc_is_lazy(L, m, index)) force(L, m, lua_absindex(L, index));
}

static int force_argument(lua_State *L) {
    arc_force(L, arc_machine_of(L), 1);
    return 0;
}

void arc_force_quietly(lua_State *L, arc_machine *m, int index) {
    if (!arc_is_lazy(L, m, index)) return;
    if (!lua_checkstack(L, 4)) arc_raise_memory(L);
    index = lua_absindex(L, index);
    bool runs = lua_gc(L, LUA_GCISRUNNING) == 1;
    if (runs) lua_gc(L, LUA_GCSTOP);
    lua_pushcfunction(L, force_argument);
    lua_pushvalue(L, index);
    int status = lua_pcall(L, 1, 0, 0);
    if (runs) lua_gc(L, LUA_GCRESTART);
    if (status != LUA_OK) lua_error(L);
}

void arc_push_json(lua_State *L, arc_machine *m, const char *text, size_t length) {
    size_t blanks = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (blanks < length && memchr(" \n\r\t", text[blanks], 4) != NULL) blanks++;
    bool is_array = blanks < length && text[blanks] == '[', is_object = blanks < length && text[blanks] == '{';
    if (!lua_checkstack(L, 6)) arc_raise_memory(L);
    if (is_array || is_object) {
        lua_createtable(L, 0, 1);
        const char *kept = lua_pushlstring(L, text, length);
        lua_rawsetp(L, -2, kept + blanks);
        lua_rawgetp(L, LUA_REGISTRYINDEX, is_array ? &arc_lazy_array_key : &arc_lazy_object_key);
        lua_setmetatable(L, -2);
        return;
    }
    arc_json_tape tape;
    arc_tape_read(m, &tape, text, length, (arc_json_options){.maximum_depth = 1});
    if (tape.failure > ARC_JSON_FINE && tape.failure < ARC_JSON_OUT_OF_MEMORY) raise_malformed(L, m, &tape);
    lua_pushnil(L);
    lua_pushnil(L);
    arc_tape_push(L, m, &tape);
}

// The metamethods.
static int lazy_index(lua_State *L) {
    arc_force(L, arc_machine_of(L), 1);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    return 1;
}

static int lazy_newindex(lua_State *L) {
    arc_force(L, arc_machine_of(L), 1);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
}

static int lazy_length(lua_State *L) {
    arc_force(L, arc_machine_of(L), 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

// What Lua's library does past metatables.
static int raw_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    arc_force(L, arc_machine_of(L), 1);
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

static int pairs_done(lua_State *L, int status, lua_KContext context) {
    (void)L;
    (void)status;
    (void)context;
    return 3;
}

// The upvalue is `next`.
static int all_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, pairs_done);
        return 3;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int raw_get(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    arc_force(L, arc_machine_of(L), 1);
    lua_rawget(L, 1);
    return 1;
}

static int raw_set(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    arc_force(L, arc_machine_of(L), 1);
    lua_rawset(L, 1);
    return 1;
}

static int raw_length(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    arc_force(L, arc_machine_of(L), 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

// A metatable is read past its own metatable.
static int set_metatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    arc_force(L, arc_machine_of(L), 2);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static void make_metatable(lua_State *L, const char *name, const char *key) {
    static const luaL_Reg metamethods[] = {
        {"__index", lazy_index}, {"__newindex", lazy_newindex}, {"__len", lazy_length}, {NULL, NULL}};
    luaL_newlib(L, metamethods);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void arc_open_lazy_tables(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    make_metatable(L, "array", &arc_lazy_array_key);
    make_metatable(L, "object", &arc_lazy_object_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_lazy_array_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_lazy_object_key);
    m->lazy_tables[0] = lua_topointer(L, -2);
    m->lazy_tables[1] = lua_topointer(L, -1);
    lua_pop(L, 2);
}

void arc_open_raw_functions(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"next", raw_next}, {"rawget", raw_get}, {"rawset", raw_set}, {"rawlen", raw_length},
        {"setmetatable", set_metatable}, {NULL, NULL}};
    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_getfield(L, -1, "next");
    lua_pushcclosure(L, all_pairs, 1);
    lua_setfield(L, -2, "pairs");
    lua_pop(L, 1);
}
