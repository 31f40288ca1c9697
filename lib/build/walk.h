/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * walk - the entries of one part of a selection
 *
 * One openat and one listing for each folder, one fstatat and one look at the attributes for each entry.
 * Folders that rules leave out are opened only where an exception may be below; they are entries only when
 * something is found there.
 */
#pragma once

#include <sys/stat.h>

#include "base/err.h"
#include "build/glob.h"
#include "build/room.h"
#include "build/selection.h"

struct walk_order {
	const struct source_rules *excludes; /* paths below the part */
	const struct glob *pattern;	     /* what is taken, with all below; NULL: everything */
};

/**
 * walk_part() - add the entries of a part
 * @out:	gets them; the texts are in its room
 * @from:	where the part is in the tree, links resolved; "" is the top
 * @fd:		what is there; may be O_PATH
 * @st:		of it: a folder or a regular file
 * @order:	what is taken
 * @err:	names the file
 *
 * Return: 0; -ELOOP for too many folders in each other; otherwise what the kernel said.
 */
must_check int walk_part(struct selection *out, const char *from, int fd, const struct stat *st,
			 const struct walk_order *order, struct err *err);
