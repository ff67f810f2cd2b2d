// Tables on their way out of Lua as JSON text, without a node for each of their parts. As in encode.c no Lua code
// runs in here, and nothing starts a step of the collector.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arc_json.h"
#include "machine.h"

typedef struct {
    lua_State *L;
    arc_machine *m;
    int depth;
    size_t begin;  // of the text, among the machine's
} walk;

static bool write_value(walk *w, int index);

// Room for that many bytes more, behind what is there.
static char *room(walk *w, size_t wanted) {
    arc_texts *texts = &w->m->texts;
    if (wanted > texts->size - texts->used) {
        size_t length = texts->used - w->begin, size = texts->used * 2 + wanted + 4096;
        if (length > ARC_MAX_JSON) luaL_error(w->L, "a value is too large for JSON (more than %d MB)", (int)(length >> 20));
        char *bytes = size > ARC_MAX_TEXTS ? NULL : realloc(texts->bytes, size);
        if (bytes == NULL) luaL_error(w->L, "values are too large to leave Lua (%I bytes)", (lua_Integer)texts->used);
        texts->bytes = bytes;
        texts->size = size;
    }
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

// What a byte of a string becomes: 0 itself, 'u' four digits of its number, 'x' a part of a longer character,
// others behind a backslash.
static const char escapes[256] = {
    ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
#define U8(at) [at] = 'u'
    U8(0), U8(1), U8(2), U8(3), U8(4), U8(5), U8(6), U8(7), U8(11), U8(14), U8(15), U8(16), U8(17), U8(18), U8(19),
    U8(20), U8(21), U8(22), U8(23), U8(24), U8(25), U8(26), U8(27), U8(28), U8(29), U8(30), U8(31),
#undef U8
    [0x80 ... 0xff] = 'x',
};

// Whether none of eight bytes needs an escape or a look.
static bool is_plain(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    // A byte below 32 borrows from its high bit; so does a zero left by the exclusive or.
    uint64_t low = (word - ones * 0x20) | (quote - ones) | (slash - ones);
    return ((low | word) & highs) == 0;
}

// Copies what comes before the first byte that needs an escape or a look; its length. Writes nowhere else.
static size_t copy_plain(char *to, const char *bytes, size_t length) {
    size_t at = 0;
    for (uint64_t word; at + 8 <= length; at += 8) {
        memcpy(&word, bytes + at, 8);
        if (!is_plain(word)) break;
        memcpy(to + at, &word, 8);
    }
    for (; at < length && escapes[(unsigned char)bytes[at]] == 0; at++) to[at] = bytes[at];
    return at;
}

// The bytes of the character of several bytes that begins there, 0 where it isn't UTF-8 (RFC 3629, section 4).
static size_t character(const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0], low = 0x80, high = 0xbf;
    size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || count > length) return 0;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    if (bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < count; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    }
    return count;
}

static char *write_escape(char *to, unsigned char byte) {
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '\\';
    *to++ = escapes[byte];
    if (escapes[byte] == 'u') {
        *to++ = '0';
        *to++ = '0';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return to;
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
        size_t count = copy_plain(to, bytes + at, end - at);
        to += count;
        at += count;
        if (at == end) continue;
        unsigned char byte = (unsigned char)bytes[at];
        if (escapes[byte] != 'x') {
            to = write_escape(to, byte);
            at++;
            continue;
        }
        count = character(bytes + at, length - at);
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
    size_t plain = copy_plain(to, bytes, length);
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
    if (!isfinite(value)) return false;
    w->m->texts.used += arc_json_number_text(value, room(w, ARC_JSON_NUMBER_SIZE));
    return true;
}

// Whether a table has no key but 1 to `count`.
static bool has_only_items(walk *w, int index, lua_Unsigned count) {
    lua_State *L = w->L;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        lua_Integer number = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (number < 1 || (lua_Unsigned)number > count) return false;
    }
    return true;
}

// A part is never written twice: where many lie within each other that would take for ever.
static bool write_array(walk *w, int index, lua_Unsigned count) {
    lua_State *L = w->L;
    int top = lua_gettop(L);
    bool fits = has_only_items(w, index, count);
    lua_settop(L, top);
    if (!fits) return false;
    put_byte(w, '[');
    for (lua_Unsigned i = 1; i <= count; i++) {
        if (i > 1) put_byte(w, ',');
        lua_rawgeti(L, index, (lua_Integer)i);
        if (!write_value(w, top + 1)) return false;
        lua_settop(L, top);
    }
    put_byte(w, ']');
    return true;
}

static bool write_object(walk *w, int index) {
    lua_State *L = w->L;
    int key = lua_gettop(L) + 1;
    const char *before = "{\"";
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, key) != LUA_TSTRING || !write_string(w, key, before, "\":")) return false;
        before = ",\"";
        if (!write_value(w, key + 1)) return false;
        lua_settop(L, key);
    }
    if (*before == '{') put_byte(w, '{');
    put_byte(w, '}');
    return true;
}

// The rules are those of LuaBridge's JSONWriter. A table that contains itself ends at the greatest depth.
static bool write_table(walk *w, int index) {
    if (w->depth == ARC_MAX_DEPTH) return false;
    if (arc_is_killed(w->m)) arc_raise_killed(w->L);
    w->depth++;
    uint8_t mark = arc_mark_of(w->L, w->m, index);
    lua_Unsigned count = lua_rawlen(w->L, index);
    bool is_array = mark == ARC_ARRAY || (count > 0 && mark != ARC_OBJECT);
    bool fits = is_array ? write_array(w, index, count) : count == 0 && write_object(w, index);
    w->depth--;
    return fits;
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
        return write_string(w, index, "\"", "\"");
    case LUA_TTABLE:
        return write_table(w, index);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(w->L, index) != &arc_null_key) return false;
        put(w, "null", 4);
        return true;
    default:
        return false;
    }
}

bool arc_write_json(lua_State *L, arc_machine *m, int index) {
    // Key and value at each depth, and what looking at a table takes.
    if (!lua_checkstack(L, 2 * ARC_MAX_DEPTH + 6)) return false;
    walk w = {.L = L, .m = m, .depth = 0, .begin = m->texts.used};
    int top = lua_gettop(L);
    size_t used = m->texts.used;
    bool fits = write_table(&w, index);
    lua_settop(L, top);
    if (!fits) m->texts.used = used;
    return fits;
}
