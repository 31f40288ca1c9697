/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * preserve - the descriptors of the caller that a container's process keeps: --preserve-fds, --preserve-fd
 */
#include "cmd/preserve.h"

#include <errno.h>
#include <fcntl.h>

#include "base/macros.h"

static int take(const char *flag, int fd, int fds[PRESERVE_MAX], size_t *count, struct err *err)
{
	if (fcntl(fd, F_GETFD) < 0)
		return err_set(err, -EBADF, "--%s: descriptor %d is not open", flag, fd);
	fds[fd - PRESERVE_FIRST] = fd;
	*count = max_of(*count, (size_t)(fd - PRESERVE_FIRST) + 1);
	return 0;
}

static int take_list(const char *list, int fds[PRESERVE_MAX], size_t *count, struct err *err)
{
	AUTO(strv) struct strv words = { 0 };

	strv_split(&words, list, ',');
	for (size_t i = 0; i < words.count; i++) {
		uint64_t fd;
		if (str_u64(words.items[i], PRESERVE_FIRST + PRESERVE_MAX - 1, &fd) < 0 ||
		    fd < PRESERVE_FIRST)
			return err_set(err, -EINVAL,
				       "--preserve-fd: '%s' is no descriptor between %d and %d",
				       words.items[i], PRESERVE_FIRST,
				       PRESERVE_FIRST + PRESERVE_MAX - 1);
		int r = take("preserve-fd", (int)fd, fds, count, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int preserve_choose(int count, const struct strv *lists, int fds[PRESERVE_MAX], size_t *out_count,
		    struct err *err)
{
	size_t found = 0;
	int r = 0;

	if (count < 0 || count > PRESERVE_MAX)
		return err_set(err, -EINVAL, "--preserve-fds: %d is not between 0 and %d", count,
			       PRESERVE_MAX);
	for (int i = 0; i < PRESERVE_MAX; i++)
		fds[i] = -1;
	for (int i = 0; i < count && r == 0; i++)
		r = take("preserve-fds", PRESERVE_FIRST + i, fds, &found, err);
	for (size_t i = 0; i < lists->count && r == 0; i++)
		r = take_list(lists->items[i], fds, &found, err);
	if (r == 0)
		*out_count = found;
	return r;
}
