// Functions of the host that are called about as often as Lua's own. Their arguments lie in this frame, and nothing is made
// for the call that outlives it.

#include "machine.h"

enum { few = 8 };

// Of tables, functions and coroutines, what they are. Can't raise.
static void read_plain(lua_State *L, int index, arc_value *node) {
    node->mark = ARC_UNMARKED;
    node->is_record = false;
    node->count = 0;
    node->length = 0;
    node->as.integer = LUA_NOREF;
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            node->tag = ARC_INTEGER;
            node->as.integer = lua_tointegerx(L, index, NULL);
        } else {
            node->tag = ARC_NUMBER;
            node->as.number = lua_tonumberx(L, index, NULL);
        }
        break;
    case LUA_TSTRING:
        node->tag = ARC_STRING;
        node->as.bytes = lua_tolstring(L, index, &node->length);
        break;
    case LUA_TUSERDATA:
        node->tag = ARC_OTHER;
        if (arc_is_handle(L, index)) {
            const arc_handle *handle = lua_touserdata(L, index);
            node->tag = ARC_HANDLE;
            node->as.integer = handle->slot;
            node->count = handle->type;
        }
        break;
    case LUA_TBOOLEAN:
        node->tag = ARC_BOOLEAN;
        node->as.integer = lua_toboolean(L, index);
        break;
    case LUA_TNIL:
        node->tag = ARC_NIL;
        break;
    case LUA_TTABLE:
        node->tag = ARC_TABLE;
        break;
    case LUA_TFUNCTION:
        node->tag = ARC_FUNCTION;
        break;
    default:
        node->tag = lua_touserdata(L, index) == &arc_null_key ? ARC_NULL : ARC_OTHER;
    }
}

// Whether it pushed the one value that most functions return.
static bool push_scalar(lua_State *L, const arc_value *node) {
    switch (node->tag) {
    case ARC_INTEGER:
        lua_pushinteger(L, node->as.integer);
        return true;
    case ARC_NUMBER:
        lua_pushnumber(L, node->as.number);
        return true;
    case ARC_BOOLEAN:
        lua_pushboolean(L, (int)node->as.integer);
        return true;
    case ARC_NIL:
        lua_pushnil(L);
        return true;
    default:
        return false;
    }
}

int arc_call_directly(lua_State *L, arc_machine *m, const arc_operation *op) {
    int count = lua_gettop(L);
    arc_value in_place[few], *arguments = in_place;
    // On the stack for as long as the call takes.
    if (count > few) arguments = lua_newuserdatauv(L, (size_t)count * sizeof(arc_value), 0);
    for (int i = 0; i < count; i++) read_plain(L, i + 1, &arguments[i]);
    arc_arena *results = arc_arena_take(m);
    if (results == NULL) return arc_raise_memory(L);
    int answer = m->host.enter_directly(op->function, arguments, (size_t)count, results);
    if (answer == ARC_RETURN && results->count == 1 && !results->failed && push_scalar(L, &results->nodes[0])) {
        arc_arena_give_back(m, results);
        return 1;
    }
    return arc_finish_call(L, m, results, answer == ARC_RAISE);
}
