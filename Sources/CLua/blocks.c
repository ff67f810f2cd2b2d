// Small blocks of memory for one machine's objects. Lua says a block's size when it frees it, so blocks need no headers:
// those of one size that are free form a list, and new ones are cut off the newest chunk. Chunks go with the machine.

#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define ARC_BLOCK_STEP 16
#define ARC_FIRST_CHUNK ((size_t)4096)
#define ARC_LARGEST_CHUNK ((size_t)1 << 17)

typedef struct chunk {
    struct chunk *next;
    size_t size;
} chunk;

typedef struct free_block {
    struct free_block *next;
} free_block;

// Under the address sanitizer each block is the allocator's own, so that it sees what is done with it.
#if __has_feature(address_sanitizer)
static const size_t largest = 0;
#else
static const size_t largest = ARC_BLOCK_CLASSES * ARC_BLOCK_STEP;
#endif

static size_t class_of(size_t size) { return (size - 1) / ARC_BLOCK_STEP; }

static bool is_small(size_t size) { return size <= largest; }

static bool add_chunk(arc_blocks *blocks) {
    chunk *last = blocks->chunks;
    size_t size = last == NULL ? ARC_FIRST_CHUNK : last->size < ARC_LARGEST_CHUNK ? last->size * 2 : last->size;
    if (blocks->most != 0 && blocks->size + size > blocks->most) return false;
    chunk *added = malloc(size);
    if (added == NULL) return false;
    *added = (chunk){.next = last, .size = size};
    blocks->chunks = added;
    blocks->size += size;
    blocks->fresh = (char *)added + sizeof(chunk);
    blocks->fresh_end = (char *)added + size;
    return true;
}

static void *take(arc_blocks *blocks, size_t size) {
    size_t class = class_of(size);
    free_block *block = blocks->free[class];
    if (block != NULL) {
        blocks->free[class] = block->next;
        return block;
    }
    size_t whole = (class + 1) * ARC_BLOCK_STEP;
    if ((size_t)(blocks->fresh_end - blocks->fresh) < whole && !add_chunk(blocks)) return NULL;
    void *fresh = blocks->fresh;
    blocks->fresh += whole;
    return fresh;
}

static void give_back(arc_blocks *blocks, void *block, size_t size) {
    free_block *freed = block;
    freed->next = blocks->free[class_of(size)];
    blocks->free[class_of(size)] = freed;
}

void *arc_block_resize(arc_blocks *blocks, void *block, size_t old, size_t size) {
    bool was_small = block != NULL && is_small(old), will_be_small = size > 0 && is_small(size);
    if (!was_small && !will_be_small) {
        if (size > 0) return realloc(block, size);
        free(block);
        return NULL;
    }
    if (was_small && will_be_small && class_of(old) == class_of(size)) return block;
    void *moved = size == 0 ? NULL : will_be_small ? take(blocks, size) : malloc(size);
    if (size > 0 && moved == NULL) return NULL;
    if (block == NULL) return moved;
    if (moved != NULL) memcpy(moved, block, old < size ? old : size);
    if (was_small) {
        give_back(blocks, block, old);
    } else {
        free(block);
    }
    return moved;
}

// A block that is free serves its own size alone, so what a machine uses now by one size and then by another is more than
// its limit: twice as much at most. Beyond that Lua collects, which frees blocks of the size that it wants.
void arc_blocks_limit(arc_blocks *blocks, size_t limit) {
    blocks->most = limit == 0 ? 0 : limit * 2 + 16 * ARC_FIRST_CHUNK;
}

void arc_blocks_free(arc_blocks *blocks) {
    while (blocks->chunks != NULL) {
        chunk *first = blocks->chunks;
        blocks->chunks = first->next;
        free(first);
    }
    *blocks = (arc_blocks){0};
}
