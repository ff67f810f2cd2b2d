#ifndef ARC_THREAD_SANITIZER_H
#define ARC_THREAD_SANITIZER_H

// What the thread sanitizer has to be told of Swift's libraries, which aren't built for it. There is nothing to call:
// linking this target into a program is enough, and without the sanitizer it is empty.

#endif
