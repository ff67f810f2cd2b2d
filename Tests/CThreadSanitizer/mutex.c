// Shows the thread sanitizer the locking of Swift's `Synchronization.Mutex`.
//
// An uncontended lock or unlock is a compare-and-exchange that is inlined into our code, so the sanitizer sees it. A
// contended one is done in libswiftSynchronization.so, which isn't instrumented, with a futex that the kernel hands from
// owner to owner: the sanitizer misses that one thread's critical section comes before the next one's, and reports a race
// between the two. Eight threads that add to a `Mutex<[Int]>` 20,000 times each, and do nothing else, are reported
// (Swift 6.3.1, x86-64 Linux); with this file linked in they aren't, and an addition outside of the lock still is.
//
// So the two functions of the slow path are wrapped under the sanitizer: the program's definition comes before the
// library's. Nothing is suppressed. Should they be renamed, the reports come back.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

// Synchronization._MutexHandle._lockSlow(UInt32) and ._unlockSlow()
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void arc_lock(uint32_t thread, SELF handle) __asm__(LOCK);
SWIFT void arc_unlock(SELF handle) __asm__(UNLOCK);

static SWIFT void (*library_lock)(uint32_t, SELF);
static SWIFT void (*library_unlock)(SELF);

__attribute__((constructor)) static void find(void) {
    library_lock = (SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK);
    library_unlock = (SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void arc_lock(uint32_t thread, SELF handle) {
    library_lock(thread, handle);
    __tsan_acquire(handle);
}

SWIFT void arc_unlock(SELF handle) {
    __tsan_release(handle);
    library_unlock(handle);
}

#endif
#endif
