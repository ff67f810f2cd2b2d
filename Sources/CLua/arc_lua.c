#include "arc_lua.h"
