#ifndef ARC_JSON_ORACLE_H
#define ARC_JSON_ORACLE_H

#include "arc_json.h"

#ifdef __cplusplus
extern "C" {
#endif

// What RapidJSON says of the same text: NULL where it agrees with the list, or what it doesn't agree with.
const char *json_oracle(const char *text, size_t length, const arc_json_tape *tape, size_t maximum_depth);

#ifdef __cplusplus
}
#endif

#endif
