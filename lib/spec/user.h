/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user - who a container's process is, by the image's own files
 *
 * "name", "uid", "name:group", "uid:gid". /etc/passwd and /etc/group are the image's, so strangers
 * wrote them: only regular files are read, up to a size, and a number is digits and nothing else. A line
 * that is damaged counts as absent; nothing ever turns into 0 by accident.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "oci/runtime_spec.h"

struct user {
	uint32_t uid;
	uint32_t gid;
	struct id_list groups; /* supplementary ones, without gid */
	char *home;	       /* from passwd, else "/" */
};

/**
 * user_find() - look a user up in the texts of passwd and group
 * @text:	as typed or as the image says; NULL and "" are root
 * @passwd:	contents of /etc/passwd, or NULL
 * @group:	contents of /etc/group, or NULL
 * @add:	further groups, names or numbers ("keep-groups" is skipped); may be NULL
 * @out:	to be released with user_clear; set on success only
 * @err:	names what is unknown
 *
 * A number without an entry is taken as it is, with group 0. Where @text names a group, the memberships
 * in /etc/group do not count. 4294967295 is no id.
 *
 * Return: 0; -EINVAL when @text is malformed; -ENOENT when a name is unknown.
 */
must_check int user_find(const char *text, const char *passwd, const char *group,
			 const struct strv *add, struct user *out, struct err *err);

/**
 * user_load() - look a user up in the files of a root
 * @root:	directory; the files are opened inside it
 * @text:	as user_find()
 * @add:	as user_find()
 * @out:	as user_find()
 * @err:	as user_find()
 *
 * Return: as user_find(); -EFBIG when a file is too large; or what the kernel said.
 */
must_check int user_load(int root, const char *text, const struct strv *add, struct user *out,
			 struct err *err);

/**
 * user_clear() - release a user
 * @user:	empty afterwards
 */
void user_clear(struct user *user);

static inline void auto_user(struct user *user)
{
	user_clear(user);
}
