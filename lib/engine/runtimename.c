/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtimename - what --runtime may say
 */
#include "engine/runtimename.h"

#include <errno.h>

#include "base/str.h"

static const char *const taken[] = { "cubby", "runc", "crun", "io.containerd.runc.v2" };

static const struct {
	const char *name;
	const char *hint;
} others[] = {
	{ "nvidia", "give the devices with --gpus all" },
	{ "runsc", "containers share the host's kernel here; leave --runtime out" },
	{ "kata", "containers share the host's kernel here; leave --runtime out" },
	{ "kata-runtime", "containers share the host's kernel here; leave --runtime out" },
	{ "krun", "containers share the host's kernel here; leave --runtime out" },
};

int runtime_name_check(const char *name, struct err *err)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;

	for (size_t i = 0; i < array_len(taken); i++)
		if (str_eq(last, taken[i]))
			return 0;
	err_set(err, -EOPNOTSUPP, "there is no runtime '%s': the runtime is part of the program",
		name);
	for (size_t i = 0; i < array_len(others); i++)
		if (str_eq(last, others[i].name))
			return err_hint(err, "%s", others[i].hint);
	return err_hint(err,
			"leave --runtime out; cubby, runc and crun are taken and mean cubby's own");
}
