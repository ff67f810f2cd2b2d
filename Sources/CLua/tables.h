#ifndef ARC_TABLES_H
#define ARC_TABLES_H

#include "machine.h"

// Turns of a loop, among which there is now and then a look at whether the task was killed. What one turn costs is up
// to metatables: a chain of two thousand of them takes tens of microseconds.
typedef struct {
    uint32_t count;
} arc_turns;

static inline void arc_turn(lua_State *L, arc_turns *turns) {
    if ((++turns->count & 0xFF) == 0) arc_poll(L, arc_machine_of(L));
}

// What a function does with a table, for which something else needs the metamethods.
enum arc_table_use { ARC_READ = 1, ARC_WRITE = 2, ARC_LENGTH = 4 };

void arc_check_table(lua_State *L, int index, int use);
// The length of the first argument.
lua_Integer arc_table_length(lua_State *L, int use);

// sort.c
int arc_table_sort(lua_State *L);

#endif
