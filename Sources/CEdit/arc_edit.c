#include "arc_edit.h"
