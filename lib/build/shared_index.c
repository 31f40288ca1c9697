/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shared_index - the index of the steps that a registry keeps
 */
#include "build/shared_index.h"

#include <errno.h>
#include <string.h>

#include "engine/list_source.h"
#include "oci/media.h"
#include "oci/reference.h"

#define TAG "buildcache"

enum { KEY_DIGITS = 64 };

int shared_name(const char *ref, char **out, struct err *err)
{
	AUTO(reference) struct reference parsed = { 0 };

	const int r = reference_parse(ref, &parsed, err);
	if (r < 0)
		return r;
	if (parsed.digest)
		return err_set(err, -EINVAL, "'%s': a build cache has a tag and no digest", ref);
	AUTO(mem) char *name = reference_name(&parsed);
	*out = str_fmt("%s:%s", name, parsed.default_tag ? TAG : parsed.tag);
	return 0;
}

const char *shared_key(const cJSON *entry)
{
	const char *key = json_text(json_get(entry, "annotations"), SHARED_KEY);

	return key && strlen(key) == KEY_DIGITS && strspn(key, "0123456789abcdef") == KEY_DIGITS
		       ? key
		       : NULL;
}

int shared_index(struct engine *engine, const char *name, const struct registry_access *access,
		 cJSON **out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(json) cJSON *index = NULL;
	size_t size;

	int r = list_source_fetch(engine, name, access, &text, &size, NULL, err);
	if (r == 0)
		r = json_parse(text, size, &index, err);
	if (r < 0)
		return r;
	const cJSON *entries = json_get(index, "manifests");
	if (!media_equal(str_or(json_text(index, "mediaType"), ""), MEDIA_OCI_INDEX) ||
	    (cJSON_GetArraySize(entries) && !shared_key(cJSON_GetArrayItem(entries, 0))))
		return err_set(err, -EEXIST, "'%s' is no build cache", name);
	*out = index;
	index = NULL;
	return 0;
}
