// JSON text into Lua's tables: C++ makes a list of nodes of it, which lies in the machine's memory, and C makes tables of
// that. Nothing of it passes through the host.

#include <string.h>

#include "machine.h"

#define ARC_KNOWN_NAMES 64

// What the stack of `build` holds: the list, the table to fill (or nil), the text (or nil), the metatables, and the
// names that came last.
enum { AT_LIST = 1, AT_TABLE, AT_TEXT, AT_ARRAY, AT_OBJECT, AT_LAZY_ARRAY, AT_LAZY_OBJECT, AT_NAMES };

typedef struct {
    lua_State *L;
    arc_machine *m;
    const arc_json_node *next;
    const arc_json_node *known[ARC_KNOWN_NAMES];
} builder;

static void *resize(void *owner, void *block, size_t old, size_t size) { return arc_allocate(owner, block, old, size); }

static bool is_interrupted(void *owner) { return arc_must_end(owner); }

void arc_tape_read(arc_machine *m, arc_json_tape *tape, const char *text, size_t length, arc_json_options options) {
    *tape = m->spare_tape;
    m->spare_tape = (arc_json_tape){0};
    options.resize = resize;
    options.is_interrupted = is_interrupted;
    options.owner = m;
    arc_json_read(tape, text, length, &options);
}

void arc_tape_free(arc_machine *m) {
    arc_json_tape_free(&m->spare_tape, &(arc_json_options){.resize = resize, .owner = m});
}

// A short list is kept for the next text.
void arc_tape_give_back(arc_machine *m, arc_json_tape *tape) {
    if (tape->capacity <= 1024 && m->spare_tape.nodes == NULL) {
        m->spare_tape = *tape;
    } else {
        arc_json_tape_free(tape, &(arc_json_options){.resize = resize, .owner = m});
    }
}

static void push_string(builder *b, const arc_json_node *node) {
    if (!node->escaped) {
        lua_pushlstring(b->L, node->as.bytes, node->count);
        return;
    }
    luaL_Buffer buffer;
    char *to = luaL_buffinitsize(b->L, &buffer, node->count);
    luaL_pushresultsize(&buffer, arc_json_unescape(node, to));
}

// Objects within one text have the same few names, which Lua would hash each time.
static void push_name(builder *b, const arc_json_node *node) {
    if (node->count == 0 || node->count > 32 || node->escaped) {
        push_string(b, node);
        return;
    }
    const unsigned char *bytes = (const unsigned char *)node->as.bytes;
    unsigned mixed = node->count * 5u + bytes[0] + bytes[node->count - 1] * 3u + bytes[node->count / 2] * 7u;
    unsigned place = mixed % ARC_KNOWN_NAMES;
    const arc_json_node *known = b->known[place];
    if (known != NULL && known->count == node->count && memcmp(known->as.bytes, bytes, node->count) == 0) {
        lua_pushvalue(b->L, AT_NAMES + (int)place);
        return;
    }
    push_string(b, node);
    lua_copy(b->L, -1, AT_NAMES + (int)place);
    b->known[place] = node;
}

static int room_for(uint32_t count) { return count > INT32_MAX ? INT32_MAX : (int)count; }

static void push_value(builder *b);

static void push_table(builder *b, const arc_json_node *node) {
    lua_State *L = b->L;
    arc_poll(L, b->m);
    if (!lua_checkstack(L, 6)) arc_raise_memory(L);
    bool is_array = node->tag == ARC_JSON_ARRAY;
    lua_createtable(L, is_array ? room_for(node->count) : 0, is_array ? 0 : room_for(node->count));
    int table = lua_gettop(L);
    for (uint32_t i = 1; is_array && i <= node->count; i++) {
        push_value(b);
        lua_rawseti(L, table, (lua_Integer)i);
    }
    for (uint32_t i = 1; !is_array && i <= node->count; i++) {
        push_name(b, b->next++);
        push_value(b);
        lua_rawset(L, table);
    }
    lua_pushvalue(L, is_array ? AT_ARRAY : AT_OBJECT);
    lua_setmetatable(L, table);
}

// A table that says where in the text it lies. Nothing is made of one that is empty but the table.
static void push_part(builder *b, const arc_json_node *node) {
    lua_State *L = b->L;
    bool is_array = node->as.bytes[0] == '[', is_empty = node->count == 2;
    lua_createtable(L, 0, is_empty ? 0 : 1);
    if (!is_empty) {
        lua_pushvalue(L, AT_TEXT);
        lua_rawsetp(L, -2, node->as.bytes);
    }
    lua_pushvalue(L, (is_empty ? AT_ARRAY : AT_LAZY_ARRAY) + (is_array ? 0 : 1));
    lua_setmetatable(L, -2);
}

static void push_value(builder *b) {
    const arc_json_node *node = b->next++;
    switch (node->tag) {
    case ARC_JSON_BOOLEAN:
        lua_pushboolean(b->L, (int)node->as.integer);
        break;
    case ARC_JSON_INTEGER:
        lua_pushinteger(b->L, node->as.integer);
        break;
    case ARC_JSON_NUMBER:
        lua_pushnumber(b->L, node->as.number);
        break;
    case ARC_JSON_STRING:
        push_string(b, node);
        break;
    case ARC_JSON_ARRAY:
    case ARC_JSON_OBJECT:
        push_table(b, node);
        break;
    case ARC_JSON_PART:
        push_part(b, node);
        break;
    default:
        lua_pushlightuserdata(b->L, (void *)&arc_null_key);
    }
}

// What the table says of its text is dropped last: until then it can be filled anew. A finalizer that runs meanwhile may
// fill it first, and change what it found.
static void fill(builder *b, const arc_json_node *node) {
    lua_State *L = b->L;
    bool is_array = node->tag == ARC_JSON_ARRAY;
    uint64_t mine = ++b->m->fills;
    for (uint32_t i = 1; i <= node->count; i++) {
        if (!is_array) push_name(b, b->next++);
        push_value(b);
        if (b->m->fills != mine && !arc_is_lazy(L, b->m, AT_TABLE)) return;
        if (is_array) {
            lua_rawseti(L, AT_TABLE, (lua_Integer)i);
        } else {
            lua_rawset(L, AT_TABLE);
        }
    }
    lua_pushvalue(L, is_array ? AT_ARRAY : AT_OBJECT);
    lua_setmetatable(L, AT_TABLE);
}

static int build(lua_State *L) {
    static const char *const marks[] = {&arc_array_key, &arc_object_key, &arc_lazy_array_key, &arc_lazy_object_key};
    const arc_json_tape *tape = lua_touserdata(L, AT_LIST);
    builder b = {.L = L, .m = arc_machine_of(L), .next = tape->nodes};
    if (!lua_checkstack(L, AT_NAMES + ARC_KNOWN_NAMES + 6)) arc_raise_memory(L);
    for (int i = 0; i < 4; i++) lua_rawgetp(L, LUA_REGISTRYINDEX, marks[i]);
    lua_settop(L, AT_NAMES + ARC_KNOWN_NAMES - 1);
    if (lua_istable(L, AT_TABLE)) {
        fill(&b, b.next++);
        lua_pushvalue(L, AT_TABLE);
    } else {
        push_value(&b);
    }
    return 1;
}

// Takes the table to fill (or nil) and the text that it lies in (or nil) from the top of the stack, and leaves the value.
// The list is given back, also where an error is raised.
void arc_tape_push(lua_State *L, arc_machine *m, arc_json_tape *tape) {
    if (tape->failure == ARC_JSON_OUT_OF_MEMORY || tape->failure == ARC_JSON_INTERRUPTED) {
        bool killed = tape->failure == ARC_JSON_INTERRUPTED;
        arc_tape_give_back(m, tape);
        if (killed) arc_raise_killed(L);
        arc_raise_memory(L);
    }
    if (!lua_checkstack(L, 4)) {
        arc_tape_give_back(m, tape);
        arc_raise_memory(L);
    }
    lua_pushcfunction(L, build);
    lua_insert(L, -3);
    lua_pushlightuserdata(L, tape);
    lua_insert(L, -3);
    int status = lua_pcall(L, 3, 1, 0);
    arc_tape_give_back(m, tape);
    if (status != LUA_OK) lua_error(L);
}
