/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attr - which extended attributes may come from a tar, and overlay's own marks
 */
#include "layer/attr.h"

#include <errno.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/str.h"

static const char *const allowed[] = {
	"security.capability",
	"system.posix_acl_access",
	"system.posix_acl_default",
};

static const char *const reserved[] = { "user.overlay.", "user.fuseoverlayfs.",
					"user.containers." };

static const char *const opaque_marks[] = { "user.overlay.opaque", "trusted.overlay.opaque",
					    "user.fuseoverlayfs.opaque" };

bool attr_allowed(const char *name)
{
	for (size_t i = 0; i < array_len(allowed); i++)
		if (str_eq(name, allowed[i]))
			return true;
	for (size_t i = 0; i < array_len(reserved); i++)
		if (str_starts(name, reserved[i]))
			return false;
	const char *rest = str_starts(name, "user.");
	return rest && *rest;
}

int attr_set_opaque(int fd)
{
	return fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0 ? -errno : 0;
}

bool attr_is_opaque(int fd)
{
	char value[2];

	/* Most have no attribute at all. */
	if (flistxattr(fd, NULL, 0) == 0)
		return false;
	for (size_t i = 0; i < array_len(opaque_marks); i++)
		if (fgetxattr(fd, opaque_marks[i], value, sizeof value) == 1 && value[0] == 'y')
			return true;
	return false;
}

void attr_clear_opaque(int fd)
{
	for (size_t i = 0; i < array_len(opaque_marks); i++)
		(void)fremovexattr(fd, opaque_marks[i]); /* most are not there */
}

bool attr_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}
