// Groups: the tasks that one task has started and waits for. The first failure of a member kills the others, and is
// raised where the owner waits; an owner ends after all of its members. Preludes make `map`, `scope` and their like of
// this, through the table `host`.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define GROUP_BIT ((uint64_t)1 << 63)

static uint64_t group_id(const arc_group *group) {
    return GROUP_BIT | ((uint64_t)group->generation << 32) | group->index;
}

static arc_group *find(const arc_machine *m, uint64_t id) {
    uint32_t index = (uint32_t)id;
    if ((id & GROUP_BIT) == 0 || index >= m->group_count) return NULL;
    arc_group *group = m->groups[index];
    return group->used && group->generation == (uint32_t)((id & ~GROUP_BIT) >> 32) ? group : NULL;
}

static arc_group *check_group(lua_State *L, arc_machine *m, int index) {
    arc_group *group = find(m, (uint64_t)luaL_checkinteger(L, index));
    if (group == NULL) luaL_error(L, "the scope is over");
    return group;
}

static bool add_places(arc_machine *m) {
    uint32_t added = m->group_count == 0 ? 16 : m->group_count;
    pthread_mutex_lock(&m->lock);
    arc_group **groups = realloc(m->groups, (m->group_count + added) * sizeof(arc_group *));
    if (groups != NULL) m->groups = groups;
    arc_group *block = groups == NULL ? NULL : calloc(added, sizeof(arc_group));
    if (block != NULL) {
        for (uint32_t i = added; i-- > 0;) {
            groups[m->group_count + i] = &block[i];
            block[i].index = m->group_count + i;
            block[i].next = m->free_group;
            m->free_group = block[i].index;
        }
        m->group_count += added;
    }
    bool added_notices = arc_reserve_notices(m);
    pthread_mutex_unlock(&m->lock);
    return block != NULL && added_notices;
}

void arc_groups_free(arc_machine *m) {
    for (uint32_t i = 0; i < m->group_count; i++) free(m->groups[i]->traceback);
    for (uint32_t i = 0; i < m->group_count; i = i == 0 ? 16 : i * 2) free(m->groups[i]);
    free(m->groups);
}

// With the lock held. The failure's coroutine stays for whoever takes it.
static void forget(arc_machine *m, arc_group *group) {
    uint32_t *at = &m->tasks[group->owner]->groups;
    while (*at != group->index) at = &m->groups[*at]->next;
    *at = group->next;
    if (group->timed) arc_notice(m, group_id(group));
    free(group->traceback);
    group->traceback = NULL;
    group->used = false;
    group->next = m->free_group;
    m->free_group = group->index;
}

bool arc_ends_groups(arc_machine *m, arc_task *task) {
    bool waits = false;
    for (uint32_t at = task->groups, next; at != ARC_NONE; at = next) {
        arc_group *group = m->groups[at];
        next = group->next;
        if (group->live > 0) {
            arc_kill_members(m, group, NULL, ARC_KILL_CANCELLED);
            waits = true;
            continue;
        }
        if (group->failed) luaL_unref(m->main, LUA_REGISTRYINDEX, group->failure);
        forget(m, group);
    }
    return waits;
}

void arc_leave_group(arc_machine *m, arc_task *task, int failure) {
    arc_group *group = m->groups[task->group];
    if (task->previous != ARC_NONE) m->tasks[task->previous]->next = task->next;
    if (task->next != ARC_NONE) m->tasks[task->next]->previous = task->previous;
    if (group->first == task->index) group->first = task->next;
    group->live--;
    if (failure != LUA_OK && !group->closed && !atomic_load(&task->killed)) {
        group->failed = true;
        group->failure = task->reference;
        group->failure_status = failure;
        group->traceback = task->traceback;
        task->reference = LUA_NOREF;
        task->traceback = NULL;
        if (task->resumed == LUA_OK && failure != LUA_ERRMEM) lua_settop(task->coroutine, -2);  // the text
        arc_kill_members(m, group, NULL, ARC_KILL_CANCELLED);
    }
    if (group->live > 0) return;
    arc_task *owner = m->tasks[group->owner];
    if (owner->state == ARC_TASK_JOINING && owner->joins == group->index) arc_make_ready(m, owner);
    if (owner->state != ARC_TASK_ENDING) return;
    for (uint32_t at = owner->groups; at != ARC_NONE; at = m->groups[at]->next) {
        if (m->groups[at]->live > 0) return;
    }
    arc_make_ready(m, owner);
}

// host.group(name): a group of the running task. The name is what can't wait where Lua can't be suspended.
static int new_group(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    const char *name = luaL_checkstring(L, 1);
    if (arc_is_killed(m)) arc_raise_killed(L);
    if (!arc_can_wait(L, m)) return arc_raise_not_yieldable(L, m, name);
    if (m->free_group == ARC_NONE && !add_places(m)) arc_raise_memory(L);
    pthread_mutex_lock(&m->lock);
    arc_group *group = m->groups[m->free_group];
    m->free_group = group->next;
    uint32_t index = group->index, generation = (group->generation + 1) & 0x7fffffff;
    *group = (arc_group){.generation = generation, .index = index, .owner = m->running->index,
                         .next = m->running->groups, .first = ARC_NONE, .used = true};
    m->running->groups = index;
    pthread_mutex_unlock(&m->lock);
    lua_pushinteger(L, (lua_Integer)group_id(group));
    return 1;
}

// host.spawn(group, function, ...): a new member; its number.
static int spawn(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    if (arc_is_killed(m)) arc_raise_killed(L);
    arc_group *group = check_group(L, m, 1);
    pthread_mutex_lock(&m->lock);
    bool is_cancelled = group->closed && !group->expired;
    pthread_mutex_unlock(&m->lock);
    if (is_cancelled) return luaL_error(L, "the scope was cancelled");
    arc_task *task = arc_task_make(L, m, lua_gettop(L) - 2);
    pthread_mutex_lock(&m->lock);
    task->group = group->index;
    task->root = m->tasks[group->owner]->root;
    task->next = group->first;
    if (group->first != ARC_NONE) m->tasks[group->first]->previous = task->index;
    group->first = task->index;
    group->live++;
    group->begun = true;
    // Its time may have run out meanwhile.
    if (group->closed) arc_kill_members(m, group, NULL, group->expired ? ARC_KILL_TIME : ARC_KILL_CANCELLED);
    pthread_mutex_unlock(&m->lock);
    lua_pushinteger(L, (lua_Integer)arc_task_id(task));
    return 1;
}

// Raises a member's failure in the owner, whose traceback goes behind the member's.
static int raise_failure(lua_State *L, arc_machine *m, int reference, int status, char *traceback) {
    arc_task *owner = m->running;
    free(owner->inner_traceback);
    owner->inner_traceback = traceback;
    if (status == LUA_ERRMEM) {
        luaL_unref(L, LUA_REGISTRYINDEX, reference);
        return arc_raise_memory(L);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
    lua_State *co = lua_tothread(L, -1);
    lua_xmove(co, L, 1);
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    if (traceback != NULL) {
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, owner);
    }
    return lua_error(L);
}

static int joined(lua_State *L, int status, lua_KContext context) {
    (void)status;
    arc_machine *m = arc_machine_of(L);
    arc_group *group = m->groups[(uint32_t)context];
    pthread_mutex_lock(&m->lock);
    int failure = group->failure, failure_status = group->failure_status;
    bool failed = group->failed, expired = group->expired;
    char *traceback = group->traceback;
    group->traceback = NULL;
    forget(m, group);
    pthread_mutex_unlock(&m->lock);
    if (!failed) {
        if (arc_is_killed(m)) arc_raise_killed(L);
        lua_pushboolean(L, expired);
        return 1;
    }
    return raise_failure(L, m, failure, failure_status, traceback);
}

// host.join(group): waits for all members, and raises their failure; whether their time ran out.
static int join(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    arc_group *group = check_group(L, m, 1);
    if (m->running == NULL || group->owner != m->running->index) return luaL_error(L, "only its owner waits for a group");
    uint32_t index = group->index;
    lua_settop(L, 0);
    pthread_mutex_lock(&m->lock);
    bool waits = group->live > 0;
    m->running->joins = index;
    pthread_mutex_unlock(&m->lock);
    if (!waits) return joined(L, LUA_OK, index);
    arc_suspend(m, ARC_TASK_JOINING);
    return arc_yield(L, index, joined);
}

// host.cancel(group, task): ends its members without a failure, but for that one.
static int cancel(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    arc_group *group = find(m, (uint64_t)luaL_checkinteger(L, 1));
    uint64_t spares = (uint64_t)luaL_optinteger(L, 2, -1);
    pthread_mutex_lock(&m->lock);
    const arc_task *spared = arc_task_find(m, spares);
    if (group != NULL) arc_kill_members(m, group, spared, ARC_KILL_CANCELLED);
    pthread_mutex_unlock(&m->lock);
    return 0;
}

// host.timed(group): the host will end it; it is told when the group is gone.
static int timed(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    check_group(L, m, 1)->timed = true;
    return 0;
}

void arc_group_expire(arc_machine *m, uint64_t id) {
    pthread_mutex_lock(&m->lock);
    arc_group *group = find(m, id);
    bool is_over = group != NULL && group->begun && group->live == 0;
    if (group != NULL && !is_over && !group->closed) {
        group->expired = true;
        arc_kill_members(m, group, NULL, ARC_KILL_TIME);
    }
    pthread_mutex_unlock(&m->lock);
}

static int go_on(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    if (arc_is_killed(arc_machine_of(L))) arc_raise_killed(L);
    return 0;
}

static int step_aside(lua_State *L, enum arc_task_state state) {
    arc_machine *m = arc_machine_of(L);
    const char *name = luaL_checkstring(L, 1);
    if (arc_is_killed(m)) arc_raise_killed(L);
    if (!arc_can_wait(L, m)) return arc_raise_not_yieldable(L, m, name);
    lua_settop(L, 0);
    arc_suspend(m, state);
    return arc_yield(L, 0, go_on);
}

// host.pass(name): lets the other tasks go first. host.park(name): waits until another task wakes this one.
static int pass(lua_State *L) { return step_aside(L, ARC_TASK_READY); }
static int park(lua_State *L) { return step_aside(L, ARC_TASK_PARKED); }

// host.wake(task): whether it was parked.
static int wake(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    pthread_mutex_lock(&m->lock);
    arc_task *task = arc_task_find(m, (uint64_t)lua_tointeger(L, 1));
    bool parked = task != NULL && task->state == ARC_TASK_PARKED;
    if (parked) arc_make_ready(m, task);
    pthread_mutex_unlock(&m->lock);
    lua_pushboolean(L, parked);
    return 1;
}

// host.may_wait(name): raises where Lua can't be suspended.
static int may_wait(lua_State *L) {
    arc_machine *m = arc_machine_of(L);
    const char *name = luaL_checkstring(L, 1);
    return arc_can_wait(L, m) ? 0 : arc_raise_not_yieldable(L, m, name);
}

// host.current(): the running task's number.
static int current(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)arc_machine_running(arc_machine_of(L)));
    return 1;
}

void arc_open_groups(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"group", new_group}, {"spawn", spawn}, {"join", join}, {"cancel", cancel},   {"timed", timed},
        {"pass", pass},       {"park", park},   {"wake", wake}, {"current", current},
        {"may_wait", may_wait}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
