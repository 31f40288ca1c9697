/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signame - names and numbers of signals
 *
 * libc's own table ends before the real-time signals, whose first two it keeps for itself; images
 * count from the kernel's 34 as glibc does.
 */
#include "kern/signame.h"

#include <errno.h>
#include <signal.h>
#include <strings.h>

#include "base/str.h"

enum { RT_FIRST = 34, RT_LAST = 64 };

static int real_time(const char *name, int *out)
{
	uint64_t offset = 0;
	bool from_top = strncasecmp(name, "RTMAX", 5) == 0;

	if (!from_top && strncasecmp(name, "RTMIN", 5) != 0)
		return -EINVAL;
	name += 5;
	if (*name) {
		if (*name != (from_top ? '-' : '+'))
			return -EINVAL;
		if (str_u64(name + 1, RT_LAST - RT_FIRST, &offset) < 0)
			return -EINVAL;
	}
	*out = from_top ? RT_LAST - (int)offset : RT_FIRST + (int)offset;
	return 0;
}

static int by_name(const char *name, int *out)
{
	for (int n = 1; n < RT_FIRST; n++) {
		const char *abbreviation = sigabbrev_np(n);
		if (abbreviation && strcasecmp(abbreviation, name) == 0) {
			*out = n;
			return 0;
		}
	}
	if (strcasecmp(name, "IOT") == 0) {
		*out = SIGIOT;
		return 0;
	}
	return real_time(name, out);
}

int signame_parse(const char *text, int *out, struct err *err)
{
	uint64_t number;

	if (str_u64(text, RT_LAST, &number) == 0 && number > 0) {
		*out = (int)number;
		return 0;
	}
	if (by_name(strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text, out) == 0)
		return 0;
	return err_set(err, -EINVAL, "'%s' is no signal", text);
}

char *signame_print(int number)
{
	const char *name = number > 0 && number < RT_FIRST ? sigabbrev_np(number) : NULL;

	if (name)
		return str_fmt("SIG%s", name);
	if (number == RT_FIRST)
		return str_dup("SIGRTMIN");
	if (number > RT_FIRST && number <= RT_LAST)
		return str_fmt("SIGRTMIN+%d", number - RT_FIRST);
	return str_fmt("%d", number);
}
