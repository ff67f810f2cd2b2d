#ifndef ARC_FUZZER_H
#define ARC_FUZZER_H

#include <stddef.h>
#include <stdint.h>

// libFuzzer's own entry for programs that have a main function (compiler-rt/include/fuzzer, LLVMFuzzerRunDriver).
int arc_fuzz(int argc, char **argv, int (*one)(const uint8_t *bytes, size_t count));

#endif
