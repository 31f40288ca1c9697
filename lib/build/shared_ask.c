/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared_ask - whether registries will take the steps of a build, before it is done
 *
 * Only writing tells whether one may write: the index is put as it is, or an empty one where there is none.
 */
#include <errno.h>
#include <string.h>

#include "build/shared.h"
#include "build/shared_index.h"
#include "engine/push.h"
#include "oci/media.h"

static cJSON *empty_index(void)
{
	cJSON *doc = cJSON_CreateObject();

	cJSON_AddNumberToObject(doc, "schemaVersion", 2);
	cJSON_AddStringToObject(doc, "mediaType", MEDIA_OCI_INDEX);
	cJSON_AddArrayToObject(doc, "manifests");
	return doc;
}

static int ask(struct engine *engine, const struct build_options *options, const char *ref,
	       struct err *err)
{
	const struct push_options push_options = { .registry = options->access,
						   .level = PUSH_LEVEL_DEFAULT };
	AUTO(push) struct push *push = NULL;
	AUTO(json) cJSON *index = NULL;
	AUTO(mem) char *name = NULL;
	AUTO(mem) char *digest = NULL;

	int r = shared_name(ref, &name, err);
	if (r == 0)
		r = shared_index(engine, name, &options->access, &index, err);
	if (r == -ENOENT) {
		err_clear(err);
		index = empty_index();
		r = 0;
	}
	if (r == 0)
		r = push_open(engine, name, &push_options, &push, err);
	if (r < 0)
		return r;
	AUTO(mem) char *text = json_print(index, 0);
	return push_document(push, text, strlen(text), MEDIA_OCI_INDEX, &digest, err);
}

int shared_ask(struct engine *engine, const struct build_options *options, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->cache_to.count; i++) {
		const char *ref = options->cache_to.items[i].ref;
		r = ask(engine, options, ref, err);
		if (r < 0)
			r = err_wrap(err, "no steps could be kept in '%s'", ref);
	}
	return r;
}
