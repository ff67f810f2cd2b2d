#include <sched.h>
#include <stdlib.h>

#include "machine.h"

static bool refuses(arc_machine *m, size_t grown) {
    if (m->fail_count > 0 && --m->fail_after < 0) {
        m->fail_count--;
        return true;
    }
    return m->limit != 0 && !m->unlimited && m->used + m->external + grown > m->limit;
}

// Lua's allocator. Where `ptr` is NULL, `osize` is a type tag and not a size.
void *arc_allocate(void *ud, void *ptr, size_t osize, size_t nsize) {
    arc_machine *m = ud;
    size_t old = ptr == NULL ? 0 : osize;
    // lua_sethook on another thread walks the list of calls, whose nodes are freed here.
    while (atomic_load(&m->arming) != 0) sched_yield();
    if (nsize == 0) {
        arc_block_resize(&m->blocks, ptr, old, 0);
        m->used -= old;
        return NULL;
    }
    if (nsize > old && refuses(m, nsize - old)) return NULL;
    void *block = arc_block_resize(&m->blocks, ptr, old, nsize);
    if (block != NULL) m->used += nsize - old;
    return block;
}

size_t arc_machine_memory(const arc_machine *m) { return m->used + m->external; }

void arc_machine_fail_allocations(arc_machine *m, int64_t nth, int64_t count) {
    m->fail_after = nth - 1;
    m->fail_count = count;
}
