/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journal - what a layer needs of the layers below, as a file
 *
 * Records one after the other, each field ended by a NUL byte:
 *
 *	d PATH			a directory that was made without an entry of its own
 *	l PATH TARGET		a hard link whose file is not in this layer
 *
 * Paths are clean and relative to the layer's root, links resolved as far as the layer knows;
 * an upper directory stands before those in it. Written by layer/tree, read by layer/fixup.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct journal_record {
	char kind; /* 'd' or 'l' */
	char *path;
	char *target; /* of 'l' */
};

struct journal {
	struct journal_record *items;
	size_t count;
};

/**
 * journal_save() - write a journal
 * @journal:	the records
 * @fd:		empty file
 *
 * Return: 0 or a negative errno.
 */
must_check int journal_save(const struct journal *journal, int fd);

/**
 * journal_load() - read a journal
 * @fd:		read from offset 0
 * @out:	to be released with journal_clear; set on success only
 *
 * Return: 0; -EBADMSG when it is damaged; otherwise what the kernel said.
 */
must_check int journal_load(int fd, struct journal *out);

/**
 * journal_clear() - release the records
 * @journal:	empty afterwards
 */
void journal_clear(struct journal *journal);

static inline void auto_journal(struct journal *journal)
{
	journal_clear(journal);
}
