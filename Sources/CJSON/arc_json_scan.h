#ifndef ARC_JSON_SCAN_H
#define ARC_JSON_SCAN_H

// The parts of a JSON text, each looked at by itself. `end` is the end of the text.

#include <cstdint>

struct arc_json_number {
    bool is_integer, fits;
    int64_t integer;
    double number;
    const char *end;
};

// Where a digit is missing; NULL where there is a number. Integers beyond 64 bits are floats, as in Lua.
const char *arc_json_scan_number(const char *at, const char *end, arc_json_number *found);

struct arc_json_string {
    const char *at;  // the closing quote, or what is wrong
    bool escaped, bad_utf8;
    const char *expected;
};

// From behind the opening quote. False where something is wrong.
bool arc_json_scan_string(const char *at, const char *end, arc_json_string *found);

// Behind the bracket that closes the one that is there; NULL where none does. Looks at nothing but strings and brackets.
const char *arc_json_end_of_part(const char *at, const char *end);

#endif
