/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * streams - the names of -a, --attach
 */
#include "cmd/streams.h"

#include <errno.h>

int streams_choose(const struct strv *names, bool in, struct streams *out, struct err *err)
{
	bool all = names->count == 0;
	struct streams chosen = { all && in, all, all };

	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];
		if (!strcasecmp(name, "stdin"))
			chosen.in = true;
		else if (!strcasecmp(name, "stdout"))
			chosen.out = true;
		else if (!strcasecmp(name, "stderr"))
			chosen.errout = true;
		else
			return err_set(err, -EINVAL,
				       "--attach: '%s' is not one of stdin, stdout, stderr", name);
	}
	*out = chosen;
	return 0;
}
