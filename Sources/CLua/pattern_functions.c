// string.find, match, gmatch and gsub on the matcher of patterns.c.

#include <ctype.h>
#include <string.h>

#include "patterns.h"

static void begin(arc_matcher *x, lua_State *L, const char *subject, size_t length, const char *pattern_end) {
    x->L = L;
    x->machine = arc_machine_of(L);
    x->subject = subject;
    x->end = subject + length;
    x->pattern_end = pattern_end;
    x->steps = ARC_STEPS_PER_POLL;
}

static const char *match_at(arc_matcher *x, const char *s, const char *p) {
    x->depth = ARC_MATCH_DEPTH;
    x->level = 0;
    return arc_match(x, s, p);
}

// Where matches of a pattern begin, found once for all that go through a subject.
static arc_head head_of(arc_matcher *x, const char *p) {
    x->depth = ARC_MATCH_DEPTH;
    x->level = 0;
    return arc_head_of(x, p);
}

// The end of the first match from *s on, but for one that ends at `last`; NULL where there is none. *s is where it begins.
// Where only a class tells where a match may begin, the first places are tried without a look: most often one of them is it.
static const char *next_match(
    arc_matcher *x, const char **s, const char *p, const arc_head *head, const char *last) {
    for (int64_t tries = head->byte >= 0 ? 4 : 0;; ++*s, tries++) {
        if (tries >= 4 && (*s = arc_find_head(x, *s, head)) == NULL) return NULL;
        const char *end = match_at(x, *s, p);
        if (end != NULL && end != last) return end;
        if (*s == x->end) return NULL;
    }
}

// Pushes a capture; the whole match where there are none and it is asked for the first.
static void push_capture(arc_matcher *x, int at, const char *s, const char *end) {
    if (at >= x->level) {
        if (at != 0) luaL_error(x->L, "invalid capture index %%%d", at + 1);
        lua_pushlstring(x->L, s, (size_t)(end - s));
        return;
    }
    ptrdiff_t length = x->captures[at].length;
    if (length == ARC_OPEN_CAPTURE) luaL_error(x->L, "unfinished capture");
    if (length == ARC_POSITION_CAPTURE) {
        lua_pushinteger(x->L, x->captures[at].start - x->subject + 1);
    } else {
        lua_pushlstring(x->L, x->captures[at].start, (size_t)length);
    }
}

static int push_captures(arc_matcher *x, const char *s, const char *end) {
    int count = x->level == 0 && s != NULL ? 1 : x->level;
    if (count > LUA_MINSTACK / 2) luaL_checkstack(x->L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(x, i, s, end);
    return count;
}

// From 0; beyond the end where the argument is.
static size_t start_offset(lua_State *L, size_t length) {
    lua_Integer position = luaL_optinteger(L, 3, 1);
    if (position > 0) return (size_t)position - 1;
    if (position == 0 || position < -(lua_Integer)length) return 0;
    return (size_t)((lua_Integer)length + position);
}

static bool is_plain(arc_matcher *x, const char *p) {
    for (; p != x->pattern_end; p++) {
        arc_spend(x, 1);
        switch (*p) {
        case '^': case '$': case '*': case '+': case '?': case '.': case '(': case '[': case '%': case '-': return false;
        default: break;
        }
    }
    return true;
}

static int find_or_match(lua_State *L, bool finds) {
    size_t length, pattern_length;
    const char *subject = luaL_checklstring(L, 1, &length), *p = luaL_checklstring(L, 2, &pattern_length);
    size_t offset = start_offset(L, length);
    if (offset > length) {
        lua_pushnil(L);
        return 1;
    }
    arc_matcher x;
    begin(&x, L, subject, length, p + pattern_length);
    const char *s = subject + offset, *end;
    if (finds && (lua_toboolean(L, 4) || is_plain(&x, p))) {
        s = arc_find_bytes(&x, s, p, pattern_length);
        x.level = 0;
        end = s == NULL ? NULL : s + pattern_length;
    } else if (*p == '^') {
        end = match_at(&x, s, p + 1);
    } else {
        arc_head head = head_of(&x, p);
        end = next_match(&x, &s, p, &head, NULL);
    }
    if (end == NULL) {
        lua_pushnil(L);
        return 1;
    }
    if (!finds) return push_captures(&x, s, end);
    lua_pushinteger(L, s - subject + 1);
    lua_pushinteger(L, end - subject);
    return push_captures(&x, NULL, NULL) + 2;
}

static int string_find(lua_State *L) { return find_or_match(L, true); }

static int string_match(lua_State *L) { return find_or_match(L, false); }

// What gmatch goes through: a userdata, beside the two strings.
typedef struct {
    arc_matcher matcher;
    arc_head head;
    const char *at, *pattern, *last;
    bool begun;
} matches;

static int next_of_matches(lua_State *L) {
    matches *all = lua_touserdata(L, lua_upvalueindex(3));
    all->matcher.L = L;
    if (all->at > all->matcher.end) return 0;
    if (!all->begun) all->head = head_of(&all->matcher, all->pattern);
    all->begun = true;
    const char *s = all->at, *end = next_match(&all->matcher, &s, all->pattern, &all->head, all->last);
    if (end == NULL) return 0;
    all->at = all->last = end;
    return push_captures(&all->matcher, s, end);
}

static int string_gmatch(lua_State *L) {
    size_t length, pattern_length;
    const char *subject = luaL_checklstring(L, 1, &length), *p = luaL_checklstring(L, 2, &pattern_length);
    size_t offset = start_offset(L, length);
    lua_settop(L, 2);
    matches *all = lua_newuserdatauv(L, sizeof(matches), 0);
    begin(&all->matcher, L, subject, length, p + pattern_length);
    all->at = subject + (offset > length ? length + 1 : offset);
    all->pattern = p;
    all->last = NULL;
    all->begun = false;
    lua_pushcclosure(L, next_of_matches, 3);
    return 1;
}

// What gsub is at. It lies in a userdata where a function replaces, which may wait for the host.
typedef struct {
    arc_matcher matcher;
    arc_head head;
    luaL_Buffer out;
    const char *pattern, *at, *last;
    const char *start, *end;  // of the match that is replaced
    lua_Integer count, most;
    int type;  // of the replacement
    bool anchored, changed;
    bool busy;  // in its userdata, until it is over; for ever where that was by an error
} substitution;

// Puts in what the replacement on the top is.
static void add_value(substitution *u) {
    lua_State *L = u->matcher.L;
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(&u->out, u->start, (size_t)(u->end - u->start));
        return;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(&u->out);
    u->changed = true;
}

// The replacement's text, with what its %0 to %9 and %% stand for.
static void add_text(substitution *u) {
    lua_State *L = u->matcher.L;
    size_t length;
    const char *text = lua_tolstring(L, 3, &length), *end = text + length, *escape;
    u->changed = true;
    while ((escape = memchr(text, '%', (size_t)(end - text))) != NULL) {
        arc_spend(&u->matcher, 1);
        luaL_addlstring(&u->out, text, (size_t)(escape - text));
        char digit = escape[1];
        if (digit == '%') {
            luaL_addchar(&u->out, '%');
        } else if (digit == '0') {
            luaL_addlstring(&u->out, u->start, (size_t)(u->end - u->start));
        } else if (isdigit((unsigned char)digit)) {
            push_capture(&u->matcher, digit - '1', u->start, u->end);
            luaL_addvalue(&u->out);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
        text = escape + 2;
    }
    luaL_addlstring(&u->out, text, (size_t)(end - text));
}

static int substitute(lua_State *L, substitution *u);

static int replaced(lua_State *L, int status, lua_KContext context) {
    (void)status;
    substitution *u = (substitution *)context;
    add_value(u);
    return substitute(L, u);
}

static void replace(lua_State *L, substitution *u) {
    if (u->type == LUA_TTABLE) {
        push_capture(&u->matcher, 0, u->start, u->end);
        lua_gettable(L, 3);
        add_value(u);
    } else if (u->type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int count = push_captures(&u->matcher, u->start, u->end);
        lua_callk(L, count, 1, (lua_KContext)u, replaced);
        add_value(u);
    } else {
        add_text(u);
    }
}

static int substitute(lua_State *L, substitution *u) {
    while (u->count < u->most && !(u->anchored && u->count > 0)) {
        const char *s = u->at;
        u->end = u->anchored ? match_at(&u->matcher, s, u->pattern)
                             : next_match(&u->matcher, &s, u->pattern, &u->head, u->last);
        if (u->end == NULL) break;
        luaL_addlstring(&u->out, u->at, (size_t)(s - u->at));
        u->start = s;
        u->at = u->last = u->end;
        u->count++;
        replace(L, u);
    }
    if (u->changed) {
        luaL_addlstring(&u->out, u->at, (size_t)(u->matcher.end - u->at));
        luaL_pushresult(&u->out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, u->count);
    u->busy = false;
    return 2;
}

// Room for what a function may interrupt, on the stack's top. The last one serves again once it is over.
static substitution *push_substitution(lua_State *L) {
    static const char key;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
    substitution *u = lua_touserdata(L, -1);
    if (u == NULL || u->busy) {
        lua_pop(L, 1);
        u = lua_newuserdatauv(L, sizeof(substitution), 0);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
    }
    u->busy = true;
    return u;
}

static int string_gsub(lua_State *L) {
    size_t length, pattern_length;
    const char *subject = luaL_checklstring(L, 1, &length), *p = luaL_checklstring(L, 2, &pattern_length);
    int type = lua_type(L, 3);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
    bool is_text = type == LUA_TNUMBER || type == LUA_TSTRING;
    luaL_argexpected(L, is_text || type == LUA_TFUNCTION || type == LUA_TTABLE, 3, "string/function/table");
    lua_settop(L, 3);
    substitution here, *u = type == LUA_TFUNCTION ? push_substitution(L) : &here;
    begin(&u->matcher, L, subject, length, p + pattern_length);
    u->anchored = *p == '^';
    u->pattern = u->anchored ? p + 1 : p;
    u->at = subject;
    u->last = NULL;
    u->count = 0;
    u->most = most;
    u->type = type;
    u->changed = false;
    if (!u->anchored && most > 0) u->head = head_of(&u->matcher, p);
    luaL_buffinit(L, &u->out);
    return substitute(L, u);
}

void arc_open_patterns(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch}, {"gsub", string_gsub}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
