// utf8.len and utf8.offset, which go through as many bytes as they are given: a kill ends them.

#include "machine.h"

#define BYTES_PER_POLL 65536

static bool is_continuation(const char *s) { return ((unsigned char)*s & 0xC0) == 0x80; }

static lua_Integer from_start(lua_Integer position, size_t length) {
    if (position >= 0) return position;
    return (lua_Unsigned)-position > length ? 0 : (lua_Integer)length + position + 1;
}

// Past the sequence at `s`, NULL where there is none. Behind the text is a byte that continues nothing.
static const char *sequence_end(const char *s, bool strict) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
    uint32_t lead = (unsigned char)*s;
    if (lead < 0x80) return s + 1;
    int more = __builtin_clz(~(lead << 24)) - 1;  // the ones that it begins with tell the length
    if (more < 1 || more > 5) return NULL;
    uint32_t code = lead & (0x3Fu >> more);
    for (int i = 1; i <= more; i++) {
        if (!is_continuation(s + i)) return NULL;
        code = (code << 6) | ((unsigned char)s[i] & 0x3Fu);
    }
    if (code < least[more]) return NULL;
    if (strict && (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))) return NULL;
    return s + more + 1;
}

// utf8.len(s [, i [, j [, lax]]])
static int utf8_len(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer first = from_start(luaL_optinteger(L, 2, 1), length);
    lua_Integer last = from_start(luaL_optinteger(L, 3, -1), length);
    bool strict = !lua_toboolean(L, 4);
    luaL_argcheck(L, 1 <= first && first - 1 <= (lua_Integer)length, 2, "initial position out of bounds");
    luaL_argcheck(L, last - 1 < (lua_Integer)length, 3, "final position out of bounds");
    lua_Integer count = 0;
    for (const char *s = text + first - 1; s < text + last; count++) {
        if (count % BYTES_PER_POLL == 0) arc_poll(L, m);
        const char *next = sequence_end(s, strict);
        if (next == NULL) {
            lua_pushnil(L);
            lua_pushinteger(L, s - text + 1);
            return 2;
        }
        s = next;
    }
    lua_pushinteger(L, count);
    return 1;
}

// Goes on past as many sequences as there are until `n` is 0.
static const char *go_on(lua_State *L, const char *s, const char *end, lua_Integer *n) {
    while (*n > 0 && s < end) {
        const char *stop = end - s > BYTES_PER_POLL ? s + BYTES_PER_POLL : end;
        while (*n > 0 && s < stop) *n -= !is_continuation(++s);
        arc_poll(L, arc_machine_of(L));
    }
    return s;
}

static const char *go_back(lua_State *L, const char *s, const char *start, lua_Integer *n) {
    while (*n < 0 && s > start) {
        const char *stop = s - start > BYTES_PER_POLL ? s - BYTES_PER_POLL : start;
        while (*n < 0 && s > stop) *n += --s == start || !is_continuation(s);
        arc_poll(L, arc_machine_of(L));
    }
    return s;
}

// utf8.offset(s, n [, i])
static int utf8_offset(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length), *end = text + length;
    lua_Integer n = luaL_checkinteger(L, 2);
    lua_Integer start = luaL_optinteger(L, 3, n >= 0 ? 1 : (lua_Integer)length + 1);
    lua_Integer at = from_start(start, length) - 1;
    luaL_argcheck(L, 0 <= at && at <= (lua_Integer)length, 3, "position out of bounds");
    const char *s = text + at;
    if (n == 0) {
        // To the beginning of the sequence that it is within.
        if (s > text && is_continuation(s)) n = -1;
    } else if (is_continuation(s)) {
        return luaL_error(L, "initial position is a continuation byte");
    } else if (n > 0) {
        n--;
    }
    s = n < 0 ? go_back(L, s, text, &n) : go_on(L, s, end, &n);
    if (n == 0) {
        lua_pushinteger(L, s - text + 1);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

void arc_open_utf8(lua_State *L) {
    static const luaL_Reg functions[] = {{"len", utf8_len}, {"offset", utf8_offset}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
