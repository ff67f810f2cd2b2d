#ifndef PLAIN_LUA_H
#define PLAIN_LUA_H

// Lua 5.4 as a plain C program hosts it, to measure arc against.

typedef struct plain_lua plain_lua;

// A state with the standard libraries and one C function, `increment(n)`. NULL without memory.
plain_lua *plain_lua_open(void);

// Runs a chunk. NULL, or the error's message, which is valid until the next call.
const char *plain_lua_run(plain_lua *lua, const char *chunk);

// A global that is a number; NaN where it isn't.
double plain_lua_number(plain_lua *lua, const char *name);

// The result of a query in libpq's binary format, to be cleared; NULL where it failed.
void *plain_lua_query(const char *url, const char *sql);

void plain_lua_clear(void *result);

// Makes a table of each row of a result, by the columns' names, and a list `rows` of them. The list of before is collected
// first. NULL, or the error's message.
const char *plain_lua_rows(plain_lua *lua, const void *result);

void plain_lua_close(plain_lua *lua);

#endif
