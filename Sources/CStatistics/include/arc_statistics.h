#ifndef ARC_STATISTICS_H
#define ARC_STATISTICS_H
#endif
