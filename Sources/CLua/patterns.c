// The matcher. What a pattern means, where it is found to be wrong and how deep it may go is as in Lua 5.4; the
// differences are that it looks now and then at whether its task was killed, and that it passes over places where the
// byte that has to come next doesn't.

#define _GNU_SOURCE  // memmem

#include "patterns.h"

#include <ctype.h>
#include <string.h>

void arc_matcher_poll(arc_matcher *x) {
    x->steps = ARC_STEPS_PER_POLL;
    arc_poll(x->L, x->machine);
}

static unsigned char byte_at(const char *s) { return (unsigned char)*s; }

// Past the item that stands for one byte: `x`, `%x` or `[…]`.
static const char *item_end(arc_matcher *x, const char *p) {
    if (*p == '%') {
        if (p + 1 == x->pattern_end) luaL_error(x->L, "malformed pattern (ends with '%%')");
        return p + 2;
    }
    if (*p != '[') return p + 1;
    if (*++p == '^') p++;
    const char *pause = p + 1000;
    // What comes first stands for itself, even ].
    do {
        if (p == x->pattern_end) luaL_error(x->L, "malformed pattern (missing ']')");
        if (p > pause) {
            arc_spend(x, 1000);
            pause = p + 1000;
        }
        if (*p++ == '%' && p < x->pattern_end) p++;
    } while (*p != ']');
    return p + 1;
}

enum { CONTROL = 1, SPACE = 2, PUNCTUATION = 4, DIGIT = 8, UPPER = 16, LOWER = 32, HEX = 64, ZERO = 128 };

// As in the C locale, and in any whose characters of one byte are ASCII.
static const uint8_t kinds[256] = {
    [0] = CONTROL | ZERO,       [1 ... 8] = CONTROL,          [9 ... 13] = CONTROL | SPACE,
    [14 ... 31] = CONTROL,      [' '] = SPACE,                ['!' ... '/'] = PUNCTUATION,
    ['0' ... '9'] = DIGIT | HEX, [':' ... '@'] = PUNCTUATION, ['A' ... 'F'] = UPPER | HEX,
    ['G' ... 'Z'] = UPPER,      ['[' ... '`'] = PUNCTUATION,  ['a' ... 'f'] = LOWER | HEX,
    ['g' ... 'z'] = LOWER,      ['{' ... '~'] = PUNCTUATION,  [127] = CONTROL};

// By the small letter; the capital one stands for all other bytes.
static const uint8_t classes[32] = {
    ['a' & 31] = UPPER | LOWER, ['c' & 31] = CONTROL,     ['d' & 31] = DIGIT,
    ['g' & 31] = PUNCTUATION | DIGIT | UPPER | LOWER,     ['l' & 31] = LOWER,
    ['p' & 31] = PUNCTUATION,   ['s' & 31] = SPACE,       ['u' & 31] = UPPER,
    ['w' & 31] = DIGIT | UPPER | LOWER, ['x' & 31] = HEX, ['z' & 31] = ZERO};

static inline bool class_holds(int class, int byte) {
    uint8_t of_class = kinds[class] & (UPPER | LOWER) ? classes[class & 31] : 0;
    if (of_class == 0) return class == byte;
    return ((kinds[byte] & of_class) != 0) != (class < 'a');
}

// Whether a set, from its [ to its ], holds the byte.
static bool set_holds(arc_matcher *x, const char *set, const char *last, int byte) {
    bool found = true;
    const char *p = set + 1;
    if (*p == '^') {
        found = false;
        p++;
    }
    bool is_long = last - p > 1000;
    while (p < last) {
        if (is_long) arc_spend(x, 1);
        if (*p == '%') {
            if (class_holds(byte_at(p + 1), byte)) return found;
            p += 2;
        } else if (p[1] == '-' && p + 2 < last) {
            if (byte_at(p) <= byte && byte <= byte_at(p + 2)) return found;
            p += 3;
        } else {
            if (byte_at(p) == byte) return found;
            p++;
        }
    }
    return !found;
}

static inline bool item_holds(arc_matcher *x, const char *s, const char *p, const char *after) {
    if (s >= x->end) return false;
    switch (*p) {
    case '.': return true;
    case '%': return class_holds(byte_at(p + 1), byte_at(s));
    case '[': return set_holds(x, p, after - 1, byte_at(s));
    default: return *p == *s;
    }
}

const char *arc_find_byte(arc_matcher *x, const char *s, int byte) {
    static const ptrdiff_t piece = 1 << 20;
    while (x->end - s > piece) {
        const char *found = memchr(s, byte, (size_t)piece);
        if (found != NULL) return found;
        s += piece;
        arc_matcher_poll(x);
    }
    return memchr(s, byte, (size_t)(x->end - s));
}

bool arc_same_bytes(arc_matcher *x, const char *a, const char *b, size_t length) {
    static const size_t piece = 1 << 20;
    for (; length > piece; a += piece, b += piece, length -= piece) {
        if (memcmp(a, b, piece) != 0) return false;
        arc_matcher_poll(x);
    }
    return memcmp(a, b, length) == 0;
}

// Most often the first byte tells. Then by a beginning of bounded length: memmem gets ready in time that grows with it.
const char *arc_find_bytes(arc_matcher *x, const char *s, const char *bytes, size_t length) {
    static const size_t piece = 1 << 20, longest = 1 << 14;
    if (length == 0) return s;
    for (int tries = 0; tries < 16; tries++) {
        if ((size_t)(x->end - s) < length || (s = arc_find_byte(x, s, byte_at(bytes))) == NULL) return NULL;
        if ((size_t)(x->end - s) < length) return NULL;
        if (arc_same_bytes(x, s + 1, bytes + 1, length - 1)) return s;
        s++;
    }
    size_t head = length < longest ? length : longest;
    while ((size_t)(x->end - s) >= length) {
        size_t rest = (size_t)(x->end - s);
        size_t span = rest > piece ? piece : rest;
        const char *found = memmem(s, span, bytes, head);
        arc_spend(x, (int)(span >> 10) + 1);
        if (found == NULL) {
            if (span == rest) return NULL;
            s += span - head + 1;
        } else if (length <= (size_t)(x->end - found) && arc_same_bytes(x, found + head, bytes + head, length - head)) {
            return found;
        } else {
            s = found + 1;
        }
    }
    return NULL;
}

// The item that every match of the pattern at `p` begins with, past the beginnings and ends of captures; NULL where that
// isn't certain.
static const char *item_ahead(const arc_matcher *x, const char *p) {
    int open = 0, level = x->level, depth = x->depth;
    for (int i = 0; i < x->level; i++) open += x->captures[i].length == ARC_OPEN_CAPTURE;
    for (;; depth--) {
        if (p == x->pattern_end || depth <= 0) return NULL;
        if (*p == '(') {
            if (level++ == ARC_MOST_CAPTURES) return NULL;
            bool position = p[1] == ')';
            open += !position;
            p += position ? 2 : 1;
        } else if (*p == ')') {
            if (open-- == 0) return NULL;
            p++;
        } else {
            return p;
        }
    }
}

static bool may_be_absent(char how) { return how == '*' || how == '?' || how == '-'; }

// The byte that a match of what begins with the item begins with, or -1.
static int literal_of(const arc_matcher *x, const char *item) {
    if (item == NULL) return -1;
    if (*item == '%') return item[1] == 'b' && x->pattern_end - item >= 4 ? byte_at(item + 2) : -1;
    if (*item == '[' || *item == '.' || *item == '$') return -1;
    return may_be_absent(item[1]) ? -1 : byte_at(item);
}

static bool is_special(char letter) { return letter == 'b' || letter == 'f' || isdigit((unsigned char)letter); }

arc_head arc_head_of(arc_matcher *x, const char *p) {
    const char *item = item_ahead(x, p);
    arc_head head = {NULL, NULL, literal_of(x, item)};
    if (head.byte >= 0 || item == NULL) return head;
    if (*item != '[' && (*item != '%' || is_special(item[1]))) return head;
    const char *after = item_end(x, item);
    if (!may_be_absent(*after)) head = (arc_head){item, after, -1};
    return head;
}

// The first byte that a class or set holds, by a table of all bytes.
static const char *find_by_table(arc_matcher *x, const char *s, const arc_head *head) {
    bool holds[256];
    for (int byte = 0; byte < 256; byte++) {
        holds[byte] = *head->item == '%' ? class_holds(byte_at(head->item + 1), byte)
                                         : set_holds(x, head->item, head->after - 1, byte);
    }
    while (s < x->end) {
        const char *stop = x->end - s > 65536 ? s + 65536 : x->end;
        while (s < stop && !holds[byte_at(s)]) s++;
        if (s < stop) return s;
        arc_matcher_poll(x);
    }
    return NULL;
}

// The table pays off where the byte is far away.
const char *arc_find_head(arc_matcher *x, const char *s, const arc_head *head) {
    if (head->byte >= 0) return arc_find_byte(x, s, head->byte);
    if (head->item == NULL) return s;
    const char *stop = x->end - s > 2000 ? s + 1000 : x->end;
    for (; s < stop; s++) {
        if (item_holds(x, s, head->item, head->after)) return s;
        arc_spend(x, 1);
    }
    return stop == x->end ? NULL : find_by_table(x, s, head);
}

// Past the bytes from `s` on, up to `stop`, that the item stands for.
static const char *run_end(arc_matcher *x, const char *s, const char *stop, const char *p, const char *after) {
    switch (*p) {
    case '.': return stop;
    case '%':
        while (s < stop && class_holds(byte_at(p + 1), byte_at(s))) s++;
        return s;
    case '[':
        while (s < stop && set_holds(x, p, after - 1, byte_at(s))) s++;
        return s;
    default:
        while (s < stop && *s == *p) s++;
        return s;
    }
}

// As many as there are, then ever fewer, but for the bytes before `s`.
static const char *match_most(arc_matcher *x, const char *s, const char *p, const char *after) {
    const char *least = s, *rest = after + 1;
    for (const char *stop = s; s == stop && s != x->end;) {
        stop = *p == '.' || x->end - s < 4096 ? x->end : s + 4096;
        const char *from = s;
        s = run_end(x, s, stop, p, after);
        arc_spend(x, (int)((s - from) >> 4) + 1);
        if (*p == '.') break;
    }
    if (rest == x->pattern_end && x->depth > 0) return s;
    int next = literal_of(x, item_ahead(x, rest));
    for (;; s--) {
        if (next < 0 || (s != x->end && byte_at(s) == next)) {
            const char *end = arc_match(x, s, rest);
            if (end != NULL) return end;
        }
        if (s == least) return NULL;
        arc_spend(x, 1);
    }
}

// As few as will do.
static const char *match_least(arc_matcher *x, const char *s, const char *p, const char *after) {
    const char *rest = after + 1;
    int next = literal_of(x, item_ahead(x, rest));
    for (;; s++) {
        if (next >= 0 && *p == '.' && (s = arc_find_byte(x, s, next)) == NULL) return NULL;
        if (next < 0 || (s != x->end && byte_at(s) == next)) {
            const char *end = arc_match(x, s, rest);
            if (end != NULL) return end;
        }
        arc_spend(x, 1);
        if (!item_holds(x, s, p, after)) return NULL;
    }
}

static const char *open_capture(arc_matcher *x, const char *s, const char *p, ptrdiff_t length) {
    if (x->level == ARC_MOST_CAPTURES) luaL_error(x->L, "too many captures");
    x->captures[x->level].start = s;
    x->captures[x->level].length = length;
    x->level++;
    const char *end = arc_match(x, s, p);
    if (end == NULL) x->level--;
    return end;
}

static const char *close_capture(arc_matcher *x, const char *s, const char *p) {
    int at = x->level - 1;
    while (at >= 0 && x->captures[at].length != ARC_OPEN_CAPTURE) at--;
    if (at < 0) luaL_error(x->L, "invalid pattern capture");
    x->captures[at].length = s - x->captures[at].start;
    const char *end = arc_match(x, s, p);
    if (end == NULL) x->captures[at].length = ARC_OPEN_CAPTURE;
    return end;
}

// %bxy
static const char *match_balance(arc_matcher *x, const char *s, const char *pair) {
    if (x->pattern_end - pair < 2) luaL_error(x->L, "malformed pattern (missing arguments to '%%b')");
    if (s == x->end || *s != pair[0]) return NULL;
    int64_t depth = 1;
    while (++s < x->end) {
        arc_spend(x, 1);
        if (*s == pair[1]) {
            if (--depth == 0) return s + 1;
        } else if (*s == pair[0]) {
            depth++;
        }
    }
    return NULL;
}

// %f[…]: before and behind the subject there is a byte of 0.
static bool at_frontier(arc_matcher *x, const char *s, const char *set, const char *after) {
    int before = s == x->subject ? 0 : byte_at(s - 1), here = s == x->end ? 0 : byte_at(s);
    return !set_holds(x, set, after - 1, before) && set_holds(x, set, after - 1, here);
}

// %1: what that capture holds.
static const char *match_again(arc_matcher *x, const char *s, int digit) {
    int at = digit - '1';
    if (at < 0 || at >= x->level || x->captures[at].length == ARC_OPEN_CAPTURE) {
        luaL_error(x->L, "invalid capture index %%%d", at + 1);
    }
    ptrdiff_t length = x->captures[at].length;
    if (length < 0 || x->end - s < length) return NULL;
    return arc_same_bytes(x, x->captures[at].start, s, (size_t)length) ? s + length : NULL;
}

// %b, %f and %1, and moves the pattern on.
static const char *match_special(arc_matcher *x, const char *s, const char **p) {
    const char *at = *p;
    if (at[1] == 'b') {
        *p = at + 4;
        return match_balance(x, s, at + 2);
    }
    if (at[1] == 'f') {
        if (at[2] != '[') luaL_error(x->L, "missing '[' after '%%f' in pattern");
        *p = item_end(x, at + 2);
        return at_frontier(x, s, at + 2, *p) ? s : NULL;
    }
    *p = at + 2;
    return match_again(x, s, at[1]);
}

// An item and what follows it; moves both on, or ends the match, which it tells.
static bool match_item(arc_matcher *x, const char **s, const char **p) {
    const char *item = *p, *after = item_end(x, item);
    char how = *after;
    if (!item_holds(x, *s, item, after)) {
        if (may_be_absent(how)) {
            *p = after + 1;
            return false;
        }
        *s = NULL;
        return true;
    }
    switch (how) {
    case '?': {
        const char *end = arc_match(x, *s + 1, after + 1);
        if (end != NULL) *s = end;
        *p = after + 1;
        return end != NULL;
    }
    case '+': *s = match_most(x, *s + 1, item, after); return true;
    case '*': *s = match_most(x, *s, item, after); return true;
    case '-': *s = match_least(x, *s, item, after); return true;
    default:
        ++*s;
        *p = after;
        return false;
    }
}

const char *arc_match(arc_matcher *x, const char *s, const char *p) {
    if (x->depth-- == 0) luaL_error(x->L, "pattern too complex");
    bool is_over = false;
    while (!is_over && s != NULL && p != x->pattern_end) {
        arc_spend(x, 1);
        if (*p == '(') {
            bool position = p[1] == ')';
            s = open_capture(
                x, s, position ? p + 2 : p + 1, position ? ARC_POSITION_CAPTURE : ARC_OPEN_CAPTURE);
            is_over = true;
        } else if (*p == ')') {
            s = close_capture(x, s, p + 1);
            is_over = true;
        } else if (*p == '$' && p + 1 == x->pattern_end) {
            if (s != x->end) s = NULL;
            is_over = true;
        } else if (*p == '%' && is_special(p[1])) {
            s = match_special(x, s, &p);
        } else {
            is_over = match_item(x, &s, &p);
        }
    }
    x->depth++;
    return s;
}
