/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * addknown - what is known of an address from the last time
 */
#include "build/addknown.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "store/buildcache.h"

static const struct jfield known_fields[] = {
	J_TEXT("validator", struct addknown, validator),
	J_TEXT("digest", struct addknown, digest),
	J_TEXT("sum", struct addknown, sum),
	J_END,
};

static int key_of(const struct work *work, const char *address, size_t number,
		  const struct strv *excludes, char **out, struct err *err)
{
	AUTO(stepkey) struct stepkey key = { 0 };
	AUTO(mem) char *place = str_fmt("%zu", number);

	stepkey_add(&key, "address", address);
	stepkey_add(&key, "place", place);
	stepkey_add_list(&key, "not", excludes);
	return stepkey_hash(&key, work->helper, out, err);
}

int addknown_load(struct work *work, const char *address, size_t number,
		  const struct strv *excludes, struct addknown *out, struct err *err)
{
	AUTO(addknown) struct addknown known = { 0 };
	AUTO(buildstep) struct buildstep *step = NULL;
	AUTO(json) cJSON *json = NULL;
	AUTO(mem) char *hex = NULL;

	const int r = work->anew ? 0 : key_of(work, address, number, excludes, &hex, err);
	if (r < 0 || !hex || buildcache_find(work->engine->store, hex, &step) < 0 || !step->value)
		return r;
	if (json_parse(step->value, strlen(step->value), &json, NULL) < 0 ||
	    jfield_load(known_fields, json, &known, NULL) < 0 || !known.validator ||
	    !known.digest || !known.sum)
		return 0;
	*out = known;
	known = (struct addknown){ 0 };
	return 0;
}

int addknown_save(struct work *work, const char *address, size_t number,
		  const struct strv *excludes, const struct addknown *known, struct err *err)
{
	AUTO(json) cJSON *json = jfield_save(known_fields, known);
	AUTO(mem) char *text = json_print(json, 0);
	AUTO(mem) char *hex = NULL;

	const int r = key_of(work, address, number, excludes, &hex, err);
	if (r < 0)
		return r;
	const struct buildstep step = { .key = hex, .value = text, .text = (char *)address };
	return buildcache_save(work->engine->store, &step, err);
}

void addknown_clear(struct addknown *known)
{
	jfield_clear(known_fields, known);
}
