// Values on their way into Lua: the host writes them without raising, C pushes them where raising is fine.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

static void destroy(arc_arena *arena) {
    free(arena->nodes);
    free(arena->bytes);
    free(arena);
}

static bool unlink_arena(arc_arena **list, arc_arena *arena) {
    for (arc_arena **at = list; *at != NULL; at = &(*at)->next) {
        if (*at == arena) {
            *at = arena->next;
            return true;
        }
    }
    return false;
}

// An arena that the machine takes back at the next drain if an error keeps the caller from doing so.
arc_arena *arc_arena_take(arc_machine *m) {
    arc_arena *arena = m->free_arenas;
    if (arena != NULL) {
        m->free_arenas = arena->next;
    } else {
        arena = calloc(1, sizeof(arc_arena));
        if (arena == NULL) return NULL;
    }
    arc_arena_clear(arena);
    m->charged_anew = 0;
    arena->next = m->used_arenas;
    m->used_arenas = arena;
    return arena;
}

// What was given back already, with all others, is left alone.
void arc_arena_give_back(arc_machine *m, arc_arena *arena) {
    if (!unlink_arena(&m->used_arenas, arena)) return;
    if (arena->capacity > 4096 || arena->size > 65536) {
        destroy(arena);
        return;
    }
    arena->next = m->free_arenas;
    m->free_arenas = arena;
}

void arc_arena_give_back_all(arc_machine *m) {
    m->pushing = false;
    while (m->used_arenas != NULL) arc_arena_give_back(m, m->used_arenas);
}

arc_arena *arc_arena_new(arc_machine *m) { return arc_arena_take(m); }

void arc_arena_free(arc_machine *m, arc_arena *arena) { arc_arena_give_back(m, arena); }

bool arc_arena_failed(const arc_arena *arena) { return arena->failed; }

void arc_arena_clear(arc_arena *arena) {
    arena->count = 0;
    arena->used = 0;
    arena->failed = false;
    arena->has_handles = false;
}

static arc_value *append(arc_arena *arena, uint8_t tag) {
    static _Thread_local arc_value nowhere;
    if (arena->count == arena->capacity) {
        size_t capacity = arena->capacity == 0 ? 16 : arena->capacity * 2;
        arc_value *nodes = realloc(arena->nodes, capacity * sizeof(arc_value));
        if (nodes == NULL) {
            arena->failed = true;
            return &nowhere;
        }
        arena->nodes = nodes;
        arena->capacity = capacity;
    }
    arc_value *node = &arena->nodes[arena->count++];
    *node = (arc_value){.tag = tag};
    return node;
}

void arc_arena_put(arc_arena *arena, uint8_t tag, int64_t integer) { append(arena, tag)->as.integer = integer; }

void arc_arena_put_number(arc_arena *arena, double number) { append(arena, ARC_NUMBER)->as.number = number; }

static void put_bytes(arc_arena *arena, uint8_t tag, const char *bytes, size_t length) {
    if (length > arena->size - arena->used) {
        size_t size = (arena->used + length) * 2 + 256;
        char *grown = realloc(arena->bytes, size);
        if (grown == NULL) {
            arena->failed = true;
            return;
        }
        arena->bytes = grown;
        arena->size = size;
    }
    if (length > 0) memcpy(arena->bytes + arena->used, bytes, length);
    arc_value *node = append(arena, tag);
    node->as.integer = (int64_t)arena->used;
    node->length = length;
    arena->used += length;
}

void arc_arena_put_string(arc_arena *arena, const char *bytes, size_t length) {
    put_bytes(arena, ARC_STRING, bytes, length);
}

void arc_arena_put_json(arc_arena *arena, const char *bytes, size_t length) {
    put_bytes(arena, ARC_JSON, bytes, length);
}

void arc_arena_put_table(arc_arena *arena, uint8_t mark, size_t items, uint32_t pairs) {
    arc_value *node = append(arena, ARC_TABLE);
    node->mark = mark;
    node->length = items;
    node->count = pairs;
}

void arc_arena_put_handle(arc_arena *arena, uint32_t slot, uint32_t type) {
    arc_value *node = append(arena, ARC_HANDLE);
    node->as.integer = slot;
    node->count = type;
    arena->has_handles = true;
}

static void push(lua_State *L, arc_machine *m, const arc_arena *arena, size_t *at);

static void push_table(lua_State *L, arc_machine *m, const arc_arena *arena, size_t *at, const arc_value *node) {
    static const char *const keys[] = {NULL, &arc_array_key, &arc_object_key, &arc_error_key};
    luaL_checkstack(L, 6, "too many nested tables");
    int items = node->length > INT32_MAX ? INT32_MAX : (int)node->length;
    int pairs = node->count > INT32_MAX ? INT32_MAX : (int)node->count;
    lua_createtable(L, items, pairs);
    for (size_t i = 1; i <= node->length; i++) {
        push(L, m, arena, at);
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        push(L, m, arena, at);
        push(L, m, arena, at);
        if (lua_isnil(L, -2) || (lua_type(L, -2) == LUA_TNUMBER && lua_tonumber(L, -2) != lua_tonumber(L, -2))) {
            luaL_error(L, "a table's key can't be nil or NaN");
        }
        lua_rawset(L, -3);
    }
    if (node->mark != ARC_UNMARKED) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, keys[node->mark]);
        lua_setmetatable(L, -2);
    }
}

static void push(lua_State *L, arc_machine *m, const arc_arena *arena, size_t *at) {
    const arc_value *node = &arena->nodes[(*at)++];
    switch (node->tag) {
    case ARC_NULL:
        lua_pushlightuserdata(L, (void *)&arc_null_key);
        break;
    case ARC_BOOLEAN:
        lua_pushboolean(L, (int)node->as.integer);
        break;
    case ARC_INTEGER:
        lua_pushinteger(L, node->as.integer);
        break;
    case ARC_NUMBER:
        lua_pushnumber(L, node->as.number);
        break;
    case ARC_STRING:
        lua_pushlstring(L, node->length == 0 ? "" : arena->bytes + node->as.integer, node->length);
        break;
    case ARC_JSON:
        arc_push_json(L, m, node->length == 0 ? "" : arena->bytes + node->as.integer, node->length);
        break;
    case ARC_TABLE:
        push_table(L, m, arena, at, node);
        break;
    case ARC_FUNCTION:
    case ARC_OTHER:
        lua_rawgeti(L, LUA_REGISTRYINDEX, node->as.integer);
        break;
    case ARC_HANDLE:
        arc_push_handle(L, m, (uint32_t)node->as.integer, node->count);
        break;
    default:
        lua_pushnil(L);
    }
}

int arc_push_all(lua_State *L, arc_machine *m, const arc_arena *arena) {
    int pushed = 0;
    size_t at = 0;
    while (at < arena->count) {
        luaL_checkstack(L, 8, "too many values");
        push(L, m, arena, &at);
        pushed++;
    }
    return pushed;
}
