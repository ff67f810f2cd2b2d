// Chunks, globals, and the places where Lua finds the host's functions.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

const char *arc_open_path(lua_State *L, const char *path) {
    if (strncmp(path, "host.", 5) == 0) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_host_key);
        path += 5;
    } else {
        lua_pushglobaltable(L);
    }
    for (const char *dot = strchr(path, '.'); dot != NULL; dot = strchr(path, '.')) {
        lua_pushlstring(L, path, (size_t)(dot - path));
        if (lua_rawget(L, -2) != LUA_TTABLE) {
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushlstring(L, path, (size_t)(dot - path));
            lua_pushvalue(L, -2);
            lua_rawset(L, -4);
        }
        lua_remove(L, -2);
        path = dot + 1;
    }
    return path;
}

typedef struct {
    const char *path;
    int32_t operation;
    arc_arena *value;
} placement;

static int place(lua_State *L) {
    const placement *p = lua_touserdata(L, 1);
    const char *name = arc_open_path(L, p->path);
    lua_pushstring(L, name);
    if (p->value != NULL) {
        if (p->value->failed) return luaL_error(L, "not enough memory");
        if (arc_push_all(L, arc_machine_of(L), p->value) != 1) return luaL_error(L, "one value is needed");
    } else {
        lua_pushinteger(L, p->operation);
        lua_pushcclosure(L, arc_host_trampoline, 1);
    }
    lua_rawset(L, -3);
    return 0;
}

int arc_machine_place_function(arc_machine *m, const char *path, int32_t operation) {
    placement p = {path, operation, NULL};
    return arc_protect(m, place, &p);
}

int arc_machine_place_value(arc_machine *m, const char *path, arc_arena *value) {
    placement p = {path, 0, value};
    return arc_protect(m, place, &p);
}

typedef struct {
    const char *text;
    size_t length;
    const char *name;
    int reference;
    bool keeps;
    int status;
} chunk;

static int load(lua_State *L) {
    chunk *c = lua_touserdata(L, 1);
    c->status = luaL_loadbufferx(L, c->text, c->length, c->name, "t");
    if (c->status != LUA_OK) return lua_error(L);
    if (c->keeps) c->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static int run_load(arc_machine *m, chunk *c) {
    int status = arc_protect(m, load, c);
    return status == ARC_RUNTIME && c->status == LUA_ERRSYNTAX ? ARC_SYNTAX : status;
}

int arc_machine_load(arc_machine *m, const char *text, size_t length, const char *name, int32_t *reference) {
    chunk c = {text, length, name, LUA_NOREF, true, LUA_OK};
    int status = run_load(m, &c);
    *reference = c.reference;
    return status;
}

int arc_machine_check(arc_machine *m, const char *text, size_t length, const char *name) {
    chunk c = {text, length, name, LUA_NOREF, false, LUA_OK};
    return run_load(m, &c);
}

static int prelude(lua_State *L) {
    const int32_t *reference = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, *reference);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_prelude_key);
    if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_host_key);
    lua_call(L, 1, 0);
    return 0;
}

int arc_machine_prelude(arc_machine *m, int32_t reference) { return arc_protect(m, prelude, &reference); }

static int global(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    const char *name = lua_touserdata(L, 1);
    lua_pushglobaltable(L);
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    arc_encode_begin(m);
    arc_encode(L, m, -1, NULL, true);
    return 0;
}

int arc_machine_global(arc_machine *m, const char *name) { return arc_protect(m, global, (void *)name); }

typedef struct {
    const char *const *path;
    size_t count;
} key_path;

// Where a value's fields are: the table itself, or the table that a metatable's __index names.
static bool follow(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) return false;
    lua_pushliteral(L, "__index");
    bool found = lua_rawget(L, -2) == LUA_TTABLE;
    lua_remove(L, -2);
    if (!found) lua_pop(L, 1);
    return found;
}

static bool raw_field(lua_State *L, const char *name) {
    lua_pushvalue(L, -1);
    for (int hops = 0; hops < 10; hops++) {
        if (lua_istable(L, -1)) {
            arc_force_quietly(L, arc_machine_of(L), -1);
            lua_pushstring(L, name);
            if (lua_rawget(L, -2) != LUA_TNIL) {
                lua_remove(L, -2);
                return true;
            }
            lua_pop(L, 1);
        }
        if (!follow(L, lua_gettop(L))) break;
        lua_remove(L, -2);
    }
    lua_pop(L, 1);
    return false;
}

static int keys(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    const key_path *path = lua_touserdata(L, 1);
    arc_encode_begin(m);
    lua_pushglobaltable(L);
    for (size_t i = 0; i < path->count; i++) {
        if (!raw_field(L, path->path[i])) return 0;
        lua_remove(L, -2);
    }
    for (int hops = 0; hops < 10; hops++) {
        if (lua_istable(L, -1)) {
            arc_force_quietly(L, m, -1);
            lua_pushnil(L);
            while (lua_next(L, -2)) {
                if (lua_type(L, -2) == LUA_TSTRING) {
                    arc_encode(L, m, -2, NULL, true);
                    lua_pushstring(L, luaL_typename(L, -1));
                    arc_encode(L, m, -1, NULL, true);
                    lua_pop(L, 1);
                }
                lua_pop(L, 1);
            }
        }
        if (!follow(L, lua_gettop(L))) break;
    }
    return 0;
}

int arc_machine_keys(arc_machine *m, const char *const *path, size_t count) {
    key_path p = {path, count};
    return arc_protect(m, keys, &p);
}
