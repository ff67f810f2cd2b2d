#ifndef ARC_JSON_H
#define ARC_JSON_H

// JSON read into a flat, pre-order list of nodes, whole or one level of it, and written event by event.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum arc_json_tag {
    ARC_JSON_NULL,
    ARC_JSON_BOOLEAN,
    ARC_JSON_INTEGER,
    ARC_JSON_NUMBER,
    ARC_JSON_STRING,
    ARC_JSON_ARRAY,   // followed by `count` values
    ARC_JSON_OBJECT,  // followed by `count` strings each followed by its value
    ARC_JSON_PART     // an array or object that was skipped: its text
};

// Strings and parts lie in the text that was read.
typedef struct {
    uint8_t tag;
    bool escaped;    // a string with escapes: arc_json_unescape reads it
    uint32_t count;  // parts of an array or object; bytes of a string or a part
    union {
        int64_t integer;
        double number;
        const char *bytes;
    } as;
} arc_json_node;

enum arc_json_failure {
    ARC_JSON_FINE,
    ARC_JSON_SYNTAX,
    ARC_JSON_ENDS_EARLY,
    ARC_JSON_BAD_UTF8,
    ARC_JSON_TOO_DEEP,
    ARC_JSON_TOO_LARGE,
    ARC_JSON_OUT_OF_MEMORY,
    ARC_JSON_INTERRUPTED
};

typedef struct {
    size_t maximum_depth;
    bool allows_nan;  // NaN, Infinity, -Infinity, as Python writes them
    bool one_level;   // arrays and objects within the outermost are skipped: of them only the end is looked for
    bool allows_rest;  // what comes behind the value isn't looked at
    // realloc with the old size, which frees for a size of 0; NULL for malloc's. Must not raise.
    void *(*resize)(void *owner, void *block, size_t old, size_t size);
    // Asked every few thousand nodes; NULL for never.
    bool (*is_interrupted)(void *owner);
    void *owner;
} arc_json_options;

// All zero to begin with; may be used again.
typedef struct {
    arc_json_node *nodes;
    size_t count, capacity;
    int failure;          // an arc_json_failure
    size_t offset;        // of the failure, in bytes
    const char *message;  // what was expected there
} arc_json_tape;

// The longest text that is read, in bytes.
#define ARC_JSON_LONGEST ((size_t)UINT32_MAX)

// The text must stay where it is for as long as the nodes are used.
void arc_json_read(arc_json_tape *tape, const char *text, size_t length, const arc_json_options *options);
void arc_json_tape_free(arc_json_tape *tape, const arc_json_options *options);

// The bytes of a string with escapes, into room for `count`; how many they are.
size_t arc_json_unescape(const arc_json_node *string, char *to);

// Copies what comes before the first byte that a string can't hold as it is, or that is part of a longer character; its
// length. Writes nowhere else.
size_t arc_json_copy_plain(char *to, const char *bytes, size_t length);
// The escape of such a byte below 128, into room for 6; its length.
size_t arc_json_escape(unsigned char byte, char *to);
// The bytes of the character of several bytes that begins there, 0 where it isn't UTF-8.
size_t arc_json_character(const char *bytes, size_t length);

typedef struct arc_json_writer arc_json_writer;

arc_json_writer *arc_json_writer_new(bool pretty);
void arc_json_writer_free(arc_json_writer *writer);
void arc_json_put_null(arc_json_writer *writer);
void arc_json_put_boolean(arc_json_writer *writer, bool value);
void arc_json_put_integer(arc_json_writer *writer, int64_t value);
void arc_json_put_number(arc_json_writer *writer, double value);
// JSON as it is.
void arc_json_put_raw(arc_json_writer *writer, const char *json, size_t length);
void arc_json_put_string(arc_json_writer *writer, const char *bytes, size_t length);
void arc_json_put_key(arc_json_writer *writer, const char *bytes, size_t length);
void arc_json_begin_array(arc_json_writer *writer);
void arc_json_end_array(arc_json_writer *writer);
void arc_json_begin_object(arc_json_writer *writer);
void arc_json_end_object(arc_json_writer *writer);
// NULL when memory ran out on the way.
const char *arc_json_writer_text(const arc_json_writer *writer, size_t *length);

// The shortest text that reads back as this finite number, with a point or an exponent in it, into room for ARC_JSON_NUMBER_SIZE bytes; its length.
#define ARC_JSON_NUMBER_SIZE 32
size_t arc_json_number_text(double value, char *text);

#ifdef __cplusplus
}
#endif

#endif
