#ifndef ARC_JSON_H
#define ARC_JSON_H
#endif
