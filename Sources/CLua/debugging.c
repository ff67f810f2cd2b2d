// Lua's library `debug` for trusted scripts, but for what reaches past the language into the memory behind it: C takes it for
// granted that its userdata keep their metatables, its functions their upvalues and their arguments, and the registry its
// entries.

#include <string.h>

#include "machine.h"

// Lua's own function, for what it may still do. It is called in the place of this one, so that levels count as ever.
static int own(lua_State *L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

static int set_metatable(lua_State *L) {
    if (lua_type(L, 1) == LUA_TUSERDATA) return luaL_argerror(L, 1, "a userdata keeps its metatable");
    return own(L);
}

static int set_upvalue(lua_State *L) {
    if (lua_iscfunction(L, 1)) return luaL_argerror(L, 1, "a function in C keeps its upvalues");
    return own(L);
}

static int set_local(lua_State *L) {
    int first = lua_isthread(L, 1) ? 2 : 1;
    lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_Debug ar;
    if (lua_getstack(of, (int)luaL_checkinteger(L, first), &ar) && lua_getinfo(of, "S", &ar) &&
        strcmp(ar.what, "C") == 0) {
        return luaL_argerror(L, first, "a function in C keeps its values");
    }
    return own(L);
}

// With the library on top of the stack.
void arc_restrict_debug(lua_State *L) {
    static const luaL_Reg replaced[] = {
        {"setmetatable", set_metatable}, {"setupvalue", set_upvalue}, {"setlocal", set_local}, {NULL, NULL}};
    for (const luaL_Reg *at = replaced; at->func != NULL; at++) {
        lua_getfield(L, -1, at->name);
        lua_pushcclosure(L, at->func, 1);
        lua_setfield(L, -2, at->name);
    }
    lua_pushnil(L);
    lua_setfield(L, -2, "getregistry");
}
