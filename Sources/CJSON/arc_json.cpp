#include "arc_json.h"
