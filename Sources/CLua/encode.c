// Values on their way out of Lua. No Lua code runs in here: only raw reads, and allocations that don't start a
// step of the collector, so that one list of nodes for a machine is enough.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

static arc_value *append(lua_State *L, arc_machine *m) {
    if (m->node_count == m->node_capacity) {
        size_t capacity = m->node_capacity == 0 ? 64 : m->node_capacity * 2;
        arc_value *nodes =
            m->node_count >= ARC_MAX_NODES ? NULL : realloc(m->nodes, capacity * sizeof(arc_value));
        if (nodes == NULL) luaL_error(L, "a value is too large to leave Lua (%I parts)", (lua_Integer)m->node_count);
        m->nodes = nodes;
        m->node_capacity = capacity;
    }
    arc_value *node = &m->nodes[m->node_count];
    *node = (arc_value){.tag = ARC_NIL};
    m->node_count++;
    return node;
}

void arc_drop_references(lua_State *L, arc_machine *m) {
    if (m->nodes_taken) return;
    for (size_t i = 0; i < m->node_count; i++) {
        if (m->nodes[i].tag == ARC_FUNCTION || m->nodes[i].tag == ARC_OTHER) {
            luaL_unref(L, LUA_REGISTRYINDEX, (int)m->nodes[i].as.integer);
        }
    }
    m->nodes_taken = true;
}

void arc_encode_begin(arc_machine *m) {
    arc_drop_references(m->main, m);
    if (m->node_capacity > ((size_t)1 << 20)) {
        free(m->nodes);
        m->nodes = NULL;
        m->node_capacity = 0;
    }
    arc_texts_clear(m);
    m->node_count = 0;
    m->nodes_taken = false;
}

static void reference(lua_State *L, arc_machine *m, int index, uint8_t tag) {
    lua_pushvalue(L, index);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    arc_value *node = append(L, m);
    node->tag = tag;
    node->as.integer = ref;
}

void arc_encode_reference(lua_State *L, arc_machine *m, int index) { reference(L, m, index, ARC_OTHER); }

uint8_t arc_mark_of(lua_State *L, const arc_machine *m, int index) {
    if (!lua_getmetatable(L, index)) return ARC_UNMARKED;
    const void *metatable = lua_topointer(L, -1);
    lua_pop(L, 1);
    for (uint8_t i = 0; i < 3; i++) {
        if (metatable == m->mark_tables[i]) return (uint8_t)(i + 1);
    }
    return metatable == m->lazy_tables[0] || metatable == m->lazy_tables[1] ? ARC_LAZY : ARC_UNMARKED;
}

typedef struct {
    bool lenient;
    int depth;
    const void *path[ARC_MAX_DEPTH];
} walk;

static void encode(lua_State *L, arc_machine *m, int index, const arc_form *form, walk *w);

static void encode_string(lua_State *L, arc_machine *m, int index) {
    arc_value *node = append(L, m);
    node->tag = ARC_STRING;
    node->as.bytes = lua_tolstring(L, index, &node->length);
}

static bool encode_json(lua_State *L, arc_machine *m, int index) {
    size_t begin = m->texts.used;
    arc_json_problem problem;
    if (!arc_write_json(L, m, index, (arc_json_layout){0}, &problem)) return false;
    arc_value *node = append(L, m);
    node->tag = ARC_JSON;
    node->as.integer = (int64_t)begin;
    node->length = m->texts.used - begin;
    return true;
}

// The form of the field whose name is there.
static const arc_form *field_form(lua_State *L, int key, const arc_form *form) {
    if (form == NULL || form->kind != ARC_FORM_FIELDS) return NULL;
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(lua_tostring(L, key), form->names[i]) == 0) return form->parts[i];
    }
    return NULL;
}

static void encode_table(lua_State *L, arc_machine *m, int index, const arc_form *form, walk *w) {
    uint8_t mark = arc_mark_of(L, m, index);
    if (mark == ARC_LAZY) {
        arc_force_quietly(L, m, index);
        mark = arc_mark_of(L, m, index);
    }
    if (form != NULL && form->kind == ARC_FORM_JSON && encode_json(L, m, index)) return;
    const void *self = lua_topointer(L, index);
    bool cycle = false;
    for (int i = 0; i < w->depth; i++) cycle |= w->path[i] == self;
    if (cycle || w->depth == ARC_MAX_DEPTH) {
        if (!w->lenient) {
            luaL_error(
                L, cycle ? "a table that contains itself can't be passed on"
                         : "a table nested more than %d deep can't be passed on",
                ARC_MAX_DEPTH);
        }
        reference(L, m, index, ARC_OTHER);
        return;
    }
    if (!lua_checkstack(L, 6)) luaL_error(L, "too many nested tables");
    w->path[w->depth++] = self;
    lua_Unsigned items = lua_rawlen(L, index);
    size_t at = m->node_count;
    arc_value *node = append(L, m);
    node->tag = ARC_TABLE;
    node->mark = mark;
    node->length = items;
    node->is_record = form != NULL && form->kind == ARC_FORM_FIELDS;
    int key = lua_gettop(L) + 1, value = key + 1;
    const arc_form *item = form != NULL && form->kind == ARC_FORM_ITEMS && form->count > 0 ? form->parts[0] : NULL;
    for (lua_Unsigned i = 1; i <= items; i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        encode(L, m, key, item, w);
        lua_settop(L, key - 1);
    }
    uint32_t pairs = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, key) == LUA_TSTRING) {
            encode_string(L, m, key);
            encode(L, m, value, field_form(L, key, form), w);
            pairs++;
        } else {
            lua_Integer number = lua_isinteger(L, key) ? lua_tointeger(L, key) : 0;
            if (number < 1 || (lua_Unsigned)number > items) {
                encode(L, m, key, NULL, w);
                encode(L, m, value, NULL, w);
                pairs++;
            }
        }
        lua_settop(L, key);
    }
    m->nodes[at].count = pairs;
    w->depth--;
}

static void encode_userdata(lua_State *L, arc_machine *m, int index) {
    if (!arc_is_handle(L, index)) {
        reference(L, m, index, ARC_OTHER);
        return;
    }
    arc_handle *handle = lua_touserdata(L, index);
    arc_value *node = append(L, m);
    node->tag = ARC_HANDLE;
    node->as.integer = handle->slot;
    node->count = handle->type;
}

static void encode(lua_State *L, arc_machine *m, int index, const arc_form *form, walk *w) {
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TNONE:
        append(L, m);
        break;
    case LUA_TBOOLEAN: {
        arc_value *node = append(L, m);
        node->tag = ARC_BOOLEAN;
        node->as.integer = lua_toboolean(L, index);
        break;
    }
    case LUA_TNUMBER: {
        arc_value *node = append(L, m);
        if (lua_isinteger(L, index)) {
            node->tag = ARC_INTEGER;
            node->as.integer = lua_tointeger(L, index);
        } else {
            node->tag = ARC_NUMBER;
            node->as.number = lua_tonumber(L, index);
        }
        break;
    }
    case LUA_TSTRING:
        encode_string(L, m, index);
        break;
    case LUA_TTABLE:
        encode_table(L, m, index, form, w);
        break;
    case LUA_TFUNCTION:
        reference(L, m, index, ARC_FUNCTION);
        break;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, index) == &arc_null_key) {
            append(L, m)->tag = ARC_NULL;
        } else {
            reference(L, m, index, ARC_OTHER);
        }
        break;
    case LUA_TUSERDATA:
        encode_userdata(L, m, index);
        break;
    default:
        reference(L, m, index, ARC_OTHER);
    }
}

void arc_encode(lua_State *L, arc_machine *m, int index, const arc_form *form, bool lenient) {
    walk w;
    w.lenient = lenient;
    w.depth = 0;
    if (!lua_checkstack(L, 8)) luaL_error(L, "stack overflow");
    encode(L, m, lua_absindex(L, index), form, &w);
}
