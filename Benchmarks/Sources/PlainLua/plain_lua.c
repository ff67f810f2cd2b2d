#include "plain_lua.h"

#include <math.h>

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

static lua_State *state(plain_lua *lua) { return (lua_State *)lua; }

static int increment(lua_State *L) {
    lua_pushinteger(L, luaL_checkinteger(L, 1) + 1);
    return 1;
}

plain_lua *plain_lua_open(void) {
    lua_State *L = luaL_newstate();
    if (L != NULL) {
        luaL_openlibs(L);
        lua_register(L, "increment", increment);
    }
    return (plain_lua *)L;
}

const char *plain_lua_run(plain_lua *lua, const char *chunk) {
    lua_State *L = state(lua);
    lua_settop(L, 0);
    return luaL_dostring(L, chunk) == LUA_OK ? NULL : lua_tostring(L, -1);
}

double plain_lua_number(plain_lua *lua, const char *name) {
    lua_State *L = state(lua);
    lua_getglobal(L, name);
    double value = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : NAN;
    lua_pop(L, 1);
    return value;
}

void plain_lua_close(plain_lua *lua) { lua_close(state(lua)); }
