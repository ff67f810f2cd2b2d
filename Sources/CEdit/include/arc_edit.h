#ifndef ARC_EDIT_H
#define ARC_EDIT_H
#endif
