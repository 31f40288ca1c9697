/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * build_caches - where steps of a build are taken from and kept
 */
#include "cmd/build_caches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/csv.h"
#include "build/shared_index.h"

/* One word as docker's buildx takes it. */
struct words {
	const char *type, *ref, *mode;
	const char *unknown; /* a name, or NULL */
};

static int read_word(const char *option, const char *text, char *field, struct words *out,
		     struct err *err)
{
	const char *value = str_cut(field, '=');

	if (!value)
		return err_set(err, -EINVAL, "--%s=%s: each part is NAME=VALUE", option, text);
	if (str_eq(field, "type"))
		out->type = value;
	else if (str_eq(field, "ref"))
		out->ref = value;
	else if (str_eq(field, "mode") && str_eq(option, "cache-to"))
		out->mode = value;
	else
		out->unknown = field;
	return 0;
}

static int check_words(const char *option, const char *text, const struct words *w, struct err *err)
{
	AUTO(mem) char *name = NULL;

	if (!str_eq(str_or(w->type, "registry"), "registry")) {
		(void)err_set(err, -EOPNOTSUPP, "--%s=%s: steps are kept in registries alone",
			      option, text);
		return err_hint(err, "type=registry,ref=REGISTRY/NAME");
	}
	if (w->unknown)
		return err_set(err, -EINVAL, "--%s=%s: there is no '%s', only %s", option, text,
			       w->unknown,
			       str_eq(option, "cache-to") ? "type, ref and mode" : "type and ref");
	if (str_empty(w->ref))
		return err_set(err, -EINVAL, "--%s=%s: it has no ref=NAME", option, text);
	if (w->mode && !str_eq(w->mode, "min") && !str_eq(w->mode, "max"))
		return err_set(err, -EINVAL, "--%s=%s: mode is min or max", option, text);
	return shared_name(w->ref, &name, err);
}

static int read_one(const char *option, const char *text, char **out_ref, bool *out_less,
		    struct err *err)
{
	AUTO(strv) struct strv fields = { 0 };
	struct words w = { .ref = text };
	int r = 0;

	if (strchr(text, '=')) {
		w.ref = NULL;
		csv_split(text, &fields);
	}
	for (size_t i = 0; r == 0 && i < fields.count; i++)
		r = read_word(option, text, fields.items[i], &w, err);
	if (r == 0)
		r = check_words(option, text, &w, err);
	if (r < 0)
		return r;
	*out_less = str_eq(w.mode, "min");
	*out_ref = str_dup(w.ref);
	return 0;
}

int build_caches_read(const struct strv *from, const struct strv *to, struct build_options *out,
		      struct err *err)
{
	bool less = false;
	char *ref = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->count; i++) {
		r = read_one("cache-from", from->items[i], &ref, &less, err);
		if (r == 0)
			strv_take(&out->cache_from, ref);
	}
	for (size_t i = 0; r == 0 && i < to->count; i++) {
		r = read_one("cache-to", to->items[i], &ref, &less, err);
		if (r == 0)
			*vec_push(&out->cache_to) =
				(struct build_cache_to){ .ref = ref, .less = less };
	}
	return r;
}

void build_caches_clear(struct build_options *options)
{
	for (size_t i = 0; i < options->cache_to.count; i++)
		free(options->cache_to.items[i].ref);
	free(options->cache_to.items);
	options->cache_to = (struct build_cache_tos){ 0 };
	strv_clear(&options->cache_from);
	strv_clear(&options->shared);
}
