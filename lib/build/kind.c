/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kind - the instructions of a Dockerfile by name
 */
#include "build/kind.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/str.h"

enum takes { TAKES_LIST = 1 << 0, TAKES_HEREDOC = 1 << 1 };

static const struct {
	const char *name;
	unsigned takes;
} kinds[KIND_COUNT] = {
	[KIND_ADD] = { "ADD", TAKES_LIST | TAKES_HEREDOC },
	[KIND_ARG] = { "ARG", 0 },
	[KIND_CMD] = { "CMD", TAKES_LIST },
	[KIND_COPY] = { "COPY", TAKES_LIST | TAKES_HEREDOC },
	[KIND_ENTRYPOINT] = { "ENTRYPOINT", TAKES_LIST },
	[KIND_ENV] = { "ENV", 0 },
	[KIND_EXPOSE] = { "EXPOSE", 0 },
	[KIND_FROM] = { "FROM", 0 },
	[KIND_HEALTHCHECK] = { "HEALTHCHECK", 0 },
	[KIND_LABEL] = { "LABEL", 0 },
	[KIND_MAINTAINER] = { "MAINTAINER", 0 },
	[KIND_ONBUILD] = { "ONBUILD", 0 },
	[KIND_RUN] = { "RUN", TAKES_LIST | TAKES_HEREDOC },
	[KIND_SHELL] = { "SHELL", TAKES_LIST },
	[KIND_STOPSIGNAL] = { "STOPSIGNAL", 0 },
	[KIND_USER] = { "USER", 0 },
	[KIND_VOLUME] = { "VOLUME", TAKES_LIST },
	[KIND_WORKDIR] = { "WORKDIR", 0 },
};

int kind_parse(const char *name)
{
	for (int i = 0; i < KIND_COUNT; i++)
		if (strcasecmp(kinds[i].name, name) == 0)
			return i;
	return -ENOENT;
}

const char *kind_name(enum kind kind)
{
	return kinds[kind].name;
}

const char *kind_near(const char *typed)
{
	AUTO(mem) char *upper = str_dup(typed);
	struct nearest nearest;

	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	nearest_begin(&nearest, upper);
	for (size_t i = 0; i < KIND_COUNT; i++)
		nearest_offer(&nearest, kinds[i].name);
	return nearest.best;
}

bool kind_takes_list(enum kind kind)
{
	return kinds[kind].takes & TAKES_LIST;
}

bool kind_takes_heredoc(enum kind kind)
{
	return kinds[kind].takes & TAKES_HEREDOC;
}
