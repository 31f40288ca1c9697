/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pull_options - what is to be pulled, and how
 */
#pragma once

#include <stdbool.h>

#include "engine/create_args.h"
#include "engine/registry.h"
#include "engine/watch.h"

struct pull_options {
	const char *name;     /* as typed; also a transport (oci/transport.h) */
	int policy;	      /* enum create_pull */
	const char *platform; /* as typed, or NULL: this machine's */
	struct registry_access access;
	const char *signature_policy; /* a file instead of the usual policy.json, or NULL */
	const struct watch *watch;    /* or NULL */
	bool single_file;	      /* joined to one file instead of unpacked (engine/single.h) */
};
