/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gpus - from --gpus to names of described devices
 */
#include "engine/gpus.h"

#include <errno.h>

#define FORM "all, a number, or device=NAME,..."

enum { GPUS_MAX = 1024 };

struct wanted {
	bool all;
	uint64_t number;     /* 0: not given */
	struct strv devices; /* names or numbers */
	char *driver;	     /* or NULL */
};

static void auto_wanted(struct wanted *w)
{
	strv_clear(&w->devices);
	free(w->driver);
}

static int take_capability(const char *value, struct err *err)
{
	/* Those of the class, and what a description gives anyway. */
	static const char *const known[] = { "gpu",	 "nvidia", "compute", "utility", "compat32",
					     "graphics", "video",  "display", "ngx" };

	for (size_t i = 0; i < array_len(known); i++)
		if (str_eq(value, known[i]))
			return 0;
	return err_set(err, -EINVAL, "--gpus: there is no capability '%s'", value);
}

/* Behind "device=" and "capabilities=" further fields may be values of theirs. */
static int take_field(struct wanted *w, const char *field, const char **key, struct err *err)
{
	static const char *const keys[] = { "device", "capabilities", "driver", "count" };
	const char *value = field;

	for (size_t i = 0; i < array_len(keys); i++) {
		const char *rest = str_starts(field, keys[i]);
		if (!rest || *rest != '=')
			continue;
		*key = keys[i];
		value = rest + 1;
	}
	if (str_eq(*key, "device")) {
		strv_add(&w->devices, value);
		return 0;
	}
	if (str_eq(*key, "capabilities"))
		return take_capability(value, err);
	if (str_eq(*key, "driver")) {
		str_set(&w->driver, value);
		*key = "count";
		return 0;
	}
	if (str_eq(value, "all") || str_eq(value, "-1")) {
		w->all = true;
		return 0;
	}
	if (str_u64(value, GPUS_MAX, &w->number) < 0 || w->number == 0)
		return err_set(err, -EINVAL, "--gpus: '%s' is not " FORM, field);
	return 0;
}

/* docker wants quotes where a list stands in the text; a shell may have left them. */
static int read_text(const char *text, struct wanted *w, struct err *err)
{
	AUTO(strv) struct strv fields = { 0 };
	AUTO(mem) char *plain = str_dup(text);
	const char *key = "count";
	char *to = plain;

	for (const char *from = text; *from; from++)
		if (*from != '"')
			*to++ = *from;
	*to = 0;
	strv_split(&fields, plain, ',');
	int r = 0;
	for (size_t i = 0; i < fields.count && r == 0; i++)
		r = take_field(w, str_trim(fields.items[i]), &key, err);
	if (r < 0)
		return r;
	if ((w->all + (w->number > 0) + (w->devices.count > 0)) > 1)
		return err_set(err, -EINVAL, "--gpus: '%s' asks twice", text);
	w->all |= !w->number && !w->devices.count;
	return 0;
}

/* ---- whose ---------------------------------------------------------------------------------- */

static void add_kinds(const struct cdi_list *list, const char *driver, struct strv *kinds)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *kind = list->items[i].spec.kind;
		AUTO(mem) char *vendor = str_ndup(kind, strcspn(kind, "/"));
		if (!str_ends(kind, "/gpu") || strv_find(kinds, kind) >= 0)
			continue;
		const char *rest = driver ? str_starts(vendor, driver) : "";
		if (rest && (*rest == 0 || *rest == '.'))
			strv_add(kinds, kind);
	}
}

static int choose_kind(const struct cdi_list *list, const struct wanted *w, char **out,
		       struct err *err)
{
	AUTO(strv) struct strv kinds = { 0 };

	add_kinds(list, w->driver, &kinds);
	if (!kinds.count) {
		err_set(err, -ENOENT, "--gpus: no GPU%s%s is described on this machine",
			w->driver ? " of " : "", str_or(w->driver, ""));
		return err_hint(err, "%s",
				str_or(list->damaged,
				       "the maker's tool writes it, for example: nvidia-ctk cdi "
				       "generate --output=/etc/cdi/nvidia.yaml"));
	}
	if (kinds.count > 1 && strv_find(&kinds, "nvidia.com/gpu") < 0) {
		AUTO(mem) char *all = str_join(&kinds, ", ");
		err_set(err, -ENOTUNIQ, "--gpus: several makers describe GPUs: %s", all);
		return err_hint(err, "say which: --gpus driver=%.*s,...",
				(int)strcspn(kinds.items[0], "./"), kinds.items[0]);
	}
	*out = str_dup(kinds.count > 1 ? "nvidia.com/gpu" : kinds.items[0]);
	return 0;
}

static bool has(const struct cdi_list *list, const char *kind, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].spec.kind, kind) &&
		    cdi_device(&list->items[i].spec, name))
			return true;
	return false;
}

/* Each once, whatever files name it. */
static void add_each(const struct cdi_list *list, const char *kind, struct strv *out)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct cdi_spec *spec = &list->items[i].spec;
		for (size_t k = 0; str_eq(spec->kind, kind) && k < spec->devices.count; k++) {
			AUTO(mem) char *name = str_fmt("%s=%s", kind, spec->devices.items[k].name);
			if (strv_find(out, name) < 0)
				strv_add(out, name);
		}
	}
}

static int add_numbered(const struct cdi_list *list, const char *kind, uint64_t number,
			struct strv *out, struct err *err)
{
	for (uint64_t i = 0; i < number; i++) {
		AUTO(mem) char *name = str_fmt("%llu", (unsigned long long)i);
		if (!has(list, kind, name))
			return err_set(err, -ENOENT, "--gpus: there are %s%llu of '%s', not %llu",
				       i ? "only " : "", (unsigned long long)i, kind,
				       (unsigned long long)number);
		strv_addf(out, "%s=%s", kind, name);
	}
	return 0;
}

int gpus_parse(const char *text, const struct cdi_list *list, struct strv *out, struct err *err)
{
	AUTO(wanted) struct wanted w = { 0 };
	AUTO(mem) char *kind = NULL;

	int r = read_text(text, &w, err);
	if (r == 0)
		r = choose_kind(list, &w, &kind, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < w.devices.count; i++)
		strv_addf(out, "%s=%s", kind, w.devices.items[i]);
	if (w.number)
		return add_numbered(list, kind, w.number, out, err);
	if (w.all && has(list, kind, "all"))
		strv_addf(out, "%s=all", kind);
	else if (w.all)
		add_each(list, kind, out);
	return 0;
}
