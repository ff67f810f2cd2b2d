#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

// Reports that are known to be none. Each is the standard library's, and shown by a program that does nothing else.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return
        // The one object that all empty arrays are. `ContiguousArray(unsafeUninitializedCapacity: 0)`, as in
        // `Array(Deque())`, writes its count, which is 0, anew. Eight threads that make such an array each are reported
        // (Swift 6.3.1). Only reports about this object are suppressed; it has nothing that changes.
        "race:_swiftEmptyArrayStorage\n";
}

#endif
#endif
