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
    bool waiting;
    arc_form **forms;  // of the arguments, from the first; NULL: as nodes
    size_t form_count;
} arc_operation;

// The texts among the values that go out, one behind the other.
typedef struct {
    char *bytes;
    size_t used, size;
} arc_texts;

typedef struct {
    uint32_t generation;
    lua_State *coroutine;  // NULL: free
    int reference;
    int arguments;
    bool started;
    int status;         // how the protected body ended
    atomic_int killed;  // stays set until the task ends
    char *traceback;
} arc_task;

struct arc_machine {
    lua_State *main;
    arc_entry entry;
    void *context;

    // Memory. `arming` makes frees wait while another thread walks a coroutine's call list in lua_sethook.
    size_t used, limit, external, external_at_collection;
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

    // The lock guards `tasks`, `running` and `current` against arc_task_kill.
    pthread_mutex_t lock;
    arc_task **tasks;
    uint32_t task_count, live_tasks, next_task;
    arc_task *running;
    lua_State *current;
    lua_State *blocked;  // a coroutine outside the current one that can't be suspended
};

typedef struct {
    uint32_t slot, type;
} arc_handle;

#define ARC_NO_SLOT UINT32_MAX

// Registry keys: the addresses count.
extern const char arc_null_key, arc_marker_key, arc_kill_key, arc_host_key, arc_types_key, arc_cache_key,
    arc_array_key, arc_object_key, arc_error_key, arc_handle_key, arc_memory_key;

static inline arc_machine *arc_machine_of(lua_State *L) { return *(arc_machine **)lua_getextraspace(L); }

// memory.c
void *arc_allocate(void *ud, void *ptr, size_t osize, size_t nsize);

// encode.c: may raise; `lenient` turns cycles and depth into references instead of errors.
void arc_encode_begin(arc_machine *m);
void arc_encode(lua_State *L, arc_machine *m, int index, const arc_form *form, bool lenient);
void arc_encode_reference(lua_State *L, arc_machine *m, int index);
void arc_drop_references(lua_State *L, arc_machine *m);
uint8_t arc_mark_of(lua_State *L, const arc_machine *m, int index);

// json.c: writes a table behind the machine's texts, or leaves them as they are where JSON can't hold it.
bool arc_write_json(lua_State *L, arc_machine *m, int index);

// forms.c
void arc_operations_free(arc_machine *m);

// arena.c: may raise.
arc_arena *arc_arena_take(arc_machine *m);
void arc_arena_give_back(arc_machine *m, arc_arena *arena);
void arc_arena_give_back_all(arc_machine *m);
int arc_push_all(lua_State *L, arc_machine *m, const arc_arena *arena);

// host.c
int arc_host_call(lua_State *L, int32_t operation);
int arc_host_trampoline(lua_State *L);
void arc_raise_killed(lua_State *L);

// blocked.c: raises the error that names what can't be suspended.
int arc_raise_not_yieldable(lua_State *L, arc_machine *m, const char *name);

// handles.c
void arc_push_handle(lua_State *L, arc_machine *m, uint32_t slot, uint32_t type);
bool arc_is_handle(lua_State *L, int index);

// coroutines.c, libraries.c
int arc_open_coroutines(lua_State *L);
int arc_open_libraries(lua_State *L, int libraries);

// tasks.c
void arc_set_current(arc_machine *m, lua_State *L);
void arc_tasks_free(arc_machine *m);

// protect.c: runs a C body under lua_pcall; the status is one of arc_status.
int arc_protect(arc_machine *m, lua_CFunction body, void *argument);
int arc_fail(arc_machine *m, int lua_status);
int arc_keep_traceback(lua_State *L);
int arc_error_text(lua_State *L);

#endif
