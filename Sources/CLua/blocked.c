// Says why a function that waits can't wait here: which C function or metamethod is in between.

#include <string.h>

#include "machine.h"

// Leaves `module.name` of the function on the top, or nil.
static bool push_name(lua_State *L, int function) {
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    int loaded = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, loaded)) {
        if (lua_type(L, -1) == LUA_TTABLE && lua_type(L, -2) == LUA_TSTRING) {
            lua_pushnil(L);
            while (lua_next(L, -2)) {
                if (lua_rawequal(L, -1, function) && lua_type(L, -2) == LUA_TSTRING) {
                    const char *module = lua_tostring(L, -4);
                    if (strcmp(module, "_G") == 0) {
                        lua_pushvalue(L, -2);
                    } else {
                        lua_pushfstring(L, "%s.%s", module, lua_tostring(L, -2));
                    }
                    return true;
                }
                lua_pop(L, 1);
            }
        }
        lua_pop(L, 1);
    }
    return false;
}

static bool can_be_suspended(const char *name) {
    static const char *const names[] = {"pcall", "xpcall", "dofile", "string.gsub"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return strncmp(name, "coroutine.", 10) == 0;
}

// Looks outward through the calls of `from`; leaves the name on L's top.
static bool push_culprit(lua_State *L, lua_State *from, int level) {
    lua_Debug ar;
    for (; lua_getstack(from, level, &ar); level++) {
        lua_getinfo(from, "Sn", &ar);
        if (ar.namewhat != NULL && strcmp(ar.namewhat, "metamethod") == 0 && strcmp(ar.name, "__gc") == 0) {
            lua_pushliteral(L, "a __gc metamethod");
            return true;
        }
        if (strcmp(ar.what, "C") != 0) continue;
        if (!lua_checkstack(from, 1)) return false;
        lua_getinfo(from, "f", &ar);
        lua_xmove(from, L, 1);
        int function = lua_gettop(L);
        if (push_name(L, function)) {
            if (!can_be_suspended(lua_tostring(L, -1))) return true;
        } else if (ar.name != NULL && level > 0) {
            lua_pushstring(L, ar.name);
            return true;
        }
        lua_settop(L, function - 1);
    }
    return false;
}

// The message on the top, at the place of the script.
static int raise(lua_State *L) {
    arc_push_place(L);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return lua_error(L);
}

int arc_raise_not_yieldable(lua_State *L, arc_machine *m, const char *name) {
    luaL_checkstack(L, 20, NULL);
    bool found = push_culprit(L, L, 1) || (m->blocked != NULL && push_culprit(L, m->blocked, 0));
    if (!found) {
        if (m->running == NULL) {
            lua_pushfstring(
                L, "%s can't wait while the machine starts: call it from a function that runs later", name);
            return raise(L);
        }
        lua_pushliteral(L, "a metamethod or C function");
    }
    lua_pushfstring(
        L, "%s has to wait, and can't inside %s, which Lua can't suspend: call it before, and use its result there",
        name, lua_tostring(L, -1));
    return raise(L);
}
