#ifndef ARC_JSON_H
#define ARC_JSON_H

// JSON read into a flat, pre-order list of nodes, and written event by event. RapidJSON is behind it.

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
    ARC_JSON_ARRAY,  // followed by `count` values
    ARC_JSON_OBJECT  // followed by `count` strings each followed by its value
};

typedef struct {
    uint8_t tag;
    size_t count;  // parts of an array or object; bytes of a string
    union {
        int64_t integer;
        double number;
        const char *bytes;
    } as;
} arc_json_node;

typedef struct arc_json_document arc_json_document;

typedef struct {
    size_t maximum_depth;
    bool allows_nan;  // NaN, Infinity, -Infinity, as Python writes them
} arc_json_options;

enum arc_json_failure {
    ARC_JSON_FINE,
    ARC_JSON_SYNTAX,
    ARC_JSON_ENDS_EARLY,
    ARC_JSON_BAD_UTF8,
    ARC_JSON_TOO_DEEP,
    ARC_JSON_OUT_OF_MEMORY
};

// Always gives a document, or NULL when memory ran out. The text must stay until it is freed.
arc_json_document *arc_json_parse(const char *text, size_t length, arc_json_options options);
void arc_json_free(arc_json_document *document);
int arc_json_failed(const arc_json_document *document);
size_t arc_json_offset(const arc_json_document *document);
const char *arc_json_message(const arc_json_document *document);
const arc_json_node *arc_json_nodes(const arc_json_document *document, size_t *count);

typedef struct arc_json_writer arc_json_writer;

arc_json_writer *arc_json_writer_new(bool pretty);
void arc_json_writer_free(arc_json_writer *writer);
void arc_json_put_null(arc_json_writer *writer);
void arc_json_put_boolean(arc_json_writer *writer, bool value);
void arc_json_put_integer(arc_json_writer *writer, int64_t value);
void arc_json_put_number(arc_json_writer *writer, double value);
void arc_json_put_string(arc_json_writer *writer, const char *bytes, size_t length);
void arc_json_put_key(arc_json_writer *writer, const char *bytes, size_t length);
void arc_json_begin_array(arc_json_writer *writer);
void arc_json_end_array(arc_json_writer *writer);
void arc_json_begin_object(arc_json_writer *writer);
void arc_json_end_object(arc_json_writer *writer);
// NULL when memory ran out on the way.
const char *arc_json_writer_text(const arc_json_writer *writer, size_t *length);

// The shortest text that reads back as this finite number, into room for ARC_JSON_NUMBER_SIZE bytes; its length.
#define ARC_JSON_NUMBER_SIZE 32
size_t arc_json_number_text(double value, char *text);

#ifdef __cplusplus
}
#endif

#endif
