// A task is one coroutine that the host resumes. What the host can do from another thread is to kill it.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

// Hooks are per coroutine, and stay on it: a coroutine that another task resumes later takes its old hook off.
static void kill_hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    arc_machine *m = arc_machine_of(L);
    if (m->running == NULL || !atomic_load(&m->running->killed)) {
        lua_sethook(L, NULL, 0, 0);
        return;
    }
    arc_raise_killed(L);
}

// Called with the lock held. Freeing waits meanwhile, since lua_sethook walks the coroutine's list of calls.
static void arm(arc_machine *m) {
    atomic_store(&m->arming, 1);
    lua_sethook(m->current, kill_hook, LUA_MASKCOUNT | LUA_MASKLINE, 1);
    atomic_store(&m->arming, 0);
}

void arc_set_current(arc_machine *m, lua_State *L) {
    pthread_mutex_lock(&m->lock);
    m->current = L;
    if (m->running != NULL && atomic_load(&m->running->killed)) arm(m);
    pthread_mutex_unlock(&m->lock);
}

static uint64_t identifier(const arc_machine *m, uint32_t index) {
    return ((uint64_t)m->tasks[index]->generation << 32) | index;
}

static arc_task *find(const arc_machine *m, uint64_t id) {
    uint32_t index = (uint32_t)id;
    if (index >= m->task_count || m->tasks[index]->generation != (uint32_t)(id >> 32)) return NULL;
    return m->tasks[index]->coroutine == NULL ? NULL : m->tasks[index];
}

void arc_task_kill(arc_machine *m, uint64_t id) {
    pthread_mutex_lock(&m->lock);
    arc_task *task = find(m, id);
    if (task != NULL) {
        atomic_store(&task->killed, 1);
        if (m->running == task && m->current != NULL) arm(m);
    }
    pthread_mutex_unlock(&m->lock);
}

// A free place for a task, or -1. Places are never freed, only their number grows.
static int64_t free_place(arc_machine *m) {
    for (uint32_t i = 0; m->live_tasks < m->task_count; i++) {
        uint32_t at = (m->next_task + i) % m->task_count;
        if (m->tasks[at]->coroutine == NULL) {
            m->next_task = at + 1;
            return at;
        }
    }
    uint32_t added = m->task_count == 0 ? 64 : m->task_count;
    pthread_mutex_lock(&m->lock);
    arc_task **tasks = realloc(m->tasks, (m->task_count + added) * sizeof(arc_task *));
    if (tasks != NULL) m->tasks = tasks;
    arc_task *block = tasks == NULL ? NULL : calloc(added, sizeof(arc_task));
    int64_t at = -1;
    if (block != NULL) {
        for (uint32_t i = 0; i < added; i++) tasks[m->task_count + i] = &block[i];
        at = m->task_count;
        m->task_count += added;
        m->next_task = (uint32_t)at + 1;
    }
    pthread_mutex_unlock(&m->lock);
    return at;
}

void arc_tasks_free(arc_machine *m) {
    for (uint32_t i = 0; i < m->task_count; i++) free(m->tasks[i]->traceback);
    // Blocks begin at 0 and at every doubling.
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

typedef struct {
    arc_task *task;
    int32_t function;
    arc_arena *arguments;
    lua_State *coroutine;
    int reference;
} start_request;

static int start(lua_State *L) {
    start_request *request = lua_touserdata(L, 1);
    arc_machine *m = arc_machine_of(L);
    if (request->arguments->failed) return luaL_error(L, "not enough memory");
    request->coroutine = lua_newthread(L);
    lua_sethook(request->coroutine, NULL, 0, 0);
    lua_pushvalue(L, -1);
    lua_pushcfunction(L, base);
    lua_rawgeti(L, LUA_REGISTRYINDEX, request->function);
    int pushed = arc_push_all(L, m, request->arguments);
    if (!lua_checkstack(request->coroutine, pushed + 8)) return luaL_error(L, "too many arguments");
    lua_xmove(L, request->coroutine, pushed + 2);
    request->task->arguments = pushed + 1;
    request->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int arc_task_start(arc_machine *m, int32_t function, arc_arena *arguments, uint64_t *id) {
    int64_t place = free_place(m);
    if (place < 0) return ARC_MEMORY;
    arc_task *task = m->tasks[place];
    start_request request = {task, function, arguments, NULL, LUA_NOREF};
    int status = arc_protect(m, start, &request);
    if (status != ARC_OK) return status;
    pthread_mutex_lock(&m->lock);
    task->generation++;
    task->coroutine = request.coroutine;
    task->reference = request.reference;
    task->started = false;
    task->status = LUA_OK;
    atomic_store(&task->killed, 0);
    m->live_tasks++;
    *id = identifier(m, (uint32_t)place);
    pthread_mutex_unlock(&m->lock);
    return ARC_OK;
}

void arc_task_end(arc_machine *m, uint64_t id) {
    arc_task *task = find(m, id);
    if (task == NULL) return;
    pthread_mutex_lock(&m->lock);
    task->coroutine = NULL;
    m->live_tasks--;
    pthread_mutex_unlock(&m->lock);
    arc_machine_release(m, task->reference);
    free(task->traceback);
    task->traceback = NULL;
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

// The coroutine has ended: its results, or the error's value and text, are on its stack.
static int finish(arc_machine *m, arc_task *task, int count, int resumed) {
    int failure = resumed == LUA_OK ? task->status : resumed;
    lua_State *co = task->coroutine;
    if (failure == LUA_OK) {
        results_request request = {co, count};
        return arc_protect(m, take_results, &request);
    }
    lua_settop(m->main, 0);
    free(m->traceback);
    m->traceback = task->traceback;
    task->traceback = NULL;
    if (failure != LUA_ERRMEM) {
        // Errors of the base itself, outside its pcall, leave a value without its text.
        if (resumed != LUA_OK) lua_pushvalue(co, -1);
        lua_xmove(co, m->main, 2);
    }
    int status = arc_fail(m, failure);
    return atomic_load(&task->killed) ? ARC_KILLED : status;
}

int arc_task_resume(arc_machine *m, uint64_t id, arc_arena *values, bool raise) {
    arc_task *task = find(m, id);
    if (task == NULL) return ARC_KILLED;
    lua_State *co = task->coroutine;
    int arguments = task->started ? 0 : task->arguments;
    if (task->started) lua_settop(co, -2);  // the marker
    task->started = true;
    m->resume_values = values;
    m->resume_raises = raise;
    m->blocked = NULL;
    pthread_mutex_lock(&m->lock);
    m->running = task;
    pthread_mutex_unlock(&m->lock);
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
    int result = finish(m, task, count, status);
    arc_task_end(m, id);
    return result;
}
