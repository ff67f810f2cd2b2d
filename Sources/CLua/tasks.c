// A task is one coroutine that the host resumes, or that this file does: where it was ready.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

void arc_set_current(arc_machine *m, lua_State *L) {
    pthread_mutex_lock(&m->lock);
    m->current = L;
    if (arc_is_killed(m)) arc_arm(m);
    pthread_mutex_unlock(&m->lock);
}

uint64_t arc_task_id(const arc_task *task) { return ((uint64_t)task->generation << 32) | task->index; }

arc_task *arc_task_find(const arc_machine *m, uint64_t id) {
    uint32_t index = (uint32_t)id;
    if (index >= m->task_count || m->tasks[index]->generation != (uint32_t)(id >> 32)) return NULL;
    return m->tasks[index]->state == ARC_TASK_FREE ? NULL : m->tasks[index];
}

void arc_make_ready(arc_machine *m, arc_task *task) {
    task->state = ARC_TASK_READY;
    task->queued = ARC_NONE;
    if (m->first_ready == ARC_NONE) {
        m->first_ready = task->index;
    } else {
        m->tasks[m->last_ready]->queued = task->index;
    }
    m->last_ready = task->index;
}

static arc_task *next_ready(arc_machine *m) {
    pthread_mutex_lock(&m->lock);
    arc_task *task = m->first_ready == ARC_NONE ? NULL : m->tasks[m->first_ready];
    if (task != NULL) m->first_ready = task->queued;
    pthread_mutex_unlock(&m->lock);
    return task;
}

// Places are never freed, only their number grows: blocks begin at 0 and at every doubling.
static bool add_places(arc_machine *m) {
    uint32_t added = m->task_count == 0 ? 64 : m->task_count;
    pthread_mutex_lock(&m->lock);
    arc_task **tasks = realloc(m->tasks, (m->task_count + added) * sizeof(arc_task *));
    if (tasks != NULL) m->tasks = tasks;
    arc_task *block = tasks == NULL ? NULL : calloc(added, sizeof(arc_task));
    if (block != NULL) {
        for (uint32_t i = added; i-- > 0;) {
            tasks[m->task_count + i] = &block[i];
            block[i].index = m->task_count + i;
            block[i].queued = m->free_task;
            m->free_task = block[i].index;
        }
        m->task_count += added;
    }
    bool added_notices = arc_reserve_notices(m);
    pthread_mutex_unlock(&m->lock);
    return block != NULL && added_notices;
}

void arc_tasks_free(arc_machine *m) {
    for (uint32_t i = 0; i < m->task_count; i++) {
        free(m->tasks[i]->traceback);
        free(m->tasks[i]->inner_traceback);
    }
    for (uint32_t i = 0; i < m->task_count; i = i == 0 ? 64 : i * 2) free(m->tasks[i]);
    free(m->tasks);
}

// Runs as the base of the task's coroutine, under a pcall of ours, so that after a kill raised by a hook the
// __close handlers run with hooks allowed again.
static int ended(lua_State *L, int status, lua_KContext context) {
    (void)context;
    arc_machine *m = arc_machine_of(L);
    m->running->status = status == LUA_YIELD ? LUA_OK : status;
    if (m->running->status != LUA_OK && m->running->status != LUA_ERRMEM) {
        lua_pushcfunction(L, arc_error_text);
        lua_pushvalue(L, -2);
        if (lua_pcall(L, 1, 1, 0) != LUA_OK && lua_type(L, -1) != LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        return 2;
    }
    return lua_gettop(L) - 1;
}

static int base(lua_State *L) {
    lua_pushcfunction(L, arc_keep_traceback);
    lua_insert(L, 1);
    return ended(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, ended), 0);
}

arc_task *arc_task_make(lua_State *L, arc_machine *m, int arguments) {
    if (m->free_task == ARC_NONE && !add_places(m)) arc_raise_memory(L);
    lua_State *co = lua_newthread(L);
    lua_sethook(co, NULL, 0, 0);
    if (!lua_checkstack(co, arguments + 8)) luaL_error(L, "too many arguments");
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushcfunction(co, base);
    lua_xmove(L, co, arguments + 1);
    pthread_mutex_lock(&m->lock);
    arc_task *task = m->tasks[m->free_task];
    m->free_task = task->queued;
    uint32_t index = task->index, generation = (task->generation + 1) & 0x7fffffff;
    *task = (arc_task){.coroutine = co, .reference = reference, .count = arguments + 1, .generation = generation,
                       .index = index, .root = index, .group = ARC_NONE, .previous = ARC_NONE, .next = ARC_NONE,
                       .groups = ARC_NONE};
    arc_make_ready(m, task);
    pthread_mutex_unlock(&m->lock);
    return task;
}

typedef struct {
    int32_t function;
    arc_arena *arguments;
    uint64_t task;
} start_request;

static int start(lua_State *L) {
    start_request *request = lua_touserdata(L, 1);
    arc_machine *m = arc_machine_of(L);
    if (request->arguments->failed) arc_raise_memory(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, request->function);
    int pushed = arc_push_all(L, m, request->arguments);
    request->task = arc_task_id(arc_task_make(L, m, pushed));
    return 0;
}

int arc_task_start(arc_machine *m, int32_t function, arc_arena *arguments, uint64_t *id) {
    start_request request = {function, arguments, 0};
    int status = arc_protect(m, start, &request);
    *id = request.task;
    return status;
}

void arc_suspend(arc_machine *m, enum arc_task_state state) {
    pthread_mutex_lock(&m->lock);
    arc_task *task = m->running;
    task->state = (uint8_t)state;
    if (state == ARC_TASK_READY) {
        arc_make_ready(m, task);
    } else if (atomic_load(&task->killed)) {
        // It was killed since it last looked.
        if (state == ARC_TASK_PARKED) arc_make_ready(m, task);
        if (state == ARC_TASK_WAITING) arc_notice(m, arc_task_id(task));
    }
    pthread_mutex_unlock(&m->lock);
}

int arc_yield(lua_State *L, lua_KContext context, lua_KFunction continuation) {
    lua_pushlightuserdata(L, (void *)&arc_marker_key);
    return lua_yieldk(L, 1, context, continuation);
}

typedef struct {
    lua_State *from;
    int count;
} results_request;

static int take_results(lua_State *L) {
    results_request *request = lua_touserdata(L, 1);
    arc_machine *m = arc_machine_of(L);
    luaL_checkstack(L, request->count + 8, "too many results");
    lua_settop(L, 0);
    lua_xmove(request->from, L, request->count);
    arc_encode_begin(m);
    for (int i = 1; i <= request->count; i++) arc_encode(L, m, i, NULL, true);
    return 0;
}

// Leaves a root's results, or its error's value and text, for the host.
static int report(arc_machine *m, arc_task *task, int failure) {
    lua_State *co = task->coroutine;
    if (failure == LUA_OK && !task->raised) {
        results_request request = {co, task->count};
        return arc_protect(m, take_results, &request);
    }
    lua_settop(m->main, 0);
    free(m->traceback);
    m->traceback = task->traceback;
    task->traceback = NULL;
    if (failure == LUA_OK) return ARC_KILLED;  // it swallowed the kill, and came to its end while it was to clean up
    if (failure != LUA_ERRMEM) {
        // Errors of the base itself, outside its pcall, leave a value without its text.
        if (task->resumed != LUA_OK) lua_pushvalue(co, -1);
        lua_xmove(co, m->main, 2);
    }
    int status = arc_fail(m, failure);
    return atomic_load(&task->killed) ? ARC_KILLED : status;
}

static void release(arc_machine *m, arc_task *task) {
    if (task->inner_traceback != NULL) {
        lua_pushnil(m->main);
        lua_rawsetp(m->main, LUA_REGISTRYINDEX, task);  // a key that is there: allocates nothing
    }
    free(task->traceback);
    free(task->inner_traceback);
    task->traceback = task->inner_traceback = NULL;
    if (task->reference != LUA_NOREF) luaL_unref(m->main, LUA_REGISTRYINDEX, task->reference);
    pthread_mutex_lock(&m->lock);
    if (atomic_load(&task->killed) != 0) m->dying--;
    task->coroutine = NULL;
    task->state = ARC_TASK_FREE;
    task->queued = m->free_task;
    m->free_task = task->index;
    pthread_mutex_unlock(&m->lock);
}

// Its function is over. What it started and left behind ends before it does.
static int conclude(arc_machine *m, arc_task *task, uint64_t *id) {
    task->is_over = true;
    pthread_mutex_lock(&m->lock);
    bool waits = arc_ends_groups(m, task);
    if (waits) task->state = ARC_TASK_ENDING;
    pthread_mutex_unlock(&m->lock);
    if (waits) return ARC_WAITING;
    int failure = task->resumed == LUA_OK ? task->status : task->resumed;
    int status = ARC_WAITING;
    if (task->group == ARC_NONE) {
        *id = arc_task_id(task);
        m->kill_reason = atomic_load(&task->killed);
        status = report(m, task, failure);
    } else {
        pthread_mutex_lock(&m->lock);
        arc_leave_group(m, task, failure);
        pthread_mutex_unlock(&m->lock);
    }
    release(m, task);
    return status;
}

static int resume(arc_machine *m, arc_task *task, uint64_t *id) {
    if (task->is_over) return conclude(m, task, id);
    lua_State *co = task->coroutine;
    int arguments = task->started ? 0 : task->count;
    if (task->started) lua_settop(co, -2);  // the marker
    task->started = true;
    m->blocked = NULL;
    pthread_mutex_lock(&m->lock);
    m->running = task;
    task->state = ARC_TASK_RUNNING;
    pthread_mutex_unlock(&m->lock);
    arc_clean_up_resumed(m);
    arc_set_current(m, co);
    int count = 0;
    int status = lua_resume(co, NULL, arguments, &count);
    pthread_mutex_lock(&m->lock);
    m->running = NULL;
    m->current = NULL;
    pthread_mutex_unlock(&m->lock);
    m->resume_values = NULL;
    arc_arena_give_back_all(m);
    if (status == LUA_YIELD) return ARC_WAITING;
    task->count = count;
    task->resumed = status;
    return conclude(m, task, id);
}

int arc_task_resume(arc_machine *m, uint64_t id, arc_arena *values, bool raise, uint64_t *ended) {
    *ended = 0;
    pthread_mutex_lock(&m->lock);
    arc_task *task = arc_task_find(m, id);
    bool waits = task != NULL && task->state == ARC_TASK_WAITING;
    pthread_mutex_unlock(&m->lock);
    if (!waits) {
        arc_arena_give_back(m, values);
        return ARC_WAITING;
    }
    m->resume_values = values;
    m->resume_raises = raise;
    return resume(m, task, ended);
}

bool arc_machine_run(arc_machine *m, int *status, uint64_t *ended) {
    *ended = 0;
    arc_task *task = next_ready(m);
    if (task == NULL) return false;
    *status = resume(m, task, ended);
    return true;
}

uint64_t arc_machine_running(const arc_machine *m) { return m->running == NULL ? 0 : arc_task_id(m->running); }

uint64_t arc_machine_root(const arc_machine *m) {
    return m->running == NULL ? 0 : arc_task_id(m->tasks[m->running->root]);
}

int arc_machine_kill_reason(const arc_machine *m) { return m->kill_reason; }
