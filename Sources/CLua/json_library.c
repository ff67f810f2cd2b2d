// host.json: JSON to and from Lua without a word of it in the host. What these functions don't know, from an option that
// doesn't exist to a text that is no JSON, they leave to the host's function that each has as its upvalue: it does the same,
// more slowly, and says what is wrong.

#include <string.h>

#include "machine.h"

// From this length on what comes of a text is made without the collector, which would mark the tables again and again
// while they grow. It gets its turn when so much was made.
#define ARC_LONG_JSON ((size_t)1 << 16)
#define ARC_MOST_UNCOLLECTED ((size_t)1 << 26)

static int call_host(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

// Takes an option from the top of the stack. False where it isn't what it should be.
static bool take_flag(lua_State *L, bool *flag) {
    if (!lua_isboolean(L, -1)) return false;
    *flag = lua_toboolean(L, -1);
    return true;
}

static bool take_count(lua_State *L, lua_Integer least, lua_Integer most, lua_Integer *count) {
    if (!lua_isinteger(L, -1)) return false;
    *count = lua_tointeger(L, -1);
    return *count >= least && *count <= most;
}

typedef bool (*option_reader)(lua_State *L, const char *name, void *options);

// Options at index 2, if any, and nothing behind them.
static bool read_options(lua_State *L, option_reader read, void *options) {
    if (lua_gettop(L) > 2) return false;
    if (lua_isnoneornil(L, 2)) return true;
    if (!lua_istable(L, 2)) return false;
    arc_force(L, arc_machine_of(L), 2);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        bool known = lua_type(L, -2) == LUA_TSTRING && read(L, lua_tostring(L, -2), options);
        lua_pop(L, 1);
        if (known) continue;
        lua_pop(L, 1);
        return false;
    }
    return true;
}

typedef struct {
    lua_Integer depth, size;
    bool nan;
} reading;

static bool reading_option(lua_State *L, const char *name, void *options) {
    reading *r = options;
    if (strcmp(name, "nan") == 0) return take_flag(L, &r->nan);
    if (strcmp(name, "max_depth") == 0) return take_count(L, 1, 1000, &r->depth);
    if (strcmp(name, "max_size") == 0) return take_count(L, 1, INT64_MAX, &r->size);
    return false;
}

static void read_text(lua_State *L, arc_machine *m, arc_json_tape *tape, const reading *r) {
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    arc_json_options options = {.maximum_depth = (size_t)r->depth, .allows_nan = r->nan};
    arc_tape_read(m, tape, text, length, options);
    if (tape->failure != ARC_JSON_OUT_OF_MEMORY) return;
    arc_tape_give_back(m, tape);
    lua_gc(L, LUA_GCCOLLECT);
    arc_tape_read(m, tape, text, length, options);
}

static int build(lua_State *L) {
    lua_pushnil(L);
    lua_pushnil(L);
    arc_tape_push(L, arc_machine_of(L), lua_touserdata(L, 1));
    return 1;
}

// As Lua itself, this collects when what is in use has doubled; a lack of memory does so anyway.
static void collect_now_and_then(lua_State *L, arc_machine *m, size_t before) {
    if (before < m->used_uncollected) m->uncollected = 0;
    if (m->used > before) m->uncollected += m->used - before;
    m->used_uncollected = m->used;
    if (m->uncollected < ARC_MOST_UNCOLLECTED || m->uncollected < m->used / 2) return;
    lua_gc(L, LUA_GCCOLLECT);
    m->uncollected = 0;
    m->used_uncollected = m->used;
}

// Calls a function that takes the pointer and leaves one value; `before` is what was in use.
static void call_without_collector(
    lua_State *L, arc_machine *m, lua_CFunction function, void *argument, size_t before) {
    bool runs = lua_gc(L, LUA_GCISRUNNING) == 1;
    if (runs) lua_gc(L, LUA_GCSTOP);
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, argument);
    int status = lua_pcall(L, 1, 1, 0);
    if (runs) {
        lua_gc(L, LUA_GCRESTART);
        collect_now_and_then(L, m, before);
    }
    if (status != LUA_OK) lua_error(L);
}

static int decode(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    reading r = {.depth = ARC_MAX_DEPTH, .size = INT64_MAX};
    bool is_text = lua_type(L, 1) == LUA_TSTRING && read_options(L, reading_option, &r);
    size_t length = is_text ? lua_rawlen(L, 1) : 0;
    if (!is_text || length > (lua_Unsigned)r.size) return call_host(L);
    arc_json_tape tape;
    read_text(L, m, &tape, &r);
    if (tape.failure != ARC_JSON_FINE && tape.failure < ARC_JSON_OUT_OF_MEMORY) {
        arc_tape_give_back(m, &tape);
        return call_host(L);
    }
    if (length >= ARC_LONG_JSON) {
        // The list goes when the tables are made.
        call_without_collector(L, m, build, &tape, m->used - tape.capacity * sizeof(arc_json_node));
        return 1;
    }
    lua_pushnil(L);
    lua_pushnil(L);
    arc_tape_push(L, m, &tape);
    return 1;
}

static bool layout_option(lua_State *L, const char *name, void *options) {
    arc_json_layout *layout = options;
    if (strcmp(name, "nan") == 0) return take_flag(L, &layout->allows_nan);
    if (strcmp(name, "sort_keys") == 0) return take_flag(L, &layout->sorts_names);
    bool is_pretty = false;
    if (strcmp(name, "pretty") != 0 || !take_flag(L, &is_pretty)) return false;
    layout->indent = is_pretty ? 2 : 0;
    return true;
}

static int push_text(lua_State *L) {
    const arc_machine *m = lua_touserdata(L, 1);
    lua_pushlstring(L, m->texts.bytes, m->texts.used);
    return 1;
}

static int encode(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    arc_json_layout layout = {0};
    if (lua_isnoneornil(L, 1) || !read_options(L, layout_option, &layout)) return call_host(L);
    arc_json_problem problem;
    arc_texts_clear(m);
    if (!arc_write_json(L, m, 1, layout, &problem)) {
        if (problem.is_handle) return call_host(L);
        lua_pushfstring(L, "JSON, at $%s: %s", problem.place, problem.what);
        return arc_raise_error(L, "json_unsupported");
    }
    if (m->texts.used >= ARC_LONG_JSON) {
        call_without_collector(L, m, push_text, m, m->used);
    } else {
        lua_pushlstring(L, m->texts.bytes, m->texts.used);
    }
    arc_texts_clear(m);
    return 1;
}

static int with_host(lua_State *L, lua_CFunction function) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_pushcclosure(L, function, 1);
    return 1;
}

static int make_decode(lua_State *L) { return with_host(L, decode); }
static int make_encode(lua_State *L) { return with_host(L, encode); }

void arc_open_json(lua_State *L) {
    static const luaL_Reg functions[] = {{"decode", make_decode}, {"encode", make_encode}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_setfield(L, -2, "json");
}
