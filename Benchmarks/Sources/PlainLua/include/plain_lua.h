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

void plain_lua_close(plain_lua *lua);

#endif
