/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exposed - ports as EXPOSE names them: 80, 80/udp, 8000-8010/tcp
 */
#include "build/exposed.h"

#include <errno.h>
#include <strings.h>

static const char *const protocols[] = { "tcp", "udp", "sctp" };

static const char *find_protocol(const char *name)
{
	for (size_t i = 0; i < array_len(protocols); i++)
		if (strcasecmp(protocols[i], name) == 0)
			return protocols[i];
	return NULL;
}

int exposed_parse(const char *word, struct strv *out, struct err *err)
{
	AUTO(mem) char *text = str_dup(word);
	const char *name = str_cut(text, '/');
	const char *protocol = find_protocol(str_or(name, "tcp"));
	char *host = strrchr(text, ':'), *first = host ? host + 1 : text;
	const char *last = str_cut(first, '-');
	uint64_t from, to;

	if (!protocol)
		return err_set(err, -EINVAL,
			       "the protocol of the port '%s' is none of tcp, udp and sctp", word);
	if (str_u64(first, 65535, &from) < 0 || str_u64(last ? last : first, 65535, &to) < 0)
		return err_set(err, -EINVAL,
			       "'%s' is no port: a number up to 65535, or two with a '-'", word);
	if (to < from)
		return err_set(err, -EINVAL, "the ports '%s' end before they begin", word);
	for (uint64_t port = from; port <= to; port++)
		strv_addf(out, "%u/%s", (unsigned)port, protocol);
	return 0;
}
