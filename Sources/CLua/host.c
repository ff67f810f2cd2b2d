// The one way from Lua into the host. Raising is fine here: the host's frame is gone when C raises or yields.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

int arc_raise_memory(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_memory_key);
    return lua_error(L);
}

// Bytes behind those handles of the arena that Lua doesn't hold yet.
static size_t new_costs(const arc_machine *m, const arc_arena *arena) {
    size_t sum = 0;
    for (size_t i = 0; arena->has_handles && i < arena->count; i++) {
        const arc_value *node = &arena->nodes[i];
        if (node->tag == ARC_HANDLE && m->slot_handles[node->as.integer] == 0) sum += m->slot_costs[node->as.integer];
    }
    return sum;
}

// Has the host let go of what was collected, but not of what the arena is about to give to Lua again.
static void release_collected(arc_machine *m, const arc_arena *arena) {
    for (size_t i = 0; arena->has_handles && i < arena->count; i++) {
        if (arena->nodes[i].tag == ARC_HANDLE) m->slot_handles[arena->nodes[i].as.integer]++;
    }
    m->host.release(m->host.context);
    for (size_t i = 0; arena->has_handles && i < arena->count; i++) {
        if (arena->nodes[i].tag == ARC_HANDLE) arc_drop_handle(m, (uint32_t)arena->nodes[i].as.integer);
    }
}

// What Lua doesn't see of the host's memory makes it collect as its own would. What the arena's objects share with
// others was charged when they were written.
static void make_room(lua_State *L, arc_machine *m, const arc_arena *arena) {
    size_t wanted = new_costs(m, arena), anew = m->charged_anew;
    m->charged_anew = 0;
    if (wanted + anew == 0) return;
    size_t before = m->external - anew;
    if (before < m->external_at_collection) m->external_at_collection = before;
    size_t grown = m->external - m->external_at_collection + wanted;
    bool over = m->limit != 0 && m->used + m->external + wanted > m->limit;
    if (!over && (grown < (size_t)8 << 20 || grown < m->external_at_collection / 2)) return;
    m->unlimited = true;  // finalizers need a little memory to free more
    lua_gc(L, LUA_GCCOLLECT);
    m->unlimited = false;
    release_collected(m, arena);
    m->external_at_collection = m->external - anew;
    if (m->limit == 0 || m->used + m->external + wanted <= m->limit) return;
    m->external -= anew;
    m->taken_back += anew;
    arc_raise_memory(L);
}

// Pushes "chunk:line: " of the innermost script. Chunks named "=[…]" are the host's own: an error that comes through
// them belongs to the script that called them.
void arc_push_place(lua_State *L) {
    lua_Debug frame;
    for (int level = 1; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sl", &frame);
        if (frame.currentline > 0 && strncmp(frame.source, "=[", 2) != 0) {
            lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

// Raises the value on the top. A host's error learns where it was raised.
static int raise_value(lua_State *L) {
    if (lua_type(L, -1) == LUA_TTABLE && lua_getmetatable(L, -1)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_error_key);
        bool is_error = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
        lua_pushliteral(L, "where");
        if (is_error && lua_rawget(L, -2) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushliteral(L, "where");
            arc_push_place(L);
            lua_rawset(L, -3);
        } else {
            lua_pop(L, 1);
        }
    }
    return lua_error(L);
}

int arc_raise_error(lua_State *L, const char *code) {
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    arc_push_place(L);
    lua_setfield(L, -2, "where");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_error_key);
    lua_setmetatable(L, -2);
    return lua_error(L);
}

int arc_finish_call(lua_State *L, arc_machine *m, arc_arena *arena, bool raises) {
    if (arena->failed) {
        arc_arena_give_back(m, arena);
        return arc_raise_memory(L);
    }
    m->pushing = true;
    make_room(L, m, arena);
    int pushed = arc_push_all(L, m, arena);
    m->pushing = false;
    arc_arena_give_back(m, arena);
    return raises ? raise_value(L) : pushed;
}

// Runs inside the coroutine that waits, with the values that the host left for it.
static int resumed(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    arc_machine *m = arc_machine_of(L);
    arc_arena *arena = m->resume_values;
    m->resume_values = NULL;
    if (arc_is_killed(m)) arc_raise_killed(L);
    if (arena == NULL) return luaL_error(L, "a coroutine that waits for the host was resumed by something else");
    lua_settop(L, 0);
    return arc_finish_call(L, m, arena, m->resume_raises);
}

int arc_host_call(lua_State *L, int32_t operation) {
    arc_machine *m = arc_machine_of(L);
    if (operation < 0 || operation >= m->operation_count) return luaL_error(L, "no such host function");
    // Tasks that run for long without waiting would keep all that was collected meanwhile. Not while results are pushed:
    // those are held by nothing else.
    if (m->freed_count >= 32 && !m->pushing) m->host.release(m->host.context);
    const arc_operation *op = &m->operations[operation];
    if (arc_is_killed(m) && (op->kind == ARC_MAY_WAIT || !arc_may_clean_up(m))) arc_raise_killed(L);
    if (op->kind == ARC_DIRECT) return arc_call_directly(L, m, op);
    if (op->kind == ARC_MAY_WAIT && !arc_can_wait(L, m)) return arc_raise_not_yieldable(L, m, op->name);

    int count = lua_gettop(L);
    arc_encode_begin(m);
    for (int i = 1; i <= count; i++) {
        arc_encode(L, m, i, (size_t)i <= op->form_count ? op->forms[i - 1] : NULL, false);
    }
    arc_arena *arena = arc_arena_take(m);
    if (arena == NULL) return arc_raise_memory(L);
    m->nodes_taken = true;
    int answer = m->host.enter(op->function, m->nodes, m->node_count, arena);
    if (answer == ARC_SUSPEND) {
        arc_arena_give_back(m, arena);
        lua_settop(L, 0);
        arc_suspend(m, ARC_TASK_WAITING);
        return arc_yield(L, 0, resumed);
    }
    return arc_finish_call(L, m, arena, answer == ARC_RAISE);
}

int arc_host_trampoline(lua_State *L) { return arc_host_call(L, (int32_t)lua_tointeger(L, lua_upvalueindex(1))); }
