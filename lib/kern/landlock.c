/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * landlock - giving up rights over the network, for ever and for all children
 */
#include "kern/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* As the kernel's headers have them since 6.7. */
enum { BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1, FIRST_WITH_TCP = 4 };

struct rules {
	uint64_t files;
	uint64_t network;
};

int landlock_forbid_tcp(void)
{
	const struct rules rules = { .network = BIND_TCP | CONNECT_TCP };
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version < FIRST_WITH_TCP)
		return -ENOTSUP;
	AUTO(fd) int set = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	if (set < 0 || syscall(SYS_landlock_restrict_self, set, 0) < 0)
		return -errno;
	return 0;
}
