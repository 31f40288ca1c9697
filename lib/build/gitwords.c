/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gitwords - what git said when it failed, as one sentence
 */
#include "build/gitwords.h"

#include <string.h>

#define NAMES "the name of its host is not known"
#define HOST "its host cannot be reached"
#define PROXY "the proxy cannot be reached"
#define TRUST "its certificate is not one that this machine trusts"
#define KEYS "its host knows none of your keys"
#define LOGIN "it wants a name and a password that it knows"
#define NONE "there is no such repository, or not for you"
#define NO_REF "it has no branch, tag or commit of that name"

#define LOOK                                                                                       \
	"see whether the address is right, and whether this machine has a way there: git "         \
	"ls-remote "
#define PROXIES "see whether http_proxy and https_proxy name a proxy that is there"
#define AUTHORITY                                                                                  \
	"give git the certificate of the authority: git config --global http.sslCAInfo FILE"
#define KNOWN "connect once with ssh, which shows the key of the host and keeps it"
#define AGENT "have the key in ssh-agent (ssh-add -l), and its public half known to the host"
#define HELPER "keep them where git finds them (gitcredentials(7)), or take the address for ssh"
#define SEE "see whether the address is right; a private one needs a key or a password that git has"

/* The first that stands in a line, outside of quotes; those that say more come before others. */
static const struct cause {
	const char *words;
	const char *means;
	const char *hint; /* NULL: the caller knows better */
} causes[] = {
	{ "couldn't find remote ref", NO_REF, NULL },
	{ "invalid reference", NO_REF, NULL },
	{ "Could not resolve proxy", PROXY, PROXIES },
	{ "Could not resolve host", NAMES, LOOK },
	{ "unable to look up ", NAMES, LOOK },
	{ "Host key verification failed", "the key of its host is not known", KNOWN },
	{ "Permission denied (", KEYS, AGENT },
	{ "certificate", TRUST, AUTHORITY },
	{ "could not read Username", LOGIN, HELPER },
	{ "could not read Password", LOGIN, HELPER },
	{ "Authentication failed", LOGIN, HELPER },
	{ "returned error: 401", LOGIN, HELPER },
	{ "returned error: 403", NONE, SEE },
	{ "epository not found", NONE, SEE },
	{ "does not appear to be a git repository", NONE, SEE },
	{ "repository not exported", NONE, SEE },
	{ "Failed to connect to ", HOST, LOOK },
	{ "connect to host ", HOST, LOOK },
	{ "unable to connect to ", HOST, LOOK },
	{ "onnection timed out", HOST, LOOK },
	{ "onnection refused", HOST, LOOK },
	{ "No route to host", HOST, LOOK },
};

/* "repository 'ADDRESS' not found": the address may be anything. */
static const struct cause not_found = { "' not found", NONE, SEE };

/* What git says to whoever it was that failed. */
static const char *const noise[] = {
	"Please make sure you have the correct access rights",
	"and the repository exists.",
	"fatal: Could not read from remote repository.",
};

static bool is_noise(const char *line)
{
	bool is = !*line || str_starts(line, "warning: ");

	for (size_t i = 0; i < array_len(noise); i++)
		is |= str_eq(line, noise[i]);
	return is;
}

/* What is quoted is an address or a name, which may be anything. An apostrophe stands behind a letter. */
static char *without_quoted(const char *line)
{
	char *out = str_dup(line);
	char *to = out;

	for (const char *c = line; *c; c++) {
		const char *end = *c == '\'' && (c == line || c[-1] == ' ') ? strchr(c + 1, '\'')
									    : NULL;
		if (end)
			c = end;
		else
			*to++ = *c;
	}
	*to = 0;
	return out;
}

static const struct cause *cause_in(const char *line)
{
	AUTO(mem) char *said = without_quoted(line);

	for (size_t i = 0; i < array_len(causes); i++)
		if (strstr(said, causes[i].words))
			return &causes[i];
	return strstr(line, not_found.words) && str_starts(line, "fatal: repository '") ? &not_found
											: NULL;
}

/* @out_at: of the line; that of the last one that is worth telling where no cause is known; -1: there is none */
static const struct cause *find(const struct strv *lines, ssize_t *out_at)
{
	*out_at = -1;
	for (size_t i = 0; i < lines->count; i++) {
		const struct cause *cause = is_noise(lines->items[i]) ? NULL
								      : cause_in(lines->items[i]);
		if (cause) {
			*out_at = (ssize_t)i;
			return cause;
		}
	}
	for (size_t i = lines->count; i > 0 && *out_at < 0; i--)
		if (!is_noise(lines->items[i - 1]))
			*out_at = (ssize_t)i - 1;
	for (size_t i = lines->count; i > 0 && *out_at < 0; i--)
		if (*lines->items[i - 1])
			*out_at = (ssize_t)i - 1;
	return NULL;
}

/* The address was told already, and may have a password. */
static const char *without_address(const char *line)
{
	static const char *const heads[] = { "fatal: ", "error: ", "remote: ", "ERR " };

	for (size_t i = 0; i < array_len(heads); i++)
		line = str_or(str_starts(line, heads[i]), line);
	if (str_starts(line, "unable to access '") && strstr(line, "': "))
		line = strstr(line, "': ") + strlen("': ");
	return line;
}

static struct strv lines_of(const char *said)
{
	struct strv lines = { 0 };

	strv_split(&lines, said, '\n');
	for (size_t i = 0; i < lines.count; i++)
		lines.items[i][strcspn(lines.items[i], "\r")] = 0; /* of ssh */
	return lines;
}

char *gitwords_text(const char *said, int status)
{
	AUTO(strv) struct strv lines = lines_of(said);
	ssize_t at;
	const struct cause *cause = find(&lines, &at);
	AUTO(mem) char *ended = str_fmt("git ended with status %d", status);
	const char *means = cause ? cause->means : ended;

	if (at < 0)
		return str_dup(means);
	const char *line = without_address(lines.items[at]);
	const bool more = str_ends(line, ":") && (size_t)at + 1 < lines.count;
	return str_fmt("%s: %s%s%s", means, line, more ? " " : "", more ? lines.items[at + 1] : "");
}

const char *gitwords_hint(const char *said)
{
	AUTO(strv) struct strv lines = lines_of(said);
	ssize_t at;
	const struct cause *cause = find(&lines, &at);

	return cause ? cause->hint : NULL;
}

bool gitwords_final(const char *said)
{
	return gitwords_hint(said);
}

bool gitwords_missing(const char *said)
{
	AUTO(strv) struct strv lines = lines_of(said);
	ssize_t at;
	const struct cause *cause = find(&lines, &at);

	return cause && !cause->hint;
}
