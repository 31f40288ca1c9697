/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * platform - for which machine an image is made, and how well it suits another
 *
 * A rank is 1 for "runs" plus how close the variant is: the variant asked for ranks highest, each
 * older one lower. Kinds of machine that run others' programs by emulation are not considered.
 */
#include "oci/platform.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

enum { RANK_BEST = 100 };

static const struct spelling {
	const char *from, *architecture, *variant;
} spellings[] = {
	{ "x86_64", "amd64", NULL },	{ "x86-64", "amd64", NULL },
	{ "aarch64", "arm64", NULL },	{ "armhf", "arm", "v7" },
	{ "armel", "arm", "v6" },	{ "armv5l", "arm", "v5" },
	{ "armv5tel", "arm", "v5" },	{ "armv6l", "arm", "v6" },
	{ "armv7l", "arm", "v7" },	{ "armv8l", "arm", "v8" },
	{ "i386", "386", NULL },	{ "i486", "386", NULL },
	{ "i586", "386", NULL },	{ "i686", "386", NULL },
	{ "ppc64el", "ppc64le", NULL }, { "loongarch64", "loong64", NULL },
};

/* What an architecture means when no variant is said; such a variant is not printed. */
static const struct {
	const char *architecture, *variant;
	bool implied; /* dropped when said */
} defaults[] = {
	{ "arm", "v7", false },
	{ "arm64", "v8", true },
	{ "amd64", "v1", true },
};

/* Names seen in strangers' documents are compared and printed, nothing else; still they are short. */
static bool word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-");

	return n > 0 && n <= 32 && !s[n];
}

static void lower(char *s)
{
	for (; s && *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

static const char *default_variant(const char *architecture)
{
	for (size_t i = 0; i < array_len(defaults); i++)
		if (str_eq(defaults[i].architecture, architecture))
			return defaults[i].variant;
	return NULL;
}

static void respell(struct platform *p)
{
	for (size_t i = 0; i < array_len(spellings); i++) {
		const struct spelling *s = &spellings[i];
		if (!str_eq(s->from, p->architecture))
			continue;
		str_set(&p->architecture, s->architecture);
		if (s->variant && str_empty(p->variant))
			str_set(&p->variant, s->variant);
		return;
	}
}

/* "8" for "v8". */
static void spell_variant(struct platform *p)
{
	if (!p->variant || !isdigit((unsigned char)*p->variant))
		return;
	AUTO(mem) char *digits = take_ptr(p->variant);
	p->variant = str_fmt("v%s", digits);
}

void platform_normalise(struct platform *platform)
{
	lower(platform->os);
	lower(platform->architecture);
	lower(platform->variant);
	if (str_eq(platform->os, "macos"))
		str_set(&platform->os, "darwin");
	respell(platform);
	spell_variant(platform);
	if (str_empty(platform->variant))
		str_set(&platform->variant, NULL);
	for (size_t i = 0; i < array_len(defaults); i++) {
		if (!str_eq(defaults[i].architecture, platform->architecture))
			continue;
		if (!platform->variant && !defaults[i].implied)
			str_set(&platform->variant, defaults[i].variant);
		else if (defaults[i].implied && str_eq(platform->variant, defaults[i].variant))
			str_set(&platform->variant, NULL);
	}
}

static bool is_os(const char *word_)
{
	static const char *const known[] = { "linux",	"windows", "darwin", "macos",
					     "freebsd", "openbsd", "netbsd", "solaris" };

	for (size_t i = 0; i < array_len(known); i++)
		if (strcasecmp(known[i], word_) == 0)
			return true;
	return false;
}

int platform_parse(const char *text, const struct platform *host, struct platform *out,
		   struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };
	AUTO(platform) struct platform p = { 0 };

	strv_split(&parts, text, '/');
	for (size_t i = 0; i < parts.count; i++) {
		lower(parts.items[i]);
		if (parts.count > 3 || !word(parts.items[i]))
			return err_set(err, -EINVAL,
				       "'%s' is no platform: use OS/ARCH or OS/ARCH/VARIANT", text);
	}
	const char *first = parts.items[0];
	if (parts.count > 1 || is_os(first)) {
		p.os = str_dup(first);
		p.architecture = str_dup(parts.count > 1 ? parts.items[1] : host->architecture);
		p.variant = str_dup(parts.count > 2   ? parts.items[2]
				    : parts.count > 1 ? NULL
						      : host->variant);
	} else {
		p.os = str_dup(host->os);
		p.architecture = str_dup(first);
	}
	platform_normalise(&p);
	*out = p;
	p = (struct platform){ 0 };
	return 0;
}

void platform_host(const char *machine, struct platform *out)
{
	str_set(&out->os, "linux");
	str_set(&out->architecture, machine);
	str_set(&out->variant, NULL);
	platform_normalise(out);
}

char *platform_print(const struct platform *platform)
{
	return str_fmt("%s/%s%s%s", str_or(platform->os, "unknown"),
		       str_or(platform->architecture, "unknown"), platform->variant ? "/" : "",
		       str_or(platform->variant, ""));
}

/* The number in "v7"; 0 when there is none. */
static int variant_number(const struct platform *p)
{
	const char *text = str_empty(p->variant) ? default_variant(p->architecture) : p->variant;
	uint64_t n;

	if (!text || *text != 'v' || str_u64(text + 1, RANK_BEST - 1, &n) < 0)
		return 0;
	return (int)n;
}

int platform_rank(const struct platform *have, const struct platform *want)
{
	AUTO(platform) struct platform h = { 0 }, w = { 0 };

	platform_copy(&h, have);
	platform_copy(&w, want);
	platform_normalise(&h);
	platform_normalise(&w);
	if (!str_eq(h.os, w.os) || !str_eq(h.architecture, w.architecture))
		return 0;
	if (str_eq(h.variant, w.variant))
		return RANK_BEST;
	int older = variant_number(&w) - variant_number(&h);
	/* A variant that is no number is like no other. */
	if (!variant_number(&h) || !variant_number(&w) || older < 0)
		return 0;
	return RANK_BEST - older;
}

void platform_copy(struct platform *to, const struct platform *from)
{
	str_set(&to->os, from->os);
	str_set(&to->architecture, from->architecture);
	str_set(&to->variant, from->variant);
	str_set(&to->os_version, from->os_version);
	strv_clear(&to->os_features);
	strv_extend(&to->os_features, &from->os_features);
}

void platform_clear(struct platform *platform)
{
	str_set(&platform->os, NULL);
	str_set(&platform->architecture, NULL);
	str_set(&platform->variant, NULL);
	str_set(&platform->os_version, NULL);
	strv_clear(&platform->os_features);
}
