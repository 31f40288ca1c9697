/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyin - putting what a step takes into a root: COPY and ADD
 *
 * The root was made by strangers, and so was what is put into it. Links on the way to the destination are
 * followed inside the root; below it none is: each folder is opened by its own name in its own folder.
 *
 * Where things go, as BuildKit has it (docker 23 and later):
 *   - a destination that is relative begins at WORKDIR; one that ends in '/', or is "." or "", is a folder and
 *     is made; folders on the way are made 0755 and belong to --chown's user or root;
 *   - the content of a folder goes into the destination, which is made likewise where it is missing, and keeps
 *     owner, mode and time where it is there; folders below it get those of the source;
 *   - a file goes into a folder that is there, else it is the destination;
 *   - a file replaces files and links, never a folder; a folder replaces nothing, not even a link to one;
 *   - owners are 0:0, or --chown's; files of other stages and images keep theirs without it;
 *   - modes and times are kept, and attributes (user.*, capabilities, ACLs); names of one inode become so again.
 *
 * The same files make the same layer on each day: what is made without a source (folders on the way) gets the
 * time of the newest entry, folders that are there keep theirs, and with an epoch nothing is newer than that.
 *
 * To be called as root of the user namespace that the root was mounted in; changes the umask meanwhile.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "build/copyorder.h"
#include "build/selection.h"

/**
 * copyin_owner() - an owner as user_find() takes it
 * @chown:	as typed
 *
 * A number alone is the group's as well; a name has its own in passwd; a group alone is with user 0.
 *
 * Return: to be freed; never NULL.
 */
must_check char *copyin_owner(const char *chown);

/**
 * copyin_put() - copy a selection into a root
 * @order:	where to and how
 * @selection:	what
 * @out:	zeroed; added to; to be released with copyin_result_clear
 * @err:	names the file
 *
 * On failure a part of it may be there.
 *
 * Return: 0; -EINVAL for a malformed option; -ENOENT for an unknown user or group; -EISDIR and -ENOTDIR where a
 * folder and something else would replace each other; -ESTALE when something was swapped meanwhile; -EBADMSG for a
 * damaged archive; otherwise what the kernel said.
 */
must_check int copyin_put(const struct copyin *order, const struct selection *selection,
			  struct copyin_result *out, struct err *err);

/**
 * copyin_texts() - write here-documents into a root
 * @order:	where to and how; nothing is unpacked
 * @texts:	mode 0644 without .chmod; time of the epoch, or 1970
 * @count:	how many
 * @out:	as copyin_put()
 * @err:	names the file
 *
 * Return: as copyin_put().
 */
must_check int copyin_texts(const struct copyin *order, const struct copyin_text *texts,
			    size_t count, struct copyin_result *out, struct err *err);

/**
 * copyin_result_clear() - release
 * @result:	empty afterwards
 */
void copyin_result_clear(struct copyin_result *result);

static inline void auto_copyin_result(struct copyin_result *result)
{
	copyin_result_clear(result);
}
