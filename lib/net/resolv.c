/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolv - resolv.conf: reading the host's, building the container's
 */
#include "net/resolv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/hosts.h"

enum { RESOLV_MAX = 64 << 10, SERVERS_MAX = 3, DOMAIN_MAX = 253 };

static const char *const behind_stub[] = {
	"run/systemd/resolve/resolv.conf",
	"run/NetworkManager/no-stub-resolv.conf",
};

static const char blanks[] = " \t\r";

/* Adds the words of a text that ends with 0. */
static void add_words(char *text, struct strv *out)
{
	char *save = NULL;

	for (char *word = strtok_r(text, blanks, &save); word; word = strtok_r(NULL, blanks, &save))
		strv_add(out, word);
}

static void parse_line(char *line, struct resolv *out)
{
	AUTO(strv) struct strv words = { 0 };

	line[strcspn(line, "#;")] = 0;
	add_words(line, &words);
	if (words.count < 2)
		return;
	const char *key = words.items[0];
	if (str_eq(key, "nameserver")) {
		strv_add(&out->servers, words.items[1]);
		return;
	}
	bool search = str_eq(key, "search") || str_eq(key, "domain");
	if (!search && !str_eq(key, "options"))
		return;
	if (search)
		strv_clear(&out->search);
	for (size_t i = 1; i < words.count; i++)
		strv_add(search ? &out->search : &out->options, words.items[i]);
}

void resolv_parse(const char *text, struct resolv *out)
{
	AUTO(strv) struct strv lines = { 0 };

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++)
		parse_line(lines.items[i], out);
}

static bool is_loopback(const char *server)
{
	return str_starts(server, "127.") || str_eq(server, "::1");
}

static bool only_stubs(const struct strv *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		if (!is_loopback(servers->items[i]))
			return false;
	return servers->count > 0;
}

static int load_one(int root, const char *path, struct resolv *out)
{
	AUTO(mem) char *text = NULL;
	int r = file_read(root, path, RESOLV_MAX, &text, NULL);

	if (r == 0)
		resolv_parse(text, out);
	return r;
}

void resolv_load(int dirfd, struct resolv *out)
{
	AUTO(fd) int own = dirfd == AT_FDCWD ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int root = dirfd == AT_FDCWD ? own : dirfd;

	(void)!load_one(root, "etc/resolv.conf", out); /* none: empty */
	for (size_t i = 0; i < array_len(behind_stub) && only_stubs(&out->servers); i++) {
		AUTO(resolv) struct resolv real = { 0 };
		if (load_one(root, behind_stub[i], &real) < 0 || !real.servers.count)
			continue;
		strv_clear(&out->servers);
		strv_extend(&out->servers, &real.servers);
	}
}

static bool given(const struct strv *list)
{
	return list && list->count > 0;
}

static void add_servers(const struct resolv_config *c, struct strv *lines)
{
	if (given(c->servers)) {
		for (size_t i = 0; i < c->servers->count; i++)
			if (!str_eq(c->servers->items[i], "none"))
				strv_addf(lines, "nameserver %s", c->servers->items[i]);
		return;
	}
	if (c->server) {
		strv_addf(lines, "nameserver %s", c->server);
		return;
	}
	for (size_t i = 0; i < c->host->servers.count && i < SERVERS_MAX; i++)
		strv_addf(lines, "nameserver %s", c->host->servers.items[i]);
}

static void add_search(const char *domain, const struct strv *search, struct strv *lines)
{
	AUTO(strv) struct strv all = { 0 };

	if (search->count && str_eq(search->items[0], "."))
		return;
	if (domain)
		strv_add(&all, domain);
	strv_extend(&all, search);
	AUTO(mem) char *domains = str_join(&all, " ");
	if (all.count)
		strv_addf(lines, "search %s", domains);
}

static bool is_server(const char *text)
{
	AUTO(mem) char *address = str_dup(text);
	const char *scope = str_cut(address, '%');
	unsigned char bytes[sizeof(struct in6_addr)];

	if (!scope && inet_pton(AF_INET, address, bytes) == 1)
		return true;
	return inet_pton(AF_INET6, address, bytes) == 1 &&
	       (!scope || (*scope && hosts_name(scope)));
}

static bool is_domain(const char *text)
{
	const size_t size = strlen(text);

	return size > 0 && size <= DOMAIN_MAX && hosts_name(text);
}

static bool is_option(const char *text)
{
	return *text && hosts_name(text);
}

static int check_words(const char *flag, const struct strv *words, bool (*fits)(const char *),
		       const char *what, struct err *err)
{
	for (size_t i = 0; words && i < words->count; i++)
		if (!fits(words->items[i]))
			return err_set(err, -EINVAL, "%s: '%s' is no %s", flag, words->items[i],
				       what);
	return 0;
}

int resolv_check(const struct resolv_config *config, struct err *err)
{
	const struct strv *servers = config->servers;
	bool none = servers && strv_find(servers, "none") >= 0;

	if (none && servers->count > 1)
		return err_set(err, -EINVAL, "--dns: none cannot be given with other servers");
	int r = none ? 0 : check_words("--dns", servers, is_server, "address", err);
	if (r == 0)
		r = check_words("--dns-search", config->search, is_domain, "domain", err);
	if (r == 0)
		r = check_words("--dns-option", config->options, is_option, "option", err);
	return r;
}

char *resolv_build(const struct resolv_config *config)
{
	const struct strv *search = given(config->search) ? config->search : &config->host->search;
	const struct strv *options = given(config->options) ? config->options
							    : &config->host->options;
	AUTO(strv) struct strv lines = { 0 };

	add_search(config->domain, search, &lines);
	add_servers(config, &lines);
	if (options->count) {
		AUTO(mem) char *words = str_join(options, " ");
		strv_addf(&lines, "options %s", words);
	}
	strv_add(&lines, "");
	return str_join(&lines, "\n");
}

void resolv_clear(struct resolv *resolv)
{
	strv_clear(&resolv->servers);
	strv_clear(&resolv->search);
	strv_clear(&resolv->options);
}
