#include "machine.h"

#include <stdlib.h>
#include <string.h>

const char arc_null_key, arc_marker_key, arc_kill_key, arc_host_key, arc_types_key, arc_cache_key, arc_array_key,
    arc_object_key, arc_error_key, arc_handle_key, arc_memory_key, arc_lazy_array_key, arc_lazy_object_key;

static int last_resort(lua_State *L) {
    (void)L;
    return 0;  // Lua aborts; nothing reaches this, since every call is protected
}

arc_machine *arc_machine_new(size_t limit, const arc_host *host) {
    arc_machine *m = calloc(1, sizeof(arc_machine));
    if (m == NULL) return NULL;
    m->limit = limit;
    arc_blocks_limit(&m->blocks, limit);
    m->host = *host;
    m->nodes_taken = true;
    m->free_task = m->free_group = m->first_ready = ARC_NONE;
    pthread_mutex_init(&m->lock, NULL);
    m->main = lua_newstate(arc_allocate, m);
    if (m->main == NULL) {
        arc_machine_free(m);
        return NULL;
    }
    lua_atpanic(m->main, last_resort);
    *(arc_machine **)lua_getextraspace(m->main) = m;
    return m;
}

static int null_text(lua_State *L) {
    lua_pushliteral(L, "null");
    return 1;
}

static int error_text(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushliteral(L, "where");
    lua_rawget(L, 1);
    lua_pushliteral(L, "message");
    lua_rawget(L, 1);
    if (!lua_isstring(L, -1)) {
        lua_pop(L, 1);
        lua_pushliteral(L, "error");
    }
    if (!lua_isstring(L, -2)) return 1;
    lua_concat(L, 2);
    return 1;
}

static int concatenated(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

static void named_metatable(lua_State *L, const char *name, const void *key, lua_CFunction text) {
    lua_newtable(L);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    // Protected: a script that could reach it could give it metamethods of its own.
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__metatable");
    if (text != NULL) {
        lua_pushcfunction(L, text);
        lua_setfield(L, -2, "__tostring");
    }
    if (key == NULL) return;
    if (key == &arc_error_key) {
        lua_pushcfunction(L, concatenated);
        lua_setfield(L, -2, "__concat");
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

// A value that can be raised when there is no memory to make one.
static void keep_error(lua_State *L, const void *key, const char *code, const char *message) {
    lua_newtable(L);
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, message);
    lua_setfield(L, -2, "message");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "where");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_error_key);
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static int mark_array(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    arc_force(L, arc_machine_of(L), 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_array_key);
    lua_setmetatable(L, 1);
    return 1;
}

static int mark_object(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    arc_force(L, arc_machine_of(L), 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_object_key);
    lua_setmetatable(L, 1);
    return 1;
}

// How marked tables read as text: what the function returns for one.
static int mark_text(lua_State *L) {
    static const char *const keys[] = {&arc_array_key, &arc_object_key, &arc_lazy_array_key, &arc_lazy_object_key};
    luaL_checktype(L, 1, LUA_TFUNCTION);
    for (int i = 0; i < 4; i++) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, keys[i]);
        lua_pushvalue(L, 1);
        lua_setfield(L, -2, "__tostring");
        lua_pop(L, 1);
    }
    return 0;
}

static void make_host_table(lua_State *L) {
    lua_newtable(L);
    lua_newtable(L);
    lua_setfield(L, -2, "types");
    lua_pushlightuserdata(L, (void *)&arc_null_key);
    lua_setfield(L, -2, "null");
    lua_pushcfunction(L, mark_array);
    lua_setfield(L, -2, "array");
    lua_pushcfunction(L, mark_object);
    lua_setfield(L, -2, "object");
    lua_pushcfunction(L, mark_text);
    lua_setfield(L, -2, "mark_text");
    arc_open_groups(L);
    arc_open_json(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &arc_host_key);
}

// Marks are told by the address of the metatable.
static void remember_marks(lua_State *L) {
    static const char *const keys[] = {&arc_array_key, &arc_object_key, &arc_error_key};
    for (int i = 0; i < 3; i++) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, keys[i]);
        arc_machine_of(L)->mark_tables[i] = lua_topointer(L, -1);
        lua_pop(L, 1);
    }
}

static int open_libraries(lua_State *L) {
    const int *libraries = lua_touserdata(L, 1);
    named_metatable(L, "array", &arc_array_key, NULL);
    named_metatable(L, "object", &arc_object_key, NULL);
    named_metatable(L, "error", &arc_error_key, error_text);
    remember_marks(L);
    arc_open_lazy_tables(L);
    lua_pushlightuserdata(L, (void *)&arc_null_key);
    named_metatable(L, "null", NULL, null_text);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    keep_error(L, &arc_kill_key, "cancelled", "the task was cancelled");
    keep_error(L, &arc_memory_key, "memory", "not enough memory");
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &arc_types_key);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &arc_cache_key);
    make_host_table(L);
    return arc_open_libraries(L, *libraries);
}

int arc_machine_open_libraries(arc_machine *m, int libraries) { return arc_protect(m, open_libraries, &libraries); }

void arc_machine_close(arc_machine *m) {
    if (m->main == NULL) return;
    m->fail_count = 0;
    m->unlimited = true;
    pthread_mutex_lock(&m->lock);
    for (uint32_t i = 0; i < m->task_count; i++) m->tasks[i]->state = ARC_TASK_FREE;
    m->first_ready = ARC_NONE;
    pthread_mutex_unlock(&m->lock);
    lua_close(m->main);
    m->main = NULL;
    arc_arena_give_back_all(m);
}

void arc_machine_free(arc_machine *m) {
    arc_machine_close(m);
    arc_tasks_free(m);
    arc_groups_free(m);
    free(m->notices);
    arc_operations_free(m);
    while (m->free_arenas != NULL) {
        arc_arena *arena = m->free_arenas;
        m->free_arenas = arena->next;
        free(arena->nodes);
        free(arena->bytes);
        free(arena);
    }
    free(m->nodes);
    arc_allocate(m, m->texts.bytes, m->texts.size, 0);
    arc_allocate(m, m->names, m->name_capacity * sizeof(arc_name), 0);
    arc_tape_free(m);
    free(m->traceback);
    free(m->slot_handles);
    free(m->slot_costs);
    free(m->slot_queued);
    free(m->freed_slots);
    arc_blocks_free(&m->blocks);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

const arc_value *arc_machine_values(arc_machine *m, size_t *count) {
    *count = m->node_count;
    m->nodes_taken = true;
    return m->nodes;
}

const char *arc_machine_traceback(const arc_machine *m) { return m->traceback; }

// An existing key of the registry is set: that allocates nothing and can't raise.
void arc_machine_release(arc_machine *m, int32_t reference) {
    if (m->main != NULL) luaL_unref(m->main, LUA_REGISTRYINDEX, reference);
}

static int collect(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

void arc_machine_collect(arc_machine *m) { arc_protect(m, collect, NULL); }
