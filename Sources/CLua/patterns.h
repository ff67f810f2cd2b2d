#ifndef ARC_PATTERNS_H
#define ARC_PATTERNS_H

// Lua 5.4's patterns, matched so that a kill ends it: what a subject is matched against, and how far that came.

#include "machine.h"

#define ARC_MOST_CAPTURES 32
#define ARC_MATCH_DEPTH 200     // calls of arc_match within each other, as in Lua
#define ARC_STEPS_PER_POLL 1000

// The lengths of captures that have none.
#define ARC_OPEN_CAPTURE (-1)
#define ARC_POSITION_CAPTURE (-2)

typedef struct {
    lua_State *L;
    arc_machine *machine;
    const char *subject, *end;
    const char *pattern_end;
    int depth;  // that is left
    int level;  // captures so far
    int steps;  // until the next look at whether the task was killed
    struct {
        const char *start;
        ptrdiff_t length;
    } captures[ARC_MOST_CAPTURES];
} arc_matcher;

void arc_matcher_poll(arc_matcher *x);

static inline void arc_spend(arc_matcher *x, int steps) {
    if ((x->steps -= steps) < 0) arc_matcher_poll(x);
}

// The end of the match of the pattern at `s`, or NULL. May raise: patterns are found to be wrong where that is reached.
const char *arc_match(arc_matcher *x, const char *s, const char *p);

// What every match of a pattern begins with: that byte, or one that the item holds; neither where that isn't certain.
typedef struct {
    const char *item, *after;
    int byte;  // or -1
} arc_head;

arc_head arc_head_of(arc_matcher *x, const char *p);
// Where the head is from `s` on, NULL where it isn't.
const char *arc_find_head(arc_matcher *x, const char *s, const arc_head *head);

// The byte, the bytes from `s` on; NULL where they aren't. In pieces, between which a kill ends it.
const char *arc_find_byte(arc_matcher *x, const char *s, int byte);
const char *arc_find_bytes(arc_matcher *x, const char *s, const char *bytes, size_t length);
bool arc_same_bytes(arc_matcher *x, const char *a, const char *b, size_t length);

#endif
