/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * opt - reading option tables
 */
#include "cli/opt.h"

/* The n-th text of the literal. */
static const char *segment(const struct opt *opt, unsigned int n)
{
	const char *at = opt->text;

	while (n-- > 0)
		at += strlen(at) + 1;
	return at;
}

const char *opt_name(const struct opt *opt)
{
	return opt->text;
}

const char *opt_value(const struct opt *opt)
{
	return segment(opt, 1);
}

const char *opt_help(const struct opt *opt)
{
	return segment(opt, 2);
}

const char *opt_implied(const struct opt *opt)
{
	return segment(opt, 4);
}

void opt_words(const struct opt *opt, struct strv *out)
{
	const char *const *names = opt->extra;

	if (opt->kind != OPT_KIND_ENUM) {
		strv_split(out, segment(opt, 3), ' ');
		return;
	}
	for (size_t i = 0; names[i]; i++)
		strv_add(out, names[i]);
}

static int each_from(const struct opt *table, size_t base, opt_visit *visit, void *data)
{
	for (const struct opt *opt = table; opt && opt->kind != OPT_KIND_END; opt++) {
		int r = opt->kind == OPT_KIND_INCLUDE
				? each_from(opt->extra, base + opt->offset, visit, data)
				: visit(opt, base, data);
		if (r)
			return r;
	}
	return 0;
}

int opt_each(const struct opt *table, opt_visit *visit, void *data)
{
	return each_from(table, 0, visit, data);
}

static int release_one(const struct opt *opt, size_t base, void *data)
{
	if (opt->kind == OPT_KIND_LIST || opt->kind == OPT_KIND_MAP)
		strv_clear((struct strv *)((char *)data + base + opt->offset));
	return 0;
}

void opt_release(const struct opt *table, void *args)
{
	opt_each(table, release_one, args);
}
