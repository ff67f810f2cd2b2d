// The host's objects as Lua sees them: a userdata that holds a slot's number. Lua never owns the object.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

bool arc_is_handle(lua_State *L, int index) {
    // A script can give another userdata's metatable the mark of ours, but not that userdata its size.
    if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(arc_handle)) return false;
    if (!lua_getmetatable(L, index)) return false;
    lua_rawgetp(L, -1, &arc_handle_key);
    bool is = lua_toboolean(L, -1);
    lua_pop(L, 2);
    return is;
}

// The same slot gives the same userdata for as long as Lua holds it.
void arc_push_handle(lua_State *L, arc_machine *m, uint32_t slot, uint32_t type) {
    luaL_checkstack(L, 4, "too many values");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_cache_key);
    if (lua_rawgeti(L, -1, slot) == LUA_TUSERDATA) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    arc_handle *handle = lua_newuserdatauv(L, sizeof(arc_handle), 0);
    *handle = (arc_handle){slot, type};
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_types_key);
    lua_rawgeti(L, -1, (lua_Integer)type + 1);
    lua_remove(L, -2);
    if (m->slot_handles[slot]++ == 0) m->external += m->slot_costs[slot];
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, slot);
    lua_remove(L, -2);
}

// One handle less. The slot of the last one goes on the list.
void arc_drop_handle(arc_machine *m, uint32_t slot) {
    if (--m->slot_handles[slot] > 0 || m->slot_queued[slot]) return;
    m->slot_queued[slot] = 1;
    m->freed_slots[m->freed_count++] = slot;
}

// __gc: the slot goes on a list, which the host drains between resumes. Room was reserved with the slot.
static int collected(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    arc_handle *handle = lua_touserdata(L, 1);
    if (handle == NULL || handle->slot == ARC_NO_SLOT || !arc_is_handle(L, 1)) return 0;
    uint32_t slot = handle->slot;
    handle->slot = ARC_NO_SLOT;
    if (m->slot_handles[slot] == 1) m->external -= m->slot_costs[slot];
    arc_drop_handle(m, slot);
    return 0;
}

bool arc_machine_reserve_slots(arc_machine *m, size_t count) {
    if (count <= m->slot_capacity) return true;
    size_t capacity = count < 32 ? 32 : count * 2;
    uint32_t *handles = realloc(m->slot_handles, capacity * sizeof(uint32_t));
    if (handles != NULL) m->slot_handles = handles;
    size_t *costs = realloc(m->slot_costs, capacity * sizeof(size_t));
    if (costs != NULL) m->slot_costs = costs;
    uint8_t *queued = realloc(m->slot_queued, capacity);
    if (queued != NULL) m->slot_queued = queued;
    uint32_t *freed = realloc(m->freed_slots, capacity * sizeof(uint32_t));
    if (freed != NULL) m->freed_slots = freed;
    if (handles == NULL || costs == NULL || queued == NULL || freed == NULL) return false;
    size_t added = capacity - m->slot_capacity;
    memset(handles + m->slot_capacity, 0, added * sizeof(uint32_t));
    memset(costs + m->slot_capacity, 0, added * sizeof(size_t));
    memset(queued + m->slot_capacity, 0, added);
    m->slot_capacity = capacity;
    return true;
}

bool arc_machine_slot_is_live(const arc_machine *m, uint32_t slot) {
    return slot < m->slot_capacity && m->slot_handles[slot] > 0;
}

void arc_machine_set_cost(arc_machine *m, uint32_t slot, size_t bytes) {
    if (slot >= m->slot_capacity) return;
    if (m->slot_handles[slot] > 0) m->external += bytes - m->slot_costs[slot];
    m->slot_costs[slot] = bytes;
}

// What is charged anew can be taken back by make_room, which the host learns only when it lets go of the object.
void arc_machine_charge(arc_machine *m, int64_t bytes) {
    if (bytes > 0) {
        m->external += (size_t)bytes;
        m->charged_anew += (size_t)bytes;
        return;
    }
    size_t freed = (size_t)-bytes;
    size_t known = freed < m->taken_back ? freed : m->taken_back;
    m->taken_back -= known;
    m->external -= freed - known;
}

bool arc_machine_is_pushing(const arc_machine *m) { return m->pushing; }

int64_t arc_machine_next_free_slot(arc_machine *m) {
    while (m->freed_count > 0) {
        uint32_t slot = m->freed_slots[--m->freed_count];
        m->slot_queued[slot] = 0;
        if (m->slot_handles[slot] == 0) return slot;
    }
    return -1;
}

// __index of a type that has methods and a fallback: upvalues are the methods and the fallback's operation.
static int index_or_call(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    lua_pop(L, 1);
    return arc_host_call(L, (int32_t)lua_tointeger(L, lua_upvalueindex(2)));
}

typedef struct {
    const char *name;
    const arc_method *methods, *metamethods;
    size_t method_count, metamethod_count;
} type_definition;

static void push_operation(lua_State *L, int32_t operation) {
    lua_pushinteger(L, operation);
    lua_pushcclosure(L, arc_host_trampoline, 1);
}

static int define_type(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    const type_definition *type = lua_touserdata(L, 1);
    lua_newtable(L);  // 2: methods
    for (size_t i = 0; i < type->method_count; i++) {
        push_operation(L, type->methods[i].operation);
        lua_setfield(L, 2, type->methods[i].name);
    }
    lua_newtable(L);  // 3: metatable
    lua_pushvalue(L, 2);
    lua_setfield(L, 3, "__index");
    for (size_t i = 0; i < type->metamethod_count; i++) {
        const arc_method *method = &type->metamethods[i];
        if (strcmp(method->name, "__index") == 0) {
            lua_pushvalue(L, 2);
            lua_pushinteger(L, method->operation);
            lua_pushcclosure(L, index_or_call, 2);
        } else {
            push_operation(L, method->operation);
        }
        lua_setfield(L, 3, method->name);
    }
    lua_pushstring(L, type->name);
    lua_setfield(L, 3, "__name");
    lua_pushstring(L, type->name);
    lua_setfield(L, 3, "__metatable");
    lua_pushcfunction(L, collected);
    lua_setfield(L, 3, "__gc");
    if (lua_getfield(L, 2, "close") != LUA_TNIL) {
        lua_setfield(L, 3, "__close");
    } else {
        lua_pop(L, 1);
    }
    lua_pushboolean(L, 1);
    lua_rawsetp(L, 3, &arc_handle_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_types_key);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, (lua_Integer)m->type_count + 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_host_key);
    lua_getfield(L, -1, "types");
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, type->name);
    m->type_count++;
    return 0;
}

int arc_machine_define_type(
    arc_machine *m, const char *name, const arc_method *methods, size_t method_count,
    const arc_method *metamethods, size_t metamethod_count, int32_t *type) {
    type_definition definition = {name, methods, metamethods, method_count, metamethod_count};
    int status = arc_protect(m, define_type, &definition);
    if (status == ARC_OK) *type = (int32_t)m->type_count - 1;
    return status;
}
