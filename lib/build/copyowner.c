/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyowner - whom --chown means
 */
#include "build/copyowner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "build/copyin.h"
#include "build/copykey.h"
#include "engine/driver.h"
#include "engine/outer.h"
#include "engine/roots.h"
#include "spec/user.h"
#include "store/buildcache.h"
#include "store/temp.h"

/* Shared with the child. */
struct numbers {
	uint32_t uid, gid;
};

struct finding {
	struct work *work;
	const char *chown;
	const char *point;
	struct numbers *found;
};

bool copyowner_named(const char *chown)
{
	return chown && chown[strspn(chown, "0123456789:")];
}

static int find(void *data, struct err *err)
{
	struct finding *f = data;
	const struct strv none = { 0 };
	const struct copywhat what = { .from = "the layers so far",
				       .layers = &f->work->sofar,
				       .sources = &none };
	AUTO(copytree) struct copytree tree = { .dir = -1, .helper = -1 };
	AUTO(user) struct user user = { 0 };
	AUTO(mem) char *text = copyin_owner(f->chown);

	int r = copytree_open(f->work, &what, f->point, &tree, err);
	if (r == 0)
		r = user_load(tree.dir, text, NULL, &user, err);
	if (r == 0)
		*f->found = (struct numbers){ user.uid, user.gid };
	return r;
}

static int find_mounted(struct work *work, const char *chown, char **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	struct finding finding = { .work = work, .chown = chown };

	/* In a store where nothing ever ran it is found out here: a child cannot. */
	if (!driver_choose(work->engine, err))
		return -EIO;
	int r = temp_dir(work->engine->store, 0700, &temp, err);
	if (r < 0)
		return r;
	finding.point = temp->path;
	finding.found = mmap(NULL, sizeof *finding.found, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (finding.found == MAP_FAILED)
		return err_sys(err, -errno, "cannot share memory");
	r = outer_run(work->engine, ROOT_NAMESPACES, find, &finding, err);
	if (r == 0)
		*out = str_fmt("%u:%u", finding.found->uid, finding.found->gid);
	(void)munmap(finding.found, sizeof *finding.found);
	(void)!temp_remove(work->engine->store, temp); /* else the next sweep */
	return r;
}

int copyowner_find(struct work *work, const char *chown, char **out, struct err *err)
{
	const struct store *store = work->engine->store;
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(buildstep) struct buildstep *known = NULL;
	AUTO(mem) char *hex = NULL;
	AUTO(mem) char *found = NULL;

	int r = later_end(work, err);
	if (r == 0)
		r = work_helper(work, err);
	if (r < 0)
		return r;
	stepkey_add_list(&key, "of", &work->sofar.layers);
	stepkey_add(&key, "owner", chown);
	r = stepkey_hash(&key, work->helper, &hex, err);
	if (r < 0)
		return r;
	if (buildcache_find(store, hex, &known) == 0 && known->value) {
		*out = take_ptr(known->value);
		return 0;
	}
	r = find_mounted(work, chown, &found, err);
	if (r < 0)
		return err_wrap(err, "cannot copy with --chown=%s", chown);
	const struct buildstep step = { .key = hex, .value = found, .text = (char *)"owner" };
	r = buildcache_save(store, &step, err);
	if (r == 0)
		*out = take_ptr(found);
	return r;
}
