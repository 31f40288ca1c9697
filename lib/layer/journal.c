/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journal - what a layer needs of the layers below, as a file
 */
#include "layer/journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

enum { JOURNAL_MAX = 1 << 30 }; /* bytes */

int journal_save(const struct journal *journal, int fd)
{
	AUTO(mem) char *text = NULL;
	size_t size = 0;

	FILE *out = open_memstream(&text, &size);
	bug_unless(out);
	for (size_t i = 0; i < journal->count; i++) {
		const struct journal_record *r = &journal->items[i];
		fprintf(out, "%c%c%s%c", r->kind, 0, r->path, 0);
		if (r->kind == 'l')
			fprintf(out, "%s%c", r->target, 0);
	}
	bug_unless(fclose(out) == 0);
	return fd_write_all(fd, text, size);
}

/* The field at *at; moves *at behind it. NULL when there is no whole field left. */
static const char *next_field(const char **at, const char *end)
{
	const char *field = *at;
	const char *nul = field < end ? memchr(field, 0, (size_t)(end - field)) : NULL;

	if (nul)
		*at = nul + 1;
	return nul ? field : NULL;
}

static int load_record(const char **at, const char *end, struct journal *out)
{
	const char *kind = next_field(at, end);
	const char *path = next_field(at, end);

	if (!kind || !path || !(str_eq(kind, "d") || str_eq(kind, "l")))
		return -EBADMSG;
	const char *target = *kind == 'l' ? next_field(at, end) : NULL;
	if (*kind == 'l' && !target)
		return -EBADMSG;
	struct journal_record *r = vec_push(out);
	*r = (struct journal_record){
		.kind = *kind,
		.path = str_dup(path),
		.target = str_dup(target),
	};
	return 0;
}

int journal_load(int fd, struct journal *out)
{
	AUTO(journal) struct journal journal = { 0 };
	AUTO(mem) char *text = NULL;
	size_t size;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	int r = fd_read_all(fd, JOURNAL_MAX, &text, &size);
	const char *at = text;
	while (r == 0 && at < text + size)
		r = load_record(&at, text + size, &journal);
	if (r < 0)
		return r;
	*out = journal;
	journal = (struct journal){ 0 };
	return 0;
}

void journal_clear(struct journal *journal)
{
	for (size_t i = 0; i < journal->count; i++) {
		free(journal->items[i].path);
		free(journal->items[i].target);
	}
	free(journal->items);
	*journal = (struct journal){ 0 };
}
