#ifndef ARC_LUA_H
#define ARC_LUA_H

// Lua 5.4 for Swift. Nothing here can raise a Lua error through its caller: no longjmp ever crosses a Swift frame.
// All functions of one machine are called from one thread at a time, but for those marked "any thread".

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct arc_machine arc_machine;
typedef struct arc_arena arc_arena;
typedef struct arc_form arc_form;

// The kinds of node in a flat, pre-order list of values.
enum arc_tag {
    ARC_NIL,
    ARC_NULL,
    ARC_BOOLEAN,
    ARC_INTEGER,
    ARC_NUMBER,
    ARC_STRING,
    ARC_TABLE,     // followed by `length` items, then by `count` keys each followed by its value
    ARC_FUNCTION,  // a registry reference
    ARC_HANDLE,    // a slot of the host's; `count` is the type's number
    ARC_OTHER,     // a registry reference to what has no form here: coroutines, foreign userdata, cycles
    ARC_JSON       // a table as JSON text: `as.integer` is where it begins in arc_machine_texts, or among the arena's bytes
};

// How a table was marked by its metatable. Lazy ones are made of their JSON before they go out.
enum arc_mark { ARC_UNMARKED, ARC_ARRAY, ARC_OBJECT, ARC_ERROR, ARC_LAZY };

typedef struct {
    uint8_t tag;
    uint8_t mark;
    bool is_record;  // a table some of whose fields have forms of their own
    uint32_t count;
    union {
        int64_t integer;
        double number;
        const char *bytes;
    } as;
    size_t length;
} arc_value;

// What the host's entry returns.
enum arc_answer { ARC_RETURN, ARC_RAISE, ARC_SUSPEND };

// How a call into Lua ended.
enum arc_status { ARC_OK, ARC_WAITING, ARC_SYNTAX, ARC_RUNTIME, ARC_MEMORY, ARC_KILLED };

// Why a task was killed.
// Only ARC_KILL_EXIT leaves no moment for closing code.
enum arc_kill { ARC_KILL_CANCELLED = 1, ARC_KILL_TIME, ARC_KILL_DEADLOCK, ARC_KILL_EXIT };

// How a function of the host is called: with all that its arguments hold; so, and its task may be suspended; or with one
// node for each argument, which of tables and functions says no more than that.
enum arc_kind { ARC_IMMEDIATE, ARC_MAY_WAIT, ARC_DIRECT };

// An entry from Lua into the host. It reads `arguments` (valid during the call), writes its results, or the one
// value to raise, into `results`, and returns an arc_answer.
typedef int (*arc_entry)(void *function, const arc_value *arguments, size_t count, arc_arena *results);

// `enter_directly` is for functions of the kind ARC_DIRECT. `release` takes the slots whose last handle was collected,
// while many wait for it.
typedef struct {
    arc_entry enter, enter_directly;
    void (*release)(void *context);
    void *context;
} arc_host;

enum arc_libraries { ARC_TRUSTED, ARC_PLUGIN };

// Machines. `limit` is in bytes, 0 for none. NULL when there isn't enough memory for an empty one.
arc_machine *arc_machine_new(size_t limit, const arc_host *host);
int arc_machine_open_libraries(arc_machine *machine, int libraries);
// Ends the Lua state; every handle is released. The machine itself stays until arc_machine_free.
void arc_machine_close(arc_machine *machine);
void arc_machine_free(arc_machine *machine);
size_t arc_machine_memory(const arc_machine *machine);
// Makes `count` allocations fail, the N-th from now (1 is the next) and those that follow; a count of 0 stops it.
// Lua tries each allocation twice.
void arc_machine_fail_allocations(arc_machine *machine, int64_t nth, int64_t count);
void arc_machine_collect(arc_machine *machine);

// The values and the traceback that the last call left; valid until the next call. Whoever takes the values owns
// the references among them.
const arc_value *arc_machine_values(arc_machine *machine, size_t *count);
const char *arc_machine_traceback(const arc_machine *machine);

// Between resumes: lets go of references and takes the next slot whose last handle was collected (-1: none).
void arc_machine_release(arc_machine *machine, int32_t reference);
int64_t arc_machine_next_free_slot(arc_machine *machine);
// Whether a call's results are on their way into Lua, while a finalizer calls the host.
bool arc_machine_is_pushing(const arc_machine *machine);
bool arc_machine_reserve_slots(arc_machine *machine, size_t count);
bool arc_machine_slot_is_live(const arc_machine *machine, uint32_t slot);
// Memory that Lua doesn't see, counted for as long as Lua holds a handle of that slot.
void arc_machine_set_cost(arc_machine *machine, uint32_t slot, size_t bytes);
// Memory that several objects hold together, in bytes: more or, below 0, less of it is held now.
void arc_machine_charge(arc_machine *machine, int64_t bytes);

// How an argument goes out where it isn't as nodes: a table as JSON text (where JSON can hold it; else as nodes), each
// of its items in a form, or some of its fields, by name.
enum arc_form_kind { ARC_FORM_JSON, ARC_FORM_ITEMS, ARC_FORM_FIELDS };

// NULL, and false, when memory ran out. A part belongs to the whole, even when it couldn't be added.
arc_form *arc_form_new(int kind);
bool arc_form_add(arc_form *form, const char *name, arc_form *part);
// The form of an operation's next argument, NULL for nodes. The form belongs to the machine then.
bool arc_machine_add_form(arc_machine *machine, int32_t operation, arc_form *form);
// The texts of the arguments; valid during the entry.
const char *arc_machine_texts(const arc_machine *machine);

// Operations, and where Lua finds them. A path that begins with `host.` is seen by preludes alone.
// `function` is what the entry gets. -1 when memory ran out.
int32_t arc_machine_operation(arc_machine *machine, const char *name, int kind, void *function);
int arc_machine_place_function(arc_machine *machine, const char *path, int32_t operation);
int arc_machine_place_value(arc_machine *machine, const char *path, arc_arena *value);

// The table at a path can't be changed by scripts any more, nor the plain tables within it.
int arc_machine_make_read_only(arc_machine *machine, const char *path);

typedef struct {
    const char *name;
    int32_t operation;
} arc_method;

int arc_machine_define_type(
    arc_machine *machine, const char *name, const arc_method *methods, size_t method_count,
    const arc_method *metamethods, size_t metamethod_count, int32_t *type);

int arc_machine_offer_print(arc_machine *machine, int32_t operation);

// Text chunks only. `name` as Lua wants it: `=stdin`, `@file.lua`.
int arc_machine_load(
    arc_machine *machine, const char *text, size_t length, const char *name, int32_t *reference);
// Compiles and throws away; ARC_SYNTAX leaves the message among the values.
int arc_machine_check(arc_machine *machine, const char *text, size_t length, const char *name);
// Runs a function to its end, where nothing may wait; it is given the table `host`.
int arc_machine_prelude(arc_machine *machine, int32_t reference);
int arc_machine_global(arc_machine *machine, const char *name);
// The names and type names below a path of names separated by NUL, read raw.
int arc_machine_keys(arc_machine *machine, const char *const *path, size_t count);

// Tasks: one coroutine each. The host starts roots; what Lua starts within them ends before them. A number that is no
// task's any more, or of a task that waits for something else, is left alone by all of these.
int arc_task_start(arc_machine *machine, int32_t function, arc_arena *arguments, uint64_t *task);
// Resumes a task that waits for the host, with values or by raising the one value. A root that has ended by it is told
// as `ended`, with the status of its end and its values left for the host; else ARC_WAITING comes back.
int arc_task_resume(arc_machine *machine, uint64_t task, arc_arena *values, bool raise, uint64_t *ended);
// The same with the next task that is ready. False where none is.
bool arc_machine_run(arc_machine *machine, int *status, uint64_t *ended);
// The task that runs, and its root.
uint64_t arc_machine_running(const arc_machine *machine);
uint64_t arc_machine_root(const arc_machine *machine);
// Why the root whose end was told last was killed: an arc_kill, or 0.
int arc_machine_kill_reason(const arc_machine *machine);

// Any thread: the task and all within it keep raising until they end.
void arc_task_kill(arc_machine *machine, uint64_t task, int reason);
// Any thread: the group's time is over.
void arc_group_expire(arc_machine *machine, uint64_t group);
// Any thread: the next task that waits for the host in vain, since it was killed, or timed group that is gone; 0: none.
uint64_t arc_machine_next_notice(arc_machine *machine);

// Arenas: values on their way into Lua. Writing never raises; running out of memory is a flag.
arc_arena *arc_arena_new(arc_machine *machine);
void arc_arena_free(arc_machine *machine, arc_arena *arena);
bool arc_arena_failed(const arc_arena *arena);
void arc_arena_clear(arc_arena *arena);
void arc_arena_put(arc_arena *arena, uint8_t tag, int64_t integer);
void arc_arena_put_number(arc_arena *arena, double number);
void arc_arena_put_string(arc_arena *arena, const char *bytes, size_t length);
// JSON: a table that is made of it when a script looks at it, or a scalar.
void arc_arena_put_json(arc_arena *arena, const char *bytes, size_t length);
void arc_arena_put_table(arc_arena *arena, uint8_t mark, size_t items, uint32_t pairs);
void arc_arena_put_handle(arc_arena *arena, uint32_t slot, uint32_t type);

#ifdef __cplusplus
}
#endif

#endif
