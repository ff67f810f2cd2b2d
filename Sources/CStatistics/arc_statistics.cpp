#include "arc_statistics.h"
