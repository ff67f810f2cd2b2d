// Tables that scripts can read and not change: an empty table stands in front of the real one, which nothing gives away.

#include <string.h>

#include "machine.h"

static int front_set(lua_State *L) {
    const char *name = lua_tostring(L, lua_upvalueindex(1)), *key = luaL_tolstring(L, 2, NULL);
    return luaL_error(L, "%s.%s can't be set: %s is read-only", name, key, name);
}

static int front_length(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
    return 1;
}

static int front_next(lua_State *L) {
    lua_settop(L, 2);
    if (lua_next(L, lua_upvalueindex(1))) return 2;
    lua_pushnil(L);
    return 1;
}

static int front_pairs(lua_State *L) {
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, front_next, 1);
    lua_insert(L, 1);
    lua_pushnil(L);
    return 3;
}

static void set_metamethod(lua_State *L, const char *name, lua_CFunction function, int upvalue) {
    lua_pushvalue(L, upvalue);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

// Whether it is a table that nothing keeps from being changed.
static bool is_open_table(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) return false;
    if (!lua_getmetatable(L, index)) return true;
    lua_pushliteral(L, "__newindex");
    bool is_open = lua_rawget(L, -2) == LUA_TNIL;
    lua_pop(L, 2);
    return is_open;
}

// Takes the name from the top and leaves the front of the table at `real`. `made` holds the fronts by their tables.
static void push_front(lua_State *L, int real, int made) {
    luaL_checkstack(L, 12, "tables within each other");
    int name = lua_gettop(L), front = name + 1;
    lua_newtable(L);
    lua_pushvalue(L, real);
    lua_pushvalue(L, front);
    lua_rawset(L, made);
    lua_pushnil(L);
    while (lua_next(L, real)) {
        if (is_open_table(L, -1)) {
            int value = lua_gettop(L);
            lua_pushvalue(L, value);
            if (lua_rawget(L, made) == LUA_TNIL) {
                lua_pop(L, 1);
                lua_pushfstring(L, "%s.%s", lua_tostring(L, name), luaL_tolstring(L, value - 1, NULL));
                lua_remove(L, -2);
                push_front(L, value, made);
            }
            lua_pushvalue(L, value - 1);
            lua_insert(L, -2);
            lua_rawset(L, real);
        }
        lua_pop(L, 1);
    }
    lua_newtable(L);
    lua_pushvalue(L, real);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, name);
    lua_setfield(L, -2, "__metatable");
    set_metamethod(L, "__newindex", front_set, name);
    set_metamethod(L, "__len", front_length, real);
    set_metamethod(L, "__pairs", front_pairs, real);
    lua_setmetatable(L, front);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_fronts_key) == LUA_TTABLE) {
        lua_pushvalue(L, front);
        lua_pushvalue(L, name);
        lua_rawset(L, -3);
    }
    lua_settop(L, front);
    lua_remove(L, name);
}

static int put_in_front(lua_State *L) {
    const char *path = lua_touserdata(L, 1);
    const char *last = arc_open_path(L, path);
    lua_pushstring(L, last);
    if (lua_rawget(L, -2) != LUA_TTABLE) return luaL_error(L, "%s isn't a table that can be read-only", path);
    int holder = lua_gettop(L) - 1, real = holder + 1;
    lua_newtable(L);
    lua_pushstring(L, path);
    push_front(L, real, real + 1);
    lua_pushstring(L, last);
    lua_insert(L, -2);
    lua_rawset(L, holder);
    return 0;
}

int arc_machine_make_read_only(arc_machine *m, const char *path) { return arc_protect(m, put_in_front, (void *)path); }
