// libpq as Swift sees it, and the descriptor that wakes a thread which waits for libpq's socket.
#include <libpq-fe.h>
#include <sys/eventfd.h>

static inline int arc_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
