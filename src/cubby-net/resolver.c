/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolver - the host's name servers, as its resolv.conf says at the moment
 */
#include "cubby-net/resolver.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/resolv.h"

enum { FILE_MAX = 16 << 10, PAGE = 4096 };

struct resolver {
	int dir;
	const char *name; /* its own page, read-only */
	int64_t looked;	  /* clock_mono() */
	char *text;	  /* of the file */
	struct servers servers;
	bool preferred; /* they are not the file's */
	struct strv search;
};

static const char *locked_copy(const char *name)
{
	size_t size = strlen(name) + 1;
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	bug_unless(page != MAP_FAILED && size <= PAGE);
	memcpy(page, name, size);
	bug_unless(mprotect(page, PAGE, PROT_READ) == 0);
	return page;
}

static void take_text(struct resolver *r, const char *text)
{
	AUTO(resolv) struct resolv file = { 0 };

	resolv_parse(text, &file);
	if (!r->preferred)
		servers_parse(&file.servers, &r->servers);
	strv_clear(&r->search);
	strv_extend(&r->search, &file.search);
}

/* No time or size is looked at: the sandbox lets nothing be asked about files, and reading is short. */
static void look(struct resolver *r)
{
	AUTO(mem) char *text = NULL;
	int64_t now = clock_mono();

	if (r->dir < 0 || (r->looked && now - r->looked < CLOCK_SECOND))
		return;
	r->looked = now;
	AUTO(fd) int fd = openat(r->dir, r->name, O_RDONLY | O_CLOEXEC);
	/* A file that is just being replaced, or is gone: the servers known last stay. */
	if (fd < 0 || fd_read_all(fd, FILE_MAX, &text, NULL) < 0 || !*text || str_eq(text, r->text))
		return;
	take_text(r, text);
	free(r->text);
	r->text = take_ptr(text);
}

struct resolver *resolver_new(void)
{
	struct resolver *r = mem_new(struct resolver);
	AUTO(mem) char *real = realpath("/etc/resolv.conf", NULL);
	AUTO(mem) char *dir = str_dup(str_or(real, "/etc/resolv.conf"));
	char *slash = strrchr(dir, '/');

	*slash = 0;
	r->name = locked_copy(slash + 1);
	r->dir = open(*dir ? dir : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	look(r);
	return r;
}

void resolver_prefer(struct resolver *resolver, const struct strv *servers)
{
	resolver->preferred = servers->count;
	servers_parse(servers, &resolver->servers);
	if (!resolver->preferred && resolver->text)
		take_text(resolver, resolver->text);
}

const struct servers *resolver_servers(struct resolver *resolver)
{
	look(resolver);
	return &resolver->servers;
}

const struct sockaddr_storage *resolver_get(struct resolver *resolver, size_t index)
{
	const struct servers *servers = resolver_servers(resolver);

	return index < servers->count ? &servers->items[index] : NULL;
}

const struct strv *resolver_search(struct resolver *resolver)
{
	look(resolver);
	return &resolver->search;
}

int resolver_dir(const struct resolver *resolver)
{
	return resolver->dir;
}

const char *resolver_name(const struct resolver *resolver)
{
	return resolver->name;
}
