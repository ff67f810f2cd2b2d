// table.sort: quicksort whose every comparison may end with a kill.

#include <limits.h>

#include "tables.h"

typedef struct {
    lua_State *L;
    arc_turns turns;
    uint32_t seed;  // of the choice of pivots, once halves were uneven
} sorting;

// The table is at index 1, the order or nil at 2.
static bool is_less(sorting *s, int a, int b) {
    lua_State *L = s->L;
    arc_turn(L, &s->turns);
    if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a - 1);
    lua_pushvalue(L, b - 2);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

// The two values on the top become those at `i` and `j`: the upper one at `i`.
static void set_both(lua_State *L, lua_Unsigned i, lua_Unsigned j) {
    lua_seti(L, 1, (lua_Integer)i);
    lua_seti(L, 1, (lua_Integer)j);
}

static void order(sorting *s, lua_Unsigned low, lua_Unsigned high) {
    lua_geti(s->L, 1, (lua_Integer)low);
    lua_geti(s->L, 1, (lua_Integer)high);
    if (is_less(s, -1, -2)) {
        set_both(s->L, low, high);
    } else {
        lua_pop(s->L, 2);
    }
}

static lua_Unsigned choose_pivot(sorting *s, lua_Unsigned low, lua_Unsigned high) {
    lua_Unsigned size = high - low;
    if (s->seed == 0 || size < 100) return low + size / 2;
    s->seed = s->seed * 1664525 + 1013904223;
    return low + size / 4 + s->seed % (size / 2);
}

static void complain(lua_State *L) { luaL_error(L, "invalid order function for sorting"); }

// The pivot's value is on the top, and at high - 1; what is at `low` isn't greater, what is at `high` isn't less.
// Returns where the pivot comes to be.
static lua_Unsigned part(sorting *s, lua_Unsigned low, lua_Unsigned high) {
    lua_State *L = s->L;
    lua_Unsigned i = low, j = high - 1;
    for (;;) {
        while (lua_geti(L, 1, (lua_Integer)++i), is_less(s, -1, -2)) {
            if (i == high - 1) complain(L);
            lua_pop(L, 1);
        }
        while (lua_geti(L, 1, (lua_Integer)--j), is_less(s, -3, -1)) {
            if (j < i) complain(L);
            lua_pop(L, 1);
        }
        if (j < i) break;
        set_both(L, i, j);
    }
    lua_pop(L, 1);                              // what is at j
    lua_geti(L, 1, (lua_Integer)(high - 1));
    set_both(L, i, high - 1);
    lua_pop(L, 1);
    return i;
}

static void sort(sorting *s, lua_Unsigned low, lua_Unsigned high) {
    lua_State *L = s->L;
    while (low < high) {
        order(s, low, high);
        if (high - low == 1) return;
        lua_Unsigned pivot = choose_pivot(s, low, high);
        order(s, low, pivot);
        order(s, pivot, high);
        if (high - low == 2) return;
        lua_geti(L, 1, (lua_Integer)pivot);
        lua_pushvalue(L, -1);
        lua_geti(L, 1, (lua_Integer)(high - 1));
        set_both(L, pivot, high - 1);
        pivot = part(s, low, high);
        // The smaller part within this call, so that calls within each other stay few.
        lua_Unsigned below = pivot - low, above = high - pivot, size = high - low;
        if (below < above) {
            sort(s, low, pivot - 1);
            low = pivot + 1;
        } else {
            sort(s, pivot + 1, high);
            high = pivot - 1;
        }
        if ((below < above ? below : above) < size / 16) s->seed |= 1;
    }
}

int arc_table_sort(lua_State *L) {
    lua_Integer length = arc_table_length(L, ARC_READ | ARC_WRITE);
    if (length < 2) return 0;
    luaL_argcheck(L, length < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    luaL_checkstack(L, 40 * 4, "table.sort");
    sorting s = {L, {0}, 0};
    sort(&s, 1, (lua_Unsigned)length);
    return 0;
}
