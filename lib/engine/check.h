/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check - whether the store is in order, and mending what is not
 *
 * Mending drops only what is of no use: a damaged blob can be fetched again, a damaged layer applied
 * again, an image without its documents is gone in any case. A container's files are not touched unless
 * forced: a damaged record is told, and its owner decides.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/engine.h"

enum check_flags {
	CHECK_REPAIR = 1 << 0,
	CHECK_QUICK = 1 << 1,  /* do not hash blobs */
	CHECK_UNUSED = 1 << 2, /* with CHECK_REPAIR: drop only what no image or container needs */
	CHECK_FORCE = 1 << 3,  /* with CHECK_REPAIR: remove containers whose record is damaged */
};

struct check_options {
	unsigned int flags; /* enum check_flags */
	int64_t max_age;    /* ns: younger layers and blobs that nobody needs are passed over */
};

struct check_item {
	char *what; /* "image 'localhost/a:1'" */
	char *text; /* what is wrong with it */
	bool mended;
	bool spare; /* nothing is: it is whole, but nobody needs it now */
};

struct check_report {
	struct check_item *items;
	size_t count;
};

/**
 * check_store() - look at everything in the store
 * @engine:	the engine
 * @options:	how
 * @out:	what was found is added
 * @err:	why it could not look
 *
 * Objects that somebody is making or using are passed over. What is whole and not needed (.spare) is no damage.
 *
 * Return: 0 or a negative errno.
 */
must_check int check_store(struct engine *engine, const struct check_options *options,
			   struct check_report *out, struct err *err);

/**
 * check_images() - the part of check_store() that is about images, blobs and layers
 * @engine:	the engine
 * @options:	how
 * @out:	what was found is added
 * @err:	why it could not look
 *
 * Return: 0 or a negative errno.
 */
must_check int check_images(struct engine *engine, const struct check_options *options,
			    struct check_report *out, struct err *err);

/**
 * check_add() - add something that was found
 * @report:	grows
 * @what:	belongs to @report afterwards
 * @mended:	whether it is in order again
 * @fmt:	what is wrong with it
 */
void check_add(struct check_report *report, char *what, bool mended, const char *fmt, ...)
	printf_like(4, 5);

/**
 * check_add_spare() - add what is whole and not needed
 * @report:	grows
 * @what:	belongs to @report afterwards
 * @mended:	whether it went
 * @text:	says so
 *
 * A pull that was killed leaves such: the next one goes on with it.
 */
void check_add_spare(struct check_report *report, char *what, bool mended, const char *text);

/**
 * check_report_clear() - release a report
 * @report:	empty afterwards
 */
void check_report_clear(struct check_report *report);

static inline void auto_check_report(struct check_report *report)
{
	check_report_clear(report);
}
