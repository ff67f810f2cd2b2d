// Functions of `string` that go through as many bytes as they are given: in pieces, between which a kill ends them.

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

#define PIECE ((size_t)1 << 20)
#define MOST_BYTES ((size_t)LUA_MAXINTEGER)

// Fills what is behind the first unit with that unit, from ever more of what is there.
static void repeat(lua_State *L, char *out, size_t unit, size_t total) {
    arc_machine *m = arc_machine_of(L);
    for (size_t done = unit; done < total;) {
        size_t offset = done % unit, count = done - offset;
        if (count > PIECE) count = PIECE;
        if (count > total - done) count = total - done;
        memcpy(out + done, out + offset, count);
        done += count;
        arc_poll(L, m);
    }
}

static int string_rep(lua_State *L) {
    size_t length, between;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &between);
    if (count <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (length + between < length || length + between > MOST_BYTES / (size_t)count) {
        return luaL_error(L, "resulting string too large");
    }
    size_t unit = length + between, total = unit * (size_t)count - between;
    if (total == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, total);
    memcpy(out, text, length);
    if (count > 1) {
        memcpy(out + length, separator, between);
        repeat(L, out, unit, total);
    }
    luaL_pushresultsize(&buffer, total);
    return 1;
}

// The bytes changed one by one. Inlined, so that `change` is.
static inline __attribute__((always_inline)) int changed(lua_State *L, int (*change)(int), bool backward) {
    arc_machine *m = arc_machine_of(L);
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, length);
    for (size_t done = 0; done < length; arc_poll(L, m)) {
        size_t stop = length - done > PIECE ? done + PIECE : length;
        for (; done < stop; done++) {
            unsigned char byte = (unsigned char)text[backward ? length - 1 - done : done];
            out[done] = (char)(change == NULL ? byte : change(byte));
        }
    }
    luaL_pushresultsize(&buffer, length);
    return 1;
}

static int string_lower(lua_State *L) { return changed(L, tolower, false); }

static int string_upper(lua_State *L) { return changed(L, toupper, false); }

static int string_reverse(lua_State *L) { return changed(L, NULL, true); }

// Lua's own function, which is the upvalue, with this call's arguments: its errors name this function then.
static int original(lua_State *L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

#define LONG_TEXT ((size_t)1 << 16)

static bool is_long(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TSTRING && lua_rawlen(L, index) > LONG_TEXT;
}

// As %q has it. A byte that isn't shown is told by its number, in three digits where a digit follows.
static void add_quoted(lua_State *L, luaL_Buffer *out, int index) {
    arc_machine *m = arc_machine_of(L);
    size_t length = lua_rawlen(L, index);
    const char *text = lua_tostring(L, index);
    luaL_addchar(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (i % LONG_TEXT == 0) arc_poll(L, m);
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\' || byte == '\n') {
            luaL_addchar(out, '\\');
            luaL_addchar(out, (char)byte);
        } else if (iscntrl(byte)) {
            char number[8];
            bool digit_follows = i + 1 < length && isdigit((unsigned char)text[i + 1]);
            int written = snprintf(number, sizeof number, digit_follows ? "\\%03d" : "\\%d", byte);
            luaL_addlstring(out, number, (size_t)written);
        } else {
            luaL_addchar(out, (char)byte);
        }
    }
    luaL_addchar(out, '"');
}

// Past a conversion that begins behind its %.
static const char *conversion_end(const char *p, const char *end) {
    while (p < end && strchr("-+ #0123456789.", *p) != NULL && *p != '\0') p++;
    return p < end ? p + 1 : end;
}

// string.format of what is long: each conversion on its own, and what is between them as it is.
static int format_in_pieces(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    int argument = 1, count = lua_gettop(L);
    size_t length;
    const char *p = lua_tolstring(L, 1, &length), *end = p + length;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    while (p < end) {
        arc_poll(L, m);
        const char *stop = end - p > (ptrdiff_t)LONG_TEXT ? p + LONG_TEXT : end;
        const char *escape = memchr(p, '%', (size_t)(stop - p));
        luaL_addlstring(&out, p, (size_t)((escape == NULL ? stop : escape) - p));
        p = escape == NULL ? stop : escape;
        if (escape == NULL) continue;
        p = conversion_end(escape + 1, end);
        if (p - escape == 2 && escape[1] == '%') {
            luaL_addchar(&out, '%');
            continue;
        }
        if (++argument > count) return luaL_argerror(L, argument, "no value");
        if (p - escape == 2 && escape[1] == 'q' && is_long(L, argument)) {
            add_quoted(L, &out, argument);
            continue;
        }
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushlstring(L, escape, (size_t)(p - escape));
        lua_pushvalue(L, argument);
        lua_call(L, 2, 1);
        luaL_addvalue(&out);
    }
    luaL_pushresult(&out);
    return 1;
}

// What takes long is a long format, and %q of a long string.
static int string_format(lua_State *L) {
    if (lua_type(L, 1) != LUA_TSTRING) return original(L);
    size_t length;
    const char *format = lua_tolstring(L, 1, &length);
    bool has_long = length > LONG_TEXT;
    if (!has_long && memchr(format, 'q', length) != NULL) {
        for (int i = lua_gettop(L); i > 1 && !has_long; i--) has_long = is_long(L, i);
    }
    return has_long ? format_in_pieces(L) : original(L);
}

// What a format of string.pack pads with, at most.
static lua_Unsigned fixed_sizes(const char *format, size_t length) {
    lua_Unsigned sum = 0, most = 1 << 30;
    for (size_t i = 0; i < length; i++) {
        if (format[i] != 'c') continue;
        lua_Unsigned size = 0;
        for (; i + 1 < length && isdigit((unsigned char)format[i + 1]); i++) {
            size = size > most ? size : size * 10 + (lua_Unsigned)(format[i + 1] - '0');
        }
        sum = sum > most ? sum : sum + size;
    }
    return sum;
}

// string.pack, packsize and unpack go through their formats byte by byte, and pad as they say.
static int with_format(lua_State *L) {
    static const size_t longest = (size_t)4 << 20;
    static const lua_Unsigned most = (lua_Unsigned)64 << 20;
    size_t length;
    const char *format = luaL_checklstring(L, 1, &length);
    if (length > longest) return luaL_argerror(L, 1, "a format longer than 4 MB");
    if (lua_toboolean(L, lua_upvalueindex(2)) && fixed_sizes(format, length) > most) {
        return luaL_argerror(L, 1, "fixed sizes (c) of more than 64 MB in all");
    }
    return original(L);
}

// Puts a function in front of the one of that name, in the table on the top.
static void wrap(lua_State *L, const char *name, lua_CFunction function, bool flag) {
    lua_getfield(L, -1, name);
    lua_pushboolean(L, flag);
    lua_pushcclosure(L, function, 2);
    lua_setfield(L, -2, name);
}

void arc_open_strings(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"rep", string_rep}, {"lower", string_lower}, {"upper", string_upper}, {"reverse", string_reverse},
        {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
    wrap(L, "format", string_format, false);
    wrap(L, "pack", with_format, true);
    wrap(L, "packsize", with_format, false);
    wrap(L, "unpack", with_format, false);
}
