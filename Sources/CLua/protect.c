// Every call from the host into Lua is a C body under lua_pcall.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

// Whether the error's value, at index 1, came from a task within the running one.
static bool came_from_within(lua_State *L, const arc_task *task) {
    if (task == NULL || task->inner_traceback == NULL) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, task);
    bool is = lua_rawequal(L, 1, -1);
    lua_pop(L, 1);
    return is;
}

// The message handler: keeps the traceback beside the error's value.
int arc_keep_traceback(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    bool within = came_from_within(L, m->running);
    if (within) lua_pushfstring(L, "%s\nof a task within:", m->running->inner_traceback);
    luaL_traceback(L, L, within ? lua_tostring(L, -1) : NULL, 1);
    const char *text = lua_tostring(L, -1);
    char **kept = m->running != NULL ? &m->running->traceback : &m->traceback;
    free(*kept);
    *kept = text == NULL ? NULL : strdup(text);
    lua_settop(L, 1);
    return 1;
}

int arc_error_text(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    return 1;
}

// Given an error's value and its text: leaves value, text and, for what is more than a string, a reference.
static int encode_failure(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    arc_encode_begin(m);
    arc_encode(L, m, 1, NULL, true);
    arc_encode(L, m, 2, NULL, true);
    if (lua_type(L, 1) == LUA_TTABLE || lua_type(L, 1) == LUA_TUSERDATA) {
        arc_encode_reference(L, m, 1);
    }
    return 0;
}

// Takes value and text from the top of the main stack; leaves them for the host.
int arc_fail(arc_machine *m, int lua_status) {
    lua_State *L = m->main;
    m->node_count = m->nodes_taken ? 0 : m->node_count;
    if (lua_status == LUA_ERRMEM) {
        lua_settop(L, 0);
        return ARC_MEMORY;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_kill_key);
    bool killed = lua_rawequal(L, -1, -3);
    lua_pop(L, 1);
    lua_pushcfunction(L, encode_failure);
    lua_insert(L, -3);
    int status = lua_pcall(L, 2, 0, 0);
    lua_settop(L, 0);
    if (killed) return ARC_KILLED;
    if (status != LUA_OK) return ARC_MEMORY;
    return lua_status == LUA_ERRSYNTAX ? ARC_SYNTAX : ARC_RUNTIME;
}

int arc_protect(arc_machine *m, lua_CFunction body, void *argument) {
    lua_State *L = m->main;
    free(m->traceback);
    m->traceback = NULL;
    lua_settop(L, 0);
    lua_pushcfunction(L, arc_keep_traceback);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, argument);
    int status = lua_pcall(L, 1, 0, 1);
    arc_arena_give_back_all(m);
    if (status == LUA_OK) return ARC_OK;
    if (status != LUA_ERRMEM) {
        lua_pushcfunction(L, arc_error_text);
        lua_pushvalue(L, -2);
        if (lua_pcall(L, 1, 1, 0) != LUA_OK && lua_type(L, -1) != LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
    }
    return arc_fail(m, status);
}
