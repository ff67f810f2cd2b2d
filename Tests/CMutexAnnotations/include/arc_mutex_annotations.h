#ifndef ARC_MUTEX_ANNOTATIONS_H
#define ARC_MUTEX_ANNOTATIONS_H

// Nothing to call: linking this target into a program is enough. See arc_mutex_annotations.c.

#endif
