/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restart - whether a container that ended is started again, and when
 */
#include "monitor/restart.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

#define DELAY_LEAST (CLOCK_SECOND / 10)
#define DELAY_MOST (60 * CLOCK_SECOND)
#define UP_LONG (10 * CLOCK_SECOND)

const char *const restart_policy_names[] = {
	[RESTART_NO] = "no",
	[RESTART_ON_FAILURE] = "on-failure",
	[RESTART_ALWAYS] = "always",
	[RESTART_UNLESS_STOPPED] = "unless-stopped",
	NULL,
};

int restart_parse(const char *text, struct restart *out, struct err *err)
{
	AUTO(mem) char *name = str_dup(str_empty(text) ? "no" : text);
	const char *count = str_cut(name, ':');
	struct restart found = { 0 };
	uint64_t most = 0;

	for (int i = 0; restart_policy_names[i]; i++) {
		if (!str_eq(name, restart_policy_names[i]))
			continue;
		found.policy = (enum restart_policy)i;
		if (count && found.policy != RESTART_ON_FAILURE)
			return err_set(err, -EINVAL,
				       "--restart: '%s' takes no count, only on-failure does",
				       name);
		if (count && str_u64(count, INT_MAX, &most) < 0)
			return err_set(err, -EINVAL, "--restart: '%s' is no count", count);
		found.most = (int)most;
		*out = found;
		return 0;
	}
	err_set(err, -EINVAL, "--restart: there is no policy '%s'", text);
	return err_hint(err, "policies are no, on-failure[:COUNT], always and unless-stopped");
}

bool restart_wanted(const struct restart *restart, int status, int count)
{
	if (restart->policy == RESTART_ON_FAILURE)
		return status != 0 && (!restart->most || count < restart->most);
	return restart->policy != RESTART_NO;
}

bool restart_at_boot(const struct restart *restart, bool stopped, bool same_boot)
{
	if (restart->policy == RESTART_ALWAYS)
		return !stopped || !same_boot;
	return restart->policy == RESTART_UNLESS_STOPPED && !stopped;
}

int64_t restart_delay(int64_t last, int64_t up)
{
	if (!last || up >= UP_LONG)
		return DELAY_LEAST;
	return min_of(2 * last, DELAY_MOST);
}
