#ifndef ARC_LUA_H
#define ARC_LUA_H
#endif
