// Tables on their way out of Lua as JSON text, without a node for each of their parts. As in encode.c no Lua code
// runs in here, and nothing starts a step of the collector.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

typedef struct {
    lua_State *L;
    arc_machine *m;
    arc_json_layout layout;
    int depth;
    size_t begin;  // of the text, among the machine's
    arc_json_problem *problem;
} walk;

static bool write_value(walk *w, int index);

void arc_texts_clear(arc_machine *m) {
    m->texts.used = 0;
    if (m->texts.size <= (m->limit == 0 ? (size_t)1 << 25 : (size_t)1 << 20)) return;
    arc_allocate(m, m->texts.bytes, m->texts.size, 0);
    m->texts = (arc_texts){0};
}

static void grow(walk *w, size_t wanted) {
    arc_texts *texts = &w->m->texts;
    size_t length = texts->used - w->begin, size = texts->used * 2 + wanted + 4096;
    if (length > ARC_MAX_JSON) luaL_error(w->L, "a value is too large for JSON (more than %d MB)", (int)(length >> 20));
    if (size > ARC_MAX_TEXTS) luaL_error(w->L, "values are too large to leave Lua (%I bytes)", (lua_Integer)texts->used);
    char *bytes = arc_allocate(w->m, texts->bytes, texts->size, size);
    if (bytes == NULL) arc_raise_memory(w->L);
    texts->bytes = bytes;
    texts->size = size;
}

// Room for that many bytes more, behind what is there.
static inline char *room(walk *w, size_t wanted) {
    arc_texts *texts = &w->m->texts;
    if (wanted > texts->size - texts->used) grow(w, wanted);
    return texts->bytes + texts->used;
}

static void put(walk *w, const char *bytes, size_t length) {
    memcpy(room(w, length), bytes, length);
    w->m->texts.used += length;
}

static void put_byte(walk *w, char byte) {
    *room(w, 1) = byte;
    w->m->texts.used++;
}

// What is wrong, and where: the places are put before it on the way out.
static bool refuse(walk *w, const char *what) {
    w->problem->what = what;
    w->problem->is_handle = false;
    w->problem->place[0] = 0;
    return false;
}

static void add_place(walk *w, const char *before, const char *name, size_t length, const char *behind) {
    char *place = w->problem->place;
    size_t rest = strlen(place), first = strlen(before), last = strlen(behind);
    if (first + length + last + rest + 1 > sizeof w->problem->place) {
        if (rest + 4 > sizeof w->problem->place || place[0] == '~') return;
        before = "~";
        first = 1;
        length = last = 0;
    }
    memmove(place + first + length + last, place, rest + 1);
    memcpy(place, before, first);
    memcpy(place + first, name, length);
    memcpy(place + first + length, behind, last);
}

// The rest of a string, from its first byte that isn't plain; false where it isn't UTF-8.
static bool write_rest(walk *w, const char *bytes, size_t length) {
    enum { block = 1 << 16 };
    char *begin = NULL, *to = NULL;
    for (size_t at = 0, end = 0; at < length;) {
        if (at >= end) {
            if (to != NULL) w->m->texts.used += (size_t)(to - begin);
            end = length - at > block ? at + block : length;
            // Each byte may become six; the last character may lie across the end.
            begin = to = room(w, (end - at) * 6 + 4);
        }
        size_t count = arc_json_copy_plain(to, bytes + at, end - at);
        to += count;
        at += count;
        if (at == end) continue;
        unsigned char byte = (unsigned char)bytes[at];
        if (byte < 0x80) {
            to += arc_json_escape(byte, to);
            at++;
            continue;
        }
        count = arc_json_character(bytes + at, length - at);
        if (count == 0) return false;
        memcpy(to, bytes + at, count);
        to += count;
        at += count;
    }
    w->m->texts.used += (size_t)(to - begin);
    return true;
}

// With what stands before and behind it.
static bool write_string(walk *w, int index, const char *before, const char *behind) {
    size_t length;
    const char *bytes = lua_tolstring(w->L, index, &length);
    char *begin = room(w, length + 8), *to = begin;
    while (*before != 0) *to++ = *before++;
    size_t plain = arc_json_copy_plain(to, bytes, length);
    to += plain;
    if (plain < length) {
        w->m->texts.used += (size_t)(to - begin);
        if (!write_rest(w, bytes + plain, length - plain)) return false;
        begin = to = room(w, 4);
    }
    while (*behind != 0) *to++ = *behind++;
    w->m->texts.used += (size_t)(to - begin);
    return true;
}

static void write_integer(walk *w, int64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) put_byte(w, '-');
    put(w, digits + at, sizeof digits - at);
}

static bool write_number(walk *w, double value) {
    if (isfinite(value)) {
        w->m->texts.used += arc_json_number_text(value, room(w, ARC_JSON_NUMBER_SIZE));
        return true;
    }
    const char *name = isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
    if (!w->layout.allows_nan) return refuse(w, isnan(value) ? "NaN isn't a number in JSON" : "infinity isn't a number in JSON");
    put(w, name, strlen(name));
    return true;
}

static void break_line(walk *w) {
    if (w->layout.indent == 0) return;
    size_t length = 1 + (size_t)w->layout.indent * (size_t)w->depth;
    char *to = room(w, length);
    to[0] = '\n';
    memset(to + 1, ' ', length - 1);
    w->m->texts.used += length;
}

static bool write_item(walk *w, int item, lua_Unsigned place) {
    if (place > 1) put_byte(w, ',');
    break_line(w);
    if (write_value(w, item)) return true;
    char digits[24];
    add_place(w, "[", digits, (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)place), "]");
    return false;
}

// Whether a table has no key but 1 to `count`.
static bool has_only_items(walk *w, int index, lua_Unsigned count) {
    lua_State *L = w->L;
    int top = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        lua_Integer number = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (number < 1 || (lua_Unsigned)number > count) return false;
    }
    lua_settop(L, top);
    return true;
}

// The items, which mostly come in their order and alone; the rest of those that don't are looked up one by one. None is
// ever written twice: where many tables lie within each other that would take for ever.
static bool write_items(walk *w, int index, lua_Unsigned count) {
    lua_State *L = w->L;
    int key = lua_gettop(L) + 1;
    lua_Unsigned done = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (!lua_isinteger(L, key) || (lua_Unsigned)lua_tointeger(L, key) != done + 1 || done == count) break;
        if (!write_item(w, key + 1, ++done)) return false;
        lua_settop(L, key);
    }
    bool is_all = lua_gettop(L) < key;
    lua_settop(L, key - 1);
    if (is_all) return true;
    if (!has_only_items(w, index, count)) return refuse(w, "a table has both items and other fields");
    while (done < count) {
        lua_rawgeti(L, index, (lua_Integer)done + 1);
        if (!write_item(w, key, ++done)) return false;
        lua_settop(L, key - 1);
    }
    return true;
}

static bool write_array(walk *w, int index, lua_Unsigned count) {
    put_byte(w, '[');
    w->depth++;
    if (!write_items(w, index, count)) return false;
    w->depth--;
    if (count > 0) break_line(w);
    put_byte(w, ']');
    return true;
}

// A field whose name and value are there.
static bool write_field(walk *w, int name, int value, bool is_first) {
    if (lua_type(w->L, name) != LUA_TSTRING) return refuse(w, "a field's name isn't a string");
    bool is_pretty = w->layout.indent > 0;
    if (is_pretty) {
        if (!is_first) put_byte(w, ',');
        break_line(w);
    }
    if (!write_string(w, name, is_pretty || is_first ? "\"" : ",\"", is_pretty ? "\": " : "\":")) {
        return refuse(w, "a field's name isn't valid UTF-8");
    }
    if (write_value(w, value)) return true;
    size_t length;
    const char *bytes = lua_tolstring(w->L, name, &length);
    add_place(w, ".", bytes, length, "");
    return false;
}

static bool write_fields(walk *w, int index) {
    lua_State *L = w->L;
    int name = lua_gettop(L) + 1;
    bool is_first = true;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (!write_field(w, name, name + 1, is_first)) return false;
        is_first = false;
        lua_settop(L, name);
    }
    return true;
}

static int compare_names(const void *one, const void *other) {
    const arc_name *a = one, *b = other;
    int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : a->length < b->length ? -1 : a->length > b->length;
}

// Room for one more among the names that are being put in order.
static arc_name *add_name(walk *w) {
    arc_machine *m = w->m;
    if (m->name_count == m->name_capacity) {
        size_t capacity = m->name_capacity * 2 + 32;
        void *names = arc_allocate(m, m->names, m->name_capacity * sizeof(arc_name), capacity * sizeof(arc_name));
        if (names == NULL) arc_raise_memory(w->L);
        m->names = names;
        m->name_capacity = capacity;
    }
    return &m->names[m->name_count++];
}

// In the order of the names' bytes. The stack holds them all meanwhile.
static bool write_sorted_fields(walk *w, int index) {
    lua_State *L = w->L;
    size_t first = w->m->name_count;
    int top = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) return refuse(w, "a field's name isn't a string");
        luaL_checkstack(L, 4, "too many fields to put in order");
        arc_name *name = add_name(w);
        name->at = lua_gettop(L);
        name->bytes = lua_tolstring(L, -1, &name->length);
        lua_pushvalue(L, -1);
    }
    size_t count = w->m->name_count - first;
    if (count > 0) qsort(w->m->names + first, count, sizeof(arc_name), compare_names);
    luaL_checkstack(L, 2 * ARC_MAX_DEPTH + 6, "too many fields to put in order");
    for (size_t i = 0; i < count; i++) {
        int name = w->m->names[first + i].at;
        lua_pushvalue(L, name);
        lua_rawget(L, index);
        if (!write_field(w, name, lua_gettop(L), i == 0)) return false;
        lua_pop(L, 1);
    }
    w->m->name_count = first;
    lua_settop(L, top);
    return true;
}

static bool write_object(walk *w, int index) {
    put_byte(w, '{');
    size_t begin = w->m->texts.used;
    w->depth++;
    if (!(w->layout.sorts_names ? write_sorted_fields(w, index) : write_fields(w, index))) return false;
    w->depth--;
    if (w->m->texts.used > begin) break_line(w);
    put_byte(w, '}');
    return true;
}

// The rules are those of LuaBridge's JSONWriter. A table that contains itself ends at the greatest depth.
static bool write_table(walk *w, int index) {
    if (w->depth == ARC_MAX_DEPTH) return refuse(w, "tables are nested too deep, or contain themselves");
    arc_poll(w->L, w->m);
    uint8_t mark = arc_mark_of(w->L, w->m, index);
    if (mark == ARC_LAZY) {
        arc_force_quietly(w->L, w->m, index);
        mark = arc_mark_of(w->L, w->m, index);
    }
    lua_Unsigned count = lua_rawlen(w->L, index);
    if (mark == ARC_ARRAY || (count > 0 && mark != ARC_OBJECT)) return write_array(w, index, count);
    if (count > 0) return refuse(w, "an object has items without names");
    return write_object(w, index);
}

static bool refuse_type(walk *w, int index) {
    switch (lua_type(w->L, index)) {
    case LUA_TFUNCTION: return refuse(w, "a function can't be written");
    case LUA_TTHREAD: return refuse(w, "a coroutine can't be written");
    default: break;
    }
    refuse(w, "a userdata can't be written");
    w->problem->is_handle = arc_is_handle(w->L, index);
    return false;
}

static bool write_value(walk *w, int index) {
    switch (lua_type(w->L, index)) {
    case LUA_TNIL:
        put(w, "null", 4);
        return true;
    case LUA_TBOOLEAN:
        if (lua_toboolean(w->L, index)) {
            put(w, "true", 4);
        } else {
            put(w, "false", 5);
        }
        return true;
    case LUA_TNUMBER:
        if (!lua_isinteger(w->L, index)) return write_number(w, lua_tonumber(w->L, index));
        write_integer(w, lua_tointeger(w->L, index));
        return true;
    case LUA_TSTRING:
        return write_string(w, index, "\"", "\"") || refuse(w, "a string isn't valid UTF-8");
    case LUA_TTABLE:
        return write_table(w, index);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(w->L, index) != &arc_null_key) return refuse_type(w, index);
        put(w, "null", 4);
        return true;
    default:
        return refuse_type(w, index);
    }
}

bool arc_write_json(lua_State *L, arc_machine *m, int index, arc_json_layout layout, arc_json_problem *problem) {
    // Key and value at each depth, and what looking at a table takes.
    if (!lua_checkstack(L, 2 * ARC_MAX_DEPTH + 6)) arc_raise_memory(L);
    walk w = {.L = L, .m = m, .layout = layout, .begin = m->texts.used, .problem = problem};
    int top = lua_gettop(L);
    size_t used = m->texts.used;
    m->name_count = 0;
    bool fits = write_value(&w, lua_absindex(L, index));
    lua_settop(L, top);
    if (!fits) m->texts.used = used;
    return fits;
}
