#ifndef ARC_MACHINE_H
#define ARC_MACHINE_H

// What the C files share. The only header that includes Lua's.

#if __has_include(<lua5.4/lua.h>)
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#else
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#endif

#include <pthread.h>
#include <stdatomic.h>

#include "arc_json.h"
#include "arc_lua.h"

#define ARC_MAX_DEPTH 100
#define ARC_MAX_NODES ((size_t)1 << 24)
// Of one JSON text (PostgreSQL holds no more of a document), and of all the texts of a call.
#define ARC_MAX_JSON ((size_t)1 << 28)
#define ARC_MAX_TEXTS ((size_t)1 << 31)

struct arc_arena {
    arc_arena *next;
    arc_value *nodes;
    size_t count, capacity;
    char *bytes;  // strings; nodes hold offsets into it
    size_t used, size;
    bool failed, has_handles;
};

// How a value goes out: as text, or its parts in forms of their own.
struct arc_form {
    int kind;
    char **names;  // of a table's fields
    arc_form **parts;
    size_t count;
};

typedef struct {
    char *name;
    enum arc_kind kind;
    void *function;
    arc_form **forms;  // of the arguments, from the first; NULL: as nodes
    size_t form_count;
} arc_operation;

// Small blocks of memory: sizes up to 16 times the number of classes.
#define ARC_BLOCK_CLASSES 24
typedef struct {
    void *free[ARC_BLOCK_CLASSES];
    void *chunks;
    char *fresh, *fresh_end;
    size_t size, most;  // of all chunks; 0: as many as there are
} arc_blocks;

// The texts among the values that go out, one behind the other.
typedef struct {
    char *bytes;
    size_t used, size;
} arc_texts;

// A field's name, and where the stack holds it.
typedef struct {
    const char *bytes;
    size_t length;
    int at;
} arc_name;

// To which states a task can go is said behind each.
enum arc_task_state {
    ARC_TASK_FREE,     // ready
    ARC_TASK_READY,    // running, or free where its function is over
    ARC_TASK_RUNNING,  // ready, waiting, parked, joining, ending, free
    ARC_TASK_WAITING,  // for the host: running
    ARC_TASK_PARKED,   // until another task wakes it, or it is killed: ready
    ARC_TASK_JOINING,  // until the last member of a group has ended: ready
    ARC_TASK_ENDING    // its function is over, a group that it left behind isn't: ready
};

#define ARC_NONE UINT32_MAX

typedef struct {
    lua_State *coroutine;
    char *traceback;
    int reference;
    int count;          // values on the coroutine's stack: arguments, then results
    int status;         // how its function ended
    int resumed;        // how the coroutine itself ended
    atomic_int killed;  // an arc_kill; stays set until the task ends
    uint32_t generation, index;
    uint32_t root;              // the task that the host started
    uint32_t group;             // that it is a member of; none for a root
    uint32_t previous, next;    // in the group
    uint32_t queued;            // behind it among those that are ready, or that are free
    uint32_t to_kill;           // behind it among those that are about to be killed
    uint32_t groups;            // the first of those that it owns
    uint32_t joins;             // the group that it waits for
    uint8_t state;
    bool started, is_over;
    bool raised;                // it was told that it was killed, and cleans up
    char *inner_traceback;      // of a failure within, which the registry holds under the task's address
} arc_task;

// Tasks that live within the one that owns the group.
typedef struct {
    uint32_t generation, index;
    uint32_t owner, next;  // the owner's next group; the next free one
    uint32_t first, live;  // members
    bool used, closed;     // closed: its members were killed
    bool expired, timed, begun;
    // The first failure: the coroutine that holds value and text, and how it came about.
    bool failed;
    int failure, failure_status;
    char *traceback;
} arc_group;

struct arc_machine {
    lua_State *main;
    arc_host host;

    // Memory. `arming` makes frees wait while another thread walks a coroutine's call list in lua_sethook.
    arc_blocks blocks;
    size_t used, limit, external, external_at_collection;
    size_t uncollected, used_uncollected;  // made without the collector; in use when that was last done
    // Of `external`: what was charged since the last results were begun; and what was taken off it for results that had no
    // room, until the host lets go of them.
    size_t charged_anew, taken_back;
    int64_t fail_after, fail_count;
    bool unlimited;  // while finalizers must have room to run
    atomic_int arming;

    arc_operation *operations;
    int32_t operation_count;
    uint32_t type_count;

    // Values that go out, and whether the host took the references among them.
    arc_value *nodes;
    size_t node_count, node_capacity;
    bool nodes_taken;
    arc_texts texts;
    arc_json_tape spare_tape;  // kept for the next JSON text
    arc_name *names;           // that are being put in order
    size_t name_count, name_capacity;
    const void *lazy_tables[2];  // those of tables whose JSON wasn't looked at yet, of arrays and of objects
    uint64_t fills;              // of such tables, so far
    const void *mark_tables[3];  // the metatables of marked tables, which the registry keeps where they are
    char *traceback;

    arc_arena *free_arenas, *used_arenas;
    arc_arena *resume_values;  // read by the innermost continuation
    bool resume_raises;

    uint32_t *slot_handles;  // userdata alive for each slot
    size_t *slot_costs;
    uint8_t *slot_queued;
    uint32_t *freed_slots;  // a list that never grows in __gc: room comes with the slot
    size_t slot_capacity, freed_count;
    bool pushing;  // results are on their way: their slots have no handle yet, and must not be freed

    // The lock guards everything below against arc_task_kill and its like, which come from any thread.
    pthread_mutex_t lock;
    arc_task **tasks;
    arc_group **groups;
    uint32_t task_count, group_count;
    uint32_t free_task, free_group;  // the first of each list
    uint32_t first_ready, last_ready;
    uint64_t *notices;  // room comes with tasks and groups
    size_t notice_count, notice_capacity;
    arc_task *running;
    lua_State *current;
    lua_State *blocked;  // a coroutine outside the current one that can't be suspended
    int kill_reason;     // of the root whose end was told last

    // Tasks that were killed and haven't ended; what they may compute still, and the thread's time at the last look.
    uint32_t dying;
    atomic_int grace_is_due;
    int64_t grace, grace_seen;
};

typedef struct {
    uint32_t slot, type;
} arc_handle;

#define ARC_NO_SLOT UINT32_MAX

// Registry keys: the addresses count.
extern const char arc_null_key, arc_marker_key, arc_kill_key, arc_host_key, arc_types_key, arc_cache_key,
    arc_array_key, arc_object_key, arc_error_key, arc_handle_key, arc_memory_key, arc_lazy_array_key, arc_lazy_object_key,
    arc_fronts_key, arc_prelude_key;

static inline arc_machine *arc_machine_of(lua_State *L) { return *(arc_machine **)lua_getextraspace(L); }

// memory.c
void *arc_allocate(void *ud, void *ptr, size_t osize, size_t nsize);

// blocks.c: as realloc, with the old size (0 where there is no block), and free for a size of 0.
void *arc_block_resize(arc_blocks *blocks, void *block, size_t old, size_t size);
void arc_blocks_limit(arc_blocks *blocks, size_t limit);
void arc_blocks_free(arc_blocks *blocks);

// encode.c: may raise; `lenient` turns cycles and depth into references instead of errors.
void arc_encode_begin(arc_machine *m);
void arc_encode(lua_State *L, arc_machine *m, int index, const arc_form *form, bool lenient);
void arc_encode_reference(lua_State *L, arc_machine *m, int index);
void arc_drop_references(lua_State *L, arc_machine *m);
uint8_t arc_mark_of(lua_State *L, const arc_machine *m, int index);

// json_build.c: reads JSON into a list in the machine's memory; the value of such a list.
void arc_tape_read(arc_machine *m, arc_json_tape *tape, const char *text, size_t length, arc_json_options options);
void arc_tape_give_back(arc_machine *m, arc_json_tape *tape);
void arc_tape_push(lua_State *L, arc_machine *m, arc_json_tape *tape);
void arc_tape_free(arc_machine *m);

// lazy.c: tables that are made of their JSON when a script first looks at them. Whoever reads a table raw forces it
// first; quietly where no finalizer may run meanwhile. All may raise.
bool arc_is_lazy(lua_State *L, const arc_machine *m, int index);
void arc_force(lua_State *L, arc_machine *m, int index);
void arc_force_quietly(lua_State *L, arc_machine *m, int index);
void arc_push_json(lua_State *L, arc_machine *m, const char *text, size_t length);
void arc_open_lazy_tables(lua_State *L);
void arc_open_raw_functions(lua_State *L);

// json_library.c
void arc_open_json(lua_State *L);

// json.c: writes a value behind the machine's texts, or leaves them as they are where JSON can't hold it.
typedef struct {
    int indent;  // spaces; 0: all on one line
    bool sorts_names, allows_nan;
} arc_json_layout;

typedef struct {
    const char *what;
    bool is_handle;  // the host may know how to write it
    char place[256];
} arc_json_problem;

bool arc_write_json(lua_State *L, arc_machine *m, int index, arc_json_layout layout, arc_json_problem *problem);
void arc_texts_clear(arc_machine *m);

// forms.c
void arc_operations_free(arc_machine *m);

// arena.c: may raise.
arc_arena *arc_arena_take(arc_machine *m);
void arc_arena_give_back(arc_machine *m, arc_arena *arena);
void arc_arena_give_back_all(arc_machine *m);
int arc_push_all(lua_State *L, arc_machine *m, const arc_arena *arena);

// host.c
int arc_host_call(lua_State *L, int32_t operation);
// Pushes what the host left in the arena, and gives that back; raises the one value where it is an error.
int arc_finish_call(lua_State *L, arc_machine *m, arc_arena *arena, bool raises);
int arc_host_trampoline(lua_State *L);
// Pushes "chunk:line: " of the innermost script, or nothing.
void arc_push_place(lua_State *L);
int arc_raise_memory(lua_State *L);
// An error as the host's functions raise it, of the message on the top of the stack.
int arc_raise_error(lua_State *L, const char *code);

// direct.c
int arc_call_directly(lua_State *L, arc_machine *m, const arc_operation *op);

// Whether the running task can be suspended here.
static inline bool arc_can_wait(lua_State *L, const arc_machine *m) {
    return m->running != NULL && lua_isyieldable(L) && m->blocked == NULL;
}

// blocked.c: raises the error that names what can't be suspended.
int arc_raise_not_yieldable(lua_State *L, arc_machine *m, const char *name);

// handles.c
void arc_push_handle(lua_State *L, arc_machine *m, uint32_t slot, uint32_t type);
void arc_drop_handle(arc_machine *m, uint32_t slot);
bool arc_is_handle(lua_State *L, int index);

// coroutines.c, libraries.c
int arc_open_coroutines(lua_State *L);
int arc_open_libraries(lua_State *L, int libraries);

// debugging.c
void arc_restrict_debug(lua_State *L);

// pattern_functions.c, strings.c, utf8.c, tables.c: put functions that a kill ends into the library on the top.
void arc_open_patterns(lua_State *L);
void arc_open_strings(lua_State *L);
void arc_open_utf8(lua_State *L);
void arc_open_tables(lua_State *L);

// sandbox.c
void arc_restrict_to_plugin(lua_State *L);
void arc_keep_prelude_globals(lua_State *L);

// programs.c: leaves the table that holds the path's last name, making tables on the way, and returns that name.
const char *arc_open_path(lua_State *L, const char *path);

// tasks.c
void arc_set_current(arc_machine *m, lua_State *L);
void arc_tasks_free(arc_machine *m);
// A task of the function and its arguments on the top of the stack, which it takes. May raise.
arc_task *arc_task_make(lua_State *L, arc_machine *m, int arguments);
arc_task *arc_task_find(const arc_machine *m, uint64_t id);
uint64_t arc_task_id(const arc_task *task);
// Says what the running task waits for; it yields next.
void arc_suspend(arc_machine *m, enum arc_task_state state);
int arc_yield(lua_State *L, lua_KContext context, lua_KFunction continuation);
// With the lock held: puts it behind those that are ready.
void arc_make_ready(arc_machine *m, arc_task *task);

// kills.c: with the lock held, but for the first.
static inline bool arc_is_killed(const arc_machine *m) {
    return m->running != NULL && atomic_load_explicit(&m->running->killed, memory_order_relaxed) != 0;
}
// Raises; after that the task may compute for as long as it may clean up. Without the lock, as these are.
void arc_raise_killed(lua_State *L);
bool arc_may_clean_up(arc_machine *m);
// Whether what runs was killed and has had its time to clean up.
static inline bool arc_must_end(arc_machine *m) { return arc_is_killed(m) && !arc_may_clean_up(m); }
// For C that runs for long: raises the kill of the task that runs, but while it may clean up.
static inline void arc_poll(lua_State *L, arc_machine *m) {
    if (arc_must_end(m)) arc_raise_killed(L);
}
void arc_arm(arc_machine *m);
void arc_clean_up_resumed(arc_machine *m);
void arc_notice(arc_machine *m, uint64_t id);
bool arc_reserve_notices(arc_machine *m);
// A group whose members are killed starts no more, unless one of them is spared.
void arc_kill_members(arc_machine *m, arc_group *group, const arc_task *spared, int reason);

// groups.c
void arc_open_groups(lua_State *L);
void arc_groups_free(arc_machine *m);
// With the lock held. Whether a task has started what goes on still, which is killed then.
bool arc_ends_groups(arc_machine *m, arc_task *task);
// With the lock held: a member is over, which may have failed with that status.
void arc_leave_group(arc_machine *m, arc_task *task, int failure);

// protect.c: runs a C body under lua_pcall; the status is one of arc_status.
int arc_protect(arc_machine *m, lua_CFunction body, void *argument);
int arc_fail(arc_machine *m, int lua_status);
int arc_keep_traceback(lua_State *L);
int arc_error_text(lua_State *L);

#endif
