/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * make - the pure part of the room: configuration and facts become a runtime spec
 *
 * Nothing here looks at the machine. Defaults are Podman's: capabilities, masked and read-only
 * paths, mounts and their options.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "oci/runtime_spec.h"
#include "spec/facts.h"
#include "store/container.h"

/**
 * spec_make() - decide everything about a container
 * @config:	what was asked
 * @facts:	what is the case
 * @out:	to be released with runtime_spec_free; set on success only
 * @err:	names the option that cannot be
 *
 * Return: 0; -EINVAL when something asked for is malformed; -ENOTSUP when it cannot be given.
 */
must_check int spec_make(const struct container_config *config, const struct spec_facts *facts,
			 struct runtime_spec **out, struct err *err);

/* A further process, as it differs from the container's own. */
struct spec_process {
	const struct strv *args;
	const struct strv *env; /* added */
	const char *workdir;	/* or NULL */
	const char *umask;	/* or NULL */
	const struct strv *cap_add;
	bool terminal;
	bool privileged;
};

/**
 * spec_make_process() - the "process" of a further process in a container
 * @config:	of the container
 * @facts:	user, caps, identity; the rest is not looked at
 * @process:	what is different
 * @out:	to be released with runtime_spec_free; set on success only
 * @err:	names what is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int spec_make_process(const struct container_config *config,
				 const struct spec_facts *facts, const struct spec_process *process,
				 struct runtime_spec **out, struct err *err);
