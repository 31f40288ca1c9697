/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * copyowner - whom --chown means
 */
#include "build/copyowner.h"

#include <stdio.h>
#include <string.h>

#include "build/copyin.h"
#include "build/copykey.h"
#include "build/mounted.h"
#include "spec/user.h"
#include "store/buildcache.h"

bool copyowner_named(const char *chown)
{
	return chown && chown[strspn(chown, "0123456789:")];
}

static int find(struct work *work, const char *point, const void *data, char *answer,
		struct err *err)
{
	const char *chown = data;
	const struct strv none = { 0 };
	const struct copywhat what = { .from = "the layers so far",
				       .layers = &work->sofar,
				       .sources = &none };
	AUTO(copytree) struct copytree tree = { .dir = -1, .helper = -1 };
	AUTO(user) struct user user = { 0 };
	AUTO(mem) char *text = copyin_owner(chown);

	int r = copytree_open(work, &what, point, &tree, err);
	if (r == 0)
		r = user_load(tree.dir, text, NULL, &user, err);
	if (r == 0)
		(void)snprintf(answer, MOUNTED_ANSWER, "%u:%u", (unsigned)user.uid,
			       (unsigned)user.gid);
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
	r = mounted_ask(work, find, chown, &found, err);
	if (r < 0)
		return err_wrap(err, "cannot copy with --chown=%s", chown);
	const struct buildstep step = { .key = hex, .value = found, .text = (char *)"owner" };
	r = buildcache_save(store, &step, err);
	if (r == 0)
		*out = take_ptr(found);
	return r;
}
