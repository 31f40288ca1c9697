/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounted - what is done with files on mounted layers
 */
#include "build/mounted.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/driver.h"
#include "engine/outer.h"
#include "engine/roots.h"
#include "store/temp.h"

struct question {
	struct work *work;
	mounted_fn fn;
	const void *data;
	const char *point;
	char *answer; /* shared with the process that asks */
};

static int ask(void *data, struct err *err)
{
	const struct question *q = data;

	return q->fn(q->work, q->point, q->data, q->answer, err);
}

int mounted_ask(struct work *work, mounted_fn fn, const void *data, char **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	struct question q = { .work = work, .fn = fn, .data = data };

	/* In a store where nothing ever ran it is found out here: a child cannot. */
	if (!driver_choose(work->engine, err))
		return -EIO;
	int r = temp_dir(work->engine->store, 0700, &temp, err);
	if (r < 0)
		return r;
	q.point = temp->path;
	q.answer = mmap(NULL, MOUNTED_ANSWER, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (q.answer == MAP_FAILED)
		return err_sys(err, -errno, "cannot share memory");
	r = outer_run(work->engine, ROOT_NAMESPACES, ask, &q, err);
	if (r == 0 && out)
		*out = str_dup(q.answer);
	(void)munmap(q.answer, MOUNTED_ANSWER);
	(void)!temp_remove(work->engine->store, temp); /* else the next sweep */
	return r;
}
