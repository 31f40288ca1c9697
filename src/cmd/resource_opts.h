/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resource_opts - the options that limit what a container may use, for every command that has them
 */
#pragma once

#include "cli/opt.h"

/* Fill a struct resource_args. The first are build's, too. */
extern const struct opt resource_step_opts[];
extern const struct opt resource_opts[];
