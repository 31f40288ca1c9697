/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * putting - writing the entries of one part below an open folder, for copyin.c
 */
#pragma once

#include <sys/stat.h>

#include "base/err.h"
#include "build/copyorder.h"
#include "build/selection.h"
#include "kern/content.h"

struct put_name; /* an inode with several names, and the path of its first copy */

struct putting {
	const struct copyin *order;
	struct copyin_result *result;
	struct err *err;
	bool one_owner; /* all belong to .uid and .gid */
	uint32_t uid, gid;
	uint32_t me, my_group; /* whose new files are */
	struct content_ways ways;
	/* of the part at hand */
	const struct selection *selection;
	const struct part *part;
	int top; /* folder that its paths begin at in the root */
	struct put_name *names;
};

/**
 * put_folder() - write what is in a folder of the source
 * @p:		ready
 * @at:		index of the folder's entry; is set to the index behind its last one
 * @from:	the folder
 * @to:		folder that gets it
 *
 * Return: 0 or a negative errno; .err is set.
 */
must_check int put_folder(struct putting *p, size_t *at, int from, int to);

/**
 * put_file() - write one regular file
 * @p:		ready
 * @e:		its entry
 * @from:	folder that holds it
 * @name:	its name there
 * @to:		folder that gets it
 * @as:		its name there
 *
 * Return: 0 or a negative errno; .err is set.
 */
must_check int put_file(struct putting *p, const struct entry *e, int from, const char *name,
			int to, const char *as);

/**
 * put_text() - write one file from memory
 * @p:		ready
 * @text:	what is in it
 * @to:		folder that gets it
 * @as:		its name there
 *
 * Return: 0 or a negative errno; .err is set.
 */
must_check int put_text(struct putting *p, const struct copyin_text *text, int to, const char *as);

/**
 * put_owner() - give something to whom it shall belong
 * @p:		ready
 * @fd:		open, or O_PATH
 * @uid:	in the source
 * @gid:	in the source
 * @now:	of it, with its owner as it is now
 *
 * Return: 0 or a negative errno; .err is not set.
 */
must_check int put_owner(struct putting *p, int fd, uint32_t uid, uint32_t gid,
			 const struct stat *now);

/**
 * put_time() - what becomes of a time
 * @order:	with the epoch
 * @ns:		since the epoch
 *
 * Return: it, or the epoch where that was before.
 */
struct timespec put_time(const struct copyin *order, int64_t ns);

/**
 * put_clear() - release
 * @p:	between parts and in the end
 */
void put_clear(struct putting *p);
