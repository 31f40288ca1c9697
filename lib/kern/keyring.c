/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyring - a session keyring that is not the caller's
 */
#include "kern/keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/macros.h"
#include "kern/sys.h"

static int join(void)
{
	return sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

int keyring_fresh(uint32_t lender)
{
	const uid_t own = getuid();
	int r = join();

	/* The real id owns what is made, and nothing else depends on it meanwhile. */
	if (r != -EDQUOT || !lender || setresuid(lender, (uid_t)-1, (uid_t)-1) < 0)
		return r;
	r = join();
	bug_unless(setresuid(own, (uid_t)-1, (uid_t)-1) == 0);
	return r;
}
