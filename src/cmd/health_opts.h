/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * health_opts - the options of health checks, for every command that has them
 */
#pragma once

#include "cli/opt.h"

/* Fills a struct health_args. */
extern const struct opt health_opts[];
