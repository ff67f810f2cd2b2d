// Drives JSON's reader and writer: what is read is compared with RapidJSON, what is written is read again, and tables that
// are filled where they are touched are compared with those made as a whole. Some runs have their allocations fail.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_oracle.h"
#include "machine.h"

static const char script[] =
    "local host, lazy = ...\n"
    "local function refuse() error('refused', 0) end\n"
    "local decode, encode = host.json.decode(refuse), host.json.encode(refuse)\n"
    "local function touch(v)\n"
    "  if type(v) == 'table' then for _, part in pairs(v) do touch(part) end end\n"
    "  return v\n"
    "end\n"
    "local layout = {sort_keys = true}\n"
    "return function(text, pretty, nan)\n"
    "  local ok, value = pcall(decode, text, {nan = nan})\n"
    "  local made, whole = pcall(lazy, text)\n"
    "  if not ok then\n"
    "    if made then pcall(touch, whole) pcall(encode, whole) end\n"
    "    return\n"
    "  end\n"
    "  local written, json = pcall(encode, value, {sort_keys = true, pretty = pretty, nan = nan})\n"
    "  if not written then return end\n"
    "  local again = encode(decode(json, {nan = nan}), {sort_keys = true, pretty = pretty, nan = nan})\n"
    "  assert(again == json, 'what was written is read as something else')\n"
    "  if nan then return end\n"
    "  assert(made, 'what is read as a whole cannot be read in parts')\n"
    "  assert(encode(whole, layout) == encode(value, layout), 'what is read in parts differs')\n"
    "  assert(encode(touch(lazy(text)), layout) == encode(value, layout), 'what is touched differs')\n"
    "end\n";

typedef struct {
    const char *text;
    size_t length;
    bool pretty, nan;
} task;

static arc_machine *machine;

static int nothing(void *function, const arc_value *arguments, size_t count, arc_arena *results) {
    (void)function;
    (void)arguments;
    (void)count;
    (void)results;
    return ARC_RETURN;
}

static int lazy(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    arc_push_json(L, arc_machine_of(L), text, length);
    return 1;
}

static int load(lua_State *L) {
    if (luaL_loadstring(L, script) != LUA_OK) return lua_error(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arc_host_key);
    lua_pushcfunction(L, lazy);
    lua_call(L, 2, 1);
    lua_setglobal(L, "check");
    return 0;
}

static int run(lua_State *L) {
    const task *t = lua_touserdata(L, 1);
    lua_getglobal(L, "check");
    lua_pushlstring(L, t->text, t->length);
    lua_pushboolean(L, t->pretty);
    lua_pushboolean(L, t->nan);
    lua_call(L, 3, 0);
    return 0;
}

static void complain(const char *what, const char *text, size_t length) {
    fprintf(stderr, "%s: %.*s\n", what, (int)length, text);
    abort();
}

static void open_machine(void) {
    machine = arc_machine_new((size_t)64 << 20, nothing);
    if (machine == NULL || arc_machine_open_libraries(machine, ARC_TRUSTED) != ARC_OK ||
        arc_protect(machine, load, NULL) != ARC_OK) {
        complain("there is no machine", "", 0);
    }
}

static void compare(const char *text, size_t length) {
    arc_json_options options = {.maximum_depth = 100};
    arc_json_tape tape = {0};
    arc_json_read(&tape, text, length, &options);
    const char *problem = json_oracle(text, length, &tape, options.maximum_depth);
    if (problem != NULL) complain(problem, text, length);
    arc_json_tape_free(&tape, &options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    if (machine == NULL) open_machine();
    // In room of its own size, so that a look beyond its end is seen.
    task t = {.length = size - 2, .pretty = data[0] & 1, .nan = data[0] & 2};
    char *text = malloc(t.length + 1);
    memcpy(text, data + 2, t.length);
    char *exact = realloc(text, t.length == 0 ? 1 : t.length);
    t.text = exact;
    compare(exact, t.length);
    bool fails = data[0] & 4;
    if (fails) arc_machine_fail_allocations(machine, data[1] + 1, 1 + (data[0] >> 4));
    int status = arc_protect(machine, run, &t);
    arc_machine_fail_allocations(machine, 0, 0);
    if (status != ARC_OK && status != ARC_MEMORY && !fails) {
        size_t count;
        const arc_value *values = arc_machine_values(machine, &count);
        if (count > 0 && values[0].tag == ARC_STRING) complain(values[0].as.bytes, exact, t.length);
        complain("an error", exact, t.length);
    }
    free(exact);
    return 0;
}
