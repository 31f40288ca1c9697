/* no licence line */
#pragma once

#include "base/low.h"
