// Functions of `table` that go through as many elements as they are told: a kill ends them, whatever the table is made
// of. Elements are read and written as Lua does, with metamethods.

#include <limits.h>

#include "tables.h"

static bool stands_in(lua_State *L, int index, int use) {
    static const struct {
        int use;
        const char *name;
    } needed[] = {{ARC_READ, "__index"}, {ARC_WRITE, "__newindex"}, {ARC_LENGTH, "__len"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!(use & needed[i].use)) continue;
        if (luaL_getmetafield(L, index, needed[i].name) == LUA_TNIL) return false;
        lua_pop(L, 1);
    }
    return true;
}

void arc_check_table(lua_State *L, int index, int use) {
    if (lua_type(L, index) != LUA_TTABLE && !stands_in(L, index, use)) luaL_checktype(L, index, LUA_TTABLE);
}

lua_Integer arc_table_length(lua_State *L, int use) {
    arc_check_table(L, 1, use | ARC_LENGTH);
    return luaL_len(L, 1);
}

static int table_insert(lua_State *L) {
    lua_Integer end = (lua_Integer)((lua_Unsigned)arc_table_length(L, ARC_READ | ARC_WRITE) + 1), at = end;
    int count = lua_gettop(L);
    if (count == 3) {
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)at - 1 < (lua_Unsigned)end, 2, "position out of bounds");
        for (arc_turns turns = {0}; end > at; end--) {
            arc_turn(L, &turns);
            lua_geti(L, 1, end - 1);
            lua_seti(L, 1, end);
        }
    } else if (count != 2) {
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L) {
    lua_Integer length = arc_table_length(L, ARC_READ | ARC_WRITE), at = luaL_optinteger(L, 2, length);
    if (at != length) luaL_argcheck(L, (lua_Unsigned)at - 1 <= (lua_Unsigned)length, 1, "position out of bounds");
    lua_geti(L, 1, at);
    for (arc_turns turns = {0}; at < length; at++) {
        arc_turn(L, &turns);
        lua_geti(L, 1, at + 1);
        lua_seti(L, 1, at);
    }
    lua_pushnil(L);
    lua_seti(L, 1, at);
    return 1;
}

static int table_move(lua_State *L) {
    lua_Integer from = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    arc_check_table(L, 1, ARC_READ);
    arc_check_table(L, target, ARC_WRITE);
    if (last >= from) {
        luaL_argcheck(L, from > 0 || last < LUA_MAXINTEGER + from, 3, "too many elements to move");
        lua_Integer count = last - from + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        bool forward = to > last || to <= from || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
        arc_turns turns = {0};
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer at = forward ? i : count - 1 - i;
            arc_turn(L, &turns);
            lua_geti(L, 1, from + at);
            lua_seti(L, target, to + at);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

static int table_unpack(lua_State *L) {
    lua_Integer first = luaL_optinteger(L, 2, 1), last = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
    if (first > last) return 0;
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= INT_MAX || !lua_checkstack(L, (int)(count + 1))) return luaL_error(L, "too many results to unpack");
    arc_turns turns = {0};
    for (lua_Unsigned i = 0; i <= count; i++) {
        arc_turn(L, &turns);
        lua_geti(L, 1, (lua_Integer)((lua_Unsigned)first + i));
    }
    return (int)count + 1;
}

static int table_concat(lua_State *L) {
    lua_Integer last = arc_table_length(L, ARC_READ);
    size_t between;
    const char *separator = luaL_optlstring(L, 2, "", &between);
    lua_Integer at = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    arc_turns turns = {0};
    for (; at <= last; at++) {
        arc_turn(L, &turns);
        lua_geti(L, 1, at);
        if (!lua_isstring(L, -1)) {
            return luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), at);
        }
        luaL_addvalue(&buffer);
        if (at == last) break;
        luaL_addlstring(&buffer, separator, between);
    }
    luaL_pushresult(&buffer);
    return 1;
}

void arc_open_tables(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move}, {"unpack", table_unpack},
        {"concat", table_concat}, {"sort", arc_table_sort}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
