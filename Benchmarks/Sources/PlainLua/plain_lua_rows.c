#define _DEFAULT_SOURCE
#include <endian.h>
#include <libpq-fe.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <stdint.h>
#include <string.h>

#include "plain_lua.h"

static int64_t integer(const char *value, int width) {
    uint64_t eight;
    uint32_t four;
    if (width == 8) {
        memcpy(&eight, value, 8);
        return (int64_t)be64toh(eight);
    }
    memcpy(&four, value, 4);
    return (int32_t)be32toh(four);
}

static double number(const char *value) {
    int64_t bits = integer(value, 8);
    double number;
    memcpy(&number, &bits, 8);
    return number;
}

// The types of the columns by their OIDs, as a client of the binary format knows them. Moments stay numbers, which is less
// than arc makes of them.
static void push(lua_State *L, const PGresult *rows, int row, int column) {
    const char *value = PQgetvalue(rows, row, column);
    int length = PQgetlength(rows, row, column);
    switch (PQftype(rows, column)) {
    case 16: lua_pushboolean(L, value[0]); break;
    case 20:
    case 1184: lua_pushinteger(L, integer(value, 8)); break;
    case 23: lua_pushinteger(L, integer(value, 4)); break;
    case 701: lua_pushnumber(L, number(value)); break;
    default: lua_pushlstring(L, value, (size_t)length);
    }
}

// Keys pushed once, tables made in their size, fields set raw: the fastest of the ways that were tried.
static int make_rows(lua_State *L) {
    const PGresult *rows = lua_touserdata(L, 1);
    int count = PQntuples(rows), width = PQnfields(rows);
    luaL_checkstack(L, width + 8, NULL);
    for (int column = 0; column < width; column++) lua_pushstring(L, PQfname(rows, column));
    lua_createtable(L, count, 0);
    int all = lua_gettop(L);
    for (int row = 0; row < count; row++) {
        lua_createtable(L, 0, width);
        for (int column = 0; column < width; column++) {
            if (PQgetisnull(rows, row, column)) continue;
            lua_pushvalue(L, 2 + column);
            push(L, rows, row, column);
            lua_rawset(L, all + 1);
        }
        lua_rawseti(L, all, row + 1);
    }
    lua_setglobal(L, "rows");
    return 0;
}

const char *plain_lua_rows(plain_lua *lua, const void *result) {
    lua_State *L = (lua_State *)lua;
    lua_settop(L, 0);
    lua_pushnil(L);
    lua_setglobal(L, "rows");
    lua_gc(L, LUA_GCCOLLECT);
    lua_pushcfunction(L, make_rows);
    lua_pushlightuserdata(L, (void *)result);
    return lua_pcall(L, 1, 0, 0) == LUA_OK ? NULL : lua_tostring(L, -1);
}

void *plain_lua_query(const char *url, const char *sql) {
    PGconn *connection = PQconnectdb(url);
    PGresult *rows = PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, 1);
    PQfinish(connection);
    if (PQresultStatus(rows) == PGRES_TUPLES_OK) return rows;
    PQclear(rows);
    return NULL;
}

void plain_lua_clear(void *result) { PQclear(result); }
