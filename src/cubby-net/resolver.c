/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolver - the host's name servers, as its resolv.conf says at the moment
 */
#include "cubby-net/resolver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/resolv.h"

enum { SERVERS_MAX = 3, FILE_MAX = 16 << 10, DNS_PORT = 53, PAGE = 4096 };

struct resolver {
	int dir;
	const char *name; /* its own page, read-only */
	int64_t looked;	  /* clock_mono() */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
	size_t count;
	struct sockaddr_storage servers[SERVERS_MAX];
	bool preferred; /* the servers are not the file's */
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

/* As if_nametoindex(3), which would ask for a unix socket; the sandbox has none. */
static uint32_t interface_index(const char *name)
{
	struct ifreq r = { 0 };
	AUTO(fd) int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(name) >= sizeof r.ifr_name)
		return 0;
	memcpy(r.ifr_name, name, strlen(name));
	return ioctl(fd, SIOCGIFINDEX, &r) < 0 ? 0 : (uint32_t)r.ifr_ifindex;
}

/* "fe80::1%eth0" has a scope; the interface may come and go, so it is looked up each time. */
static bool server_parse(const char *text, struct sockaddr_storage *out)
{
	AUTO(mem) char *address = str_dup(text);
	const char *scope = str_cut(address, '%');
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, address, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(DNS_PORT);
		return true;
	}
	if (inet_pton(AF_INET6, address, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(DNS_PORT);
	in6->sin6_scope_id = scope ? interface_index(scope) : 0;
	return true;
}

static void take_servers(struct resolver *r, const struct strv *servers)
{
	r->count = 0;
	for (size_t i = 0; i < servers->count && r->count < SERVERS_MAX; i++)
		if (server_parse(servers->items[i], &r->servers[r->count]))
			r->count++;
}

static void take_text(struct resolver *r, const char *text)
{
	AUTO(resolv) struct resolv file = { 0 };

	resolv_parse(text, &file);
	if (!r->preferred)
		take_servers(r, &file.servers);
	strv_clear(&r->search);
	strv_extend(&r->search, &file.search);
}

static bool changed(struct resolver *r, const struct stat *st)
{
	bool same = r->dev == st->st_dev && r->ino == st->st_ino && r->size == st->st_size &&
		    r->changed.tv_sec == st->st_mtim.tv_sec &&
		    r->changed.tv_nsec == st->st_mtim.tv_nsec;

	r->dev = st->st_dev;
	r->ino = st->st_ino;
	r->size = st->st_size;
	r->changed = st->st_mtim;
	return !same;
}

static void look(struct resolver *r)
{
	AUTO(mem) char *text = NULL;
	struct stat st;
	int64_t now = clock_mono();

	if (r->dir < 0 || (r->looked && now - r->looked < CLOCK_SECOND))
		return;
	r->looked = now;
	AUTO(fd) int fd = openat(r->dir, r->name, O_RDONLY | O_CLOEXEC);
	/* A file that is just being replaced, or is gone: the servers known last stay. */
	if (fd < 0 || fstat(fd, &st) < 0 || !changed(r, &st))
		return;
	if (fd_read_all(fd, FILE_MAX, &text, NULL) == 0)
		take_text(r, text);
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
	if (resolver->preferred)
		take_servers(resolver, servers);
}

size_t resolver_count(struct resolver *resolver)
{
	look(resolver);
	return resolver->count;
}

const struct sockaddr_storage *resolver_get(struct resolver *resolver, size_t index)
{
	look(resolver);
	return index < resolver->count ? &resolver->servers[index] : NULL;
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
