// The coroutine library, so that a wait for the host passes outward through any number of the script's coroutines.
// A coroutine that passed one on keeps the marker on its top until it is resumed: nothing else may resume it.

#include "machine.h"

static bool waits_for_host(lua_State *co) {
    return lua_status(co) == LUA_YIELD && lua_gettop(co) > 0 && lua_touserdata(co, -1) == &arc_marker_key;
}

static const char *status_of(lua_State *L, lua_State *co) {
    if (L == co) return "running";
    switch (lua_status(co)) {
    case LUA_YIELD:
        return waits_for_host(co) ? "normal" : "suspended";
    case LUA_OK: {
        lua_Debug ar;
        if (lua_getstack(co, 0, &ar)) return "normal";
        return lua_gettop(co) == 0 ? "dead" : "suspended";
    }
    default:
        return "dead";
    }
}

static lua_State *check_coroutine(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL, 1, "coroutine");
    return co;
}

static bool is_task(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    return L == m->main || (m->running != NULL && m->running->coroutine == L);
}

// Pushes its results, or the error, and says which; ARC_WAITING where the host is being waited for.
static int resume(lua_State *L, lua_State *co, int arguments, int *count) {
    arc_machine *m = arc_machine_of(L);
    lua_State *blocked = m->blocked;
    if (blocked == NULL && !lua_isyieldable(L)) m->blocked = L;
    arc_set_current(m, co);
    int status = lua_resume(co, L, arguments, count);
    arc_set_current(m, L);
    m->blocked = blocked;
    if (status == LUA_YIELD && *count == 1 && waits_for_host(co)) return ARC_WAITING;
    if (status == LUA_OK || status == LUA_YIELD) {
        if (!lua_checkstack(L, *count + 1)) {
            lua_pop(co, *count);
            lua_pushliteral(L, "too many results to resume");
            return ARC_RUNTIME;
        }
        lua_xmove(co, L, *count);
        return ARC_OK;
    }
    lua_pushvalue(co, -1);  // stays on the dead coroutine, as coroutine.close expects it
    lua_xmove(co, L, 1);
    return ARC_RUNTIME;
}

// Leaves an error message, or moves the arguments and returns true.
static bool prepare(lua_State *L, lua_State *co, int arguments) {
    const char *status = status_of(L, co);
    if (waits_for_host(co)) {
        lua_pushliteral(L, "cannot resume a coroutine that waits for the host");
    } else if (status[0] != 's') {
        lua_pushfstring(L, "cannot resume %s coroutine", status[0] == 'd' ? "dead" : "non-suspended");
    } else if (!lua_checkstack(co, arguments)) {
        lua_pushliteral(L, "too many arguments to resume");
    } else {
        lua_xmove(L, co, arguments);
        return true;
    }
    return false;
}

static int resume_ended(lua_State *L, int result, int count) {
    lua_pushboolean(L, result == ARC_OK);
    lua_insert(L, result == ARC_OK ? -(count + 1) : -2);
    return result == ARC_OK ? count + 1 : 2;
}

static int resume_continued(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    lua_State *co = lua_tothread(L, 1);
    int count = 0;
    lua_pop(co, 1);
    int result = resume(L, co, 0, &count);
    return result == ARC_WAITING ? arc_yield(L, 0, resume_continued) : resume_ended(L, result, count);
}

static int coroutine_resume(lua_State *L) {
    lua_State *co = check_coroutine(L);
    int arguments = lua_gettop(L) - 1, count = 0;
    if (!prepare(L, co, arguments)) return resume_ended(L, ARC_RUNTIME, 0);
    int result = resume(L, co, arguments, &count);
    return result == ARC_WAITING ? arc_yield(L, 0, resume_continued) : resume_ended(L, result, count);
}

// Ends a coroutine, running its __close handlers. One that was killed is left as it is: its hooks are off, so a
// handler that loops couldn't be ended.
static int close_coroutine(lua_State *L, lua_State *co) {
    arc_machine *m = arc_machine_of(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_kill_key);
    lua_rawgetp(co, LUA_REGISTRYINDEX, &arc_kill_key);
    bool killed = lua_gettop(co) > 1 && lua_rawequal(co, -1, -2);
    lua_pop(co, 1);
    if (killed && lua_status(co) > LUA_YIELD) return LUA_ERRRUN;
    lua_pop(L, 1);
    arc_set_current(m, co);
    int status = lua_resetthread(co);
    arc_set_current(m, L);
    if (status != LUA_OK) lua_xmove(co, L, 1);
    return status;
}

static int wrap_ended(lua_State *L, lua_State *co, int result, int count) {
    if (result == ARC_OK) return count;
    if (lua_status(co) > LUA_YIELD) {
        lua_pop(L, 1);
        if (close_coroutine(L, co) == LUA_OK) lua_pushnil(L);
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int wrap_continued(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int count = 0;
    lua_pop(co, 1);
    int result = resume(L, co, 0, &count);
    return result == ARC_WAITING ? arc_yield(L, 0, wrap_continued) : wrap_ended(L, co, result, count);
}

static int wrapped(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int arguments = lua_gettop(L), count = 0;
    if (!prepare(L, co, arguments)) return wrap_ended(L, co, ARC_RUNTIME, 0);
    int result = resume(L, co, arguments, &count);
    return result == ARC_WAITING ? arc_yield(L, 0, wrap_continued) : wrap_ended(L, co, result, count);
}

static int coroutine_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int coroutine_wrap(lua_State *L) {
    coroutine_create(L);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

static int coroutine_yield(lua_State *L) {
    if (is_task(L)) return luaL_error(L, "attempt to yield from outside a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int coroutine_status(lua_State *L) {
    lua_pushstring(L, status_of(L, check_coroutine(L)));
    return 1;
}

static int coroutine_isyieldable(lua_State *L) {
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, !is_task(co) && lua_isyieldable(co));
    return 1;
}

// The base of a task is what a script takes for the main program.
static int coroutine_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, is_task(L));
    return 2;
}

static int coroutine_close(lua_State *L) {
    lua_State *co = check_coroutine(L);
    const char *status = status_of(L, co);
    if (status[0] != 'd' && status[0] != 's') return luaL_error(L, "cannot close a %s coroutine", status);
    if (close_coroutine(L, co) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

int arc_open_coroutines(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"create", coroutine_create}, {"resume", coroutine_resume}, {"running", coroutine_running},
        {"status", coroutine_status}, {"wrap", coroutine_wrap},     {"yield", coroutine_yield},
        {"isyieldable", coroutine_isyieldable}, {"close", coroutine_close}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
