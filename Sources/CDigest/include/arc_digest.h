#ifndef ARC_DIGEST_H
#define ARC_DIGEST_H
#endif
