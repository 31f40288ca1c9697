/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-seccomp - compile a seccomp profile for the kernel
 *
 *	cubby-seccomp CAPS [default] [emulate] < PROFILE > FILTER
 *
 * CAPS is the container's bounding set in hexadecimal; "default" takes the built-in profile instead of
 * standard input; "emulate" lets root's calls answer success without effect. Has no rights and opens nothing: profile and filter are its standard descriptors.
 * Run when cubby is built, for the usual filters, and by cubby for any other.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "cubby-seccomp/filter.h"
#include "cubby-seccomp/profile.h"

enum { PROFILE_MAX = 1 << 20, USAGE = 2 };

/* Made by the build from lib/run/seccomp/default.json. */
static const char default_profile[] = {
#include "seccomp-default.inc"
};

struct wish {
	uint64_t caps;
	bool emulate;
	bool use_default;
};

static int parse_caps(const char *text, uint64_t *out)
{
	uint64_t n = 0;

	if (!str_hex(text, 0) || strlen(text) > 16)
		return -EINVAL;
	for (const char *p = text; *p; p++)
		n = n << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	*out = n;
	return 0;
}

static int parse(int argc, char **argv, struct wish *out)
{
	if (argc < 2 || parse_caps(argv[1], &out->caps) < 0)
		return -EINVAL;
	for (int i = 2; i < argc; i++) {
		if (str_eq(argv[i], "emulate"))
			out->emulate = true;
		else if (str_eq(argv[i], "default"))
			out->use_default = true;
		else
			return -EINVAL;
	}
	return 0;
}

static int read_profile(const struct wish *wish, char **out, size_t *out_size)
{
	if (!wish->use_default)
		return fd_read_all(0, PROFILE_MAX, out, out_size);
	*out = mem_copy(default_profile, sizeof default_profile);
	*out_size = sizeof default_profile;
	return 0;
}

static int compile(const struct wish *wish, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(profile) struct profile profile = { 0 };
	size_t size;
	int r = read_profile(wish, &text, &size);

	if (r < 0)
		return err_sys(err, r, "cannot read the profile");
	r = profile_parse(text, size, wish->caps, &profile, err);
	return r < 0 ? r : filter_make(&profile, wish->emulate, 1, err);
}

int main(int argc, char **argv)
{
	AUTO(err) struct err err = { 0 };
	struct wish wish = { 0 };

	if (parse(argc, argv, &wish) < 0) {
		fputs("usage: cubby-seccomp CAPS [default] [emulate] < PROFILE > FILTER\n", stderr);
		return USAGE;
	}
	if (compile(&wish, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}
