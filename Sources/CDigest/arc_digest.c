#include "arc_digest.h"
