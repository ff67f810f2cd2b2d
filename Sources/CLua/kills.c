// Ending tasks that don't want to. A kill is a level: a task that was killed keeps raising until it ends, and with it
// all tasks within it. Between the first time and the others it may compute for a moment, not wait, so that its closing
// code runs.

#include <stdlib.h>
#include <time.h>

#include "machine.h"

// What all tasks together that clean up at the same time may compute, in nanoseconds; and after how many instructions a
// look at the clock is due.
enum { grace = 20000000, grace_instructions = 16 };

// Of this thread: how busy the machine is doesn't count.
static int64_t time_spent(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

bool arc_may_clean_up(arc_machine *m) {
    if (m->running == NULL || !m->running->raised || m->grace <= 0) return false;
    int64_t now = time_spent();
    m->grace -= now - m->grace_seen;
    m->grace_seen = now;
    return m->grace > 0;
}

void arc_clean_up_resumed(arc_machine *m) {
    if (m->running->raised) m->grace_seen = time_spent();
}

// Hooks are per coroutine, and stay on it: a coroutine that another task resumes later takes its old hook off.
static void kill_hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    arc_machine *m = arc_machine_of(L);
    if (!arc_is_killed(m)) {
        lua_sethook(L, NULL, 0, 0);
    } else if (arc_may_clean_up(m)) {
        if (lua_gethookmask(L) != LUA_MASKCOUNT) lua_sethook(L, kill_hook, LUA_MASKCOUNT, grace_instructions);
    } else {
        if (m->running->raised) lua_sethook(L, kill_hook, LUA_MASKCOUNT | LUA_MASKLINE, 1);
        arc_raise_killed(L);
    }
}

void arc_raise_killed(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    if (m->running != NULL && !m->running->raised) {
        m->running->raised = true;
        if (atomic_exchange(&m->grace_is_due, 0) != 0) m->grace = grace;
        if (atomic_load(&m->running->killed) == ARC_KILL_EXIT) m->grace = 0;
        m->grace_seen = time_spent();
        if (m->grace > 0) lua_sethook(L, kill_hook, LUA_MASKCOUNT, grace_instructions);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_kill_key);
    lua_error(L);
}

// Freeing waits meanwhile, since lua_sethook walks the coroutine's list of calls.
void arc_arm(arc_machine *m) {
    atomic_store(&m->arming, 1);
    lua_sethook(m->current, kill_hook, LUA_MASKCOUNT | LUA_MASKLINE, 1);
    atomic_store(&m->arming, 0);
}

bool arc_reserve_notices(arc_machine *m) {
    size_t wanted = (size_t)m->task_count + m->group_count;
    if (wanted <= m->notice_capacity) return true;
    uint64_t *notices = realloc(m->notices, wanted * sizeof(uint64_t));
    if (notices == NULL) return false;
    m->notices = notices;
    m->notice_capacity = wanted;
    return true;
}

void arc_notice(arc_machine *m, uint64_t id) {
    if (m->notice_count < m->notice_capacity) m->notices[m->notice_count++] = id;
}

uint64_t arc_machine_next_notice(arc_machine *m) {
    pthread_mutex_lock(&m->lock);
    uint64_t id = m->notice_count == 0 ? 0 : m->notices[--m->notice_count];
    pthread_mutex_unlock(&m->lock);
    return id;
}

static void add_members(arc_machine *m, arc_group *group, const arc_task *spared, arc_task **list) {
    if (spared == NULL) group->closed = true;
    for (uint32_t at = group->first; at != ARC_NONE; at = m->tasks[at]->next) {
        arc_task *task = m->tasks[at];
        if (task == spared || atomic_load(&task->killed)) continue;
        task->to_kill = *list == NULL ? ARC_NONE : (*list)->index;
        *list = task;
    }
}

static void kill_all(arc_machine *m, arc_task *list, int reason) {
    while (list != NULL) {
        arc_task *task = list;
        list = task->to_kill == ARC_NONE ? NULL : m->tasks[task->to_kill];
        atomic_store(&task->killed, reason);
        // Who is killed while others are dying still gets no time of their own.
        if (m->dying++ == 0) atomic_store(&m->grace_is_due, 1);
        if (task->state == ARC_TASK_RUNNING && m->running == task && m->current != NULL) arc_arm(m);
        if (task->state == ARC_TASK_WAITING) arc_notice(m, arc_task_id(task));
        if (task->state == ARC_TASK_PARKED) arc_make_ready(m, task);
        for (uint32_t at = task->groups; at != ARC_NONE; at = m->groups[at]->next) {
            add_members(m, m->groups[at], NULL, &list);
        }
    }
}

void arc_kill_members(arc_machine *m, arc_group *group, const arc_task *spared, int reason) {
    arc_task *list = NULL;
    add_members(m, group, spared, &list);
    kill_all(m, list, reason);
}

void arc_task_kill(arc_machine *m, uint64_t id, int reason) {
    pthread_mutex_lock(&m->lock);
    arc_task *task = arc_task_find(m, id);
    if (task != NULL && !atomic_load(&task->killed)) {
        task->to_kill = ARC_NONE;
        kill_all(m, task, reason);
    }
    pthread_mutex_unlock(&m->lock);
}
