/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dns_fuzz - what the name server of a network reads: questions, answers from outside, others' tables
 *
 * The first byte chooses. A question comes from a member, over UDP or TCP, to a name server that knows
 * "web" and "db" and passes on to a server of ours: what arrives there must be nobody's name here. An
 * answer is one to a question of ours, with the right id. A table is one that reads back as it was.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/board.h"
#include "cubby-net/message.h"
#include "cubby-net/nameserver.h"
#include "cubby-net/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WHAT = 5, TURNS = 8 };

/* In the place of src/cubby-net/resolver.c. */
struct resolver {
	struct servers servers;
	struct strv search;
};

const struct servers *resolver_servers(struct resolver *resolver)
{
	return &resolver->servers;
}

const struct strv *resolver_search(struct resolver *resolver)
{
	return &resolver->search;
}

struct world {
	struct resolver resolver;
	struct names *names;
	struct names_member *web;
	struct nameserver *ns;
	int outside, client;
	struct sockaddr_in tcp;
};

static struct sockaddr_in bound(int type, uint32_t address, int *out)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(address) } };
	socklen_t size = sizeof at;

	*out = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bug_unless(bind(*out, (struct sockaddr *)&at, sizeof at) == 0);
	bug_unless(getsockname(*out, (struct sockaddr *)&at, &size) == 0);
	return at;
}

static struct names_member *join(struct world *w, const char *id, const char *name, const char *ip)
{
	const struct names_entry e = { .container = id, .name = name, .ip = ip };
	struct names_member *m;
	struct err err = { 0 };

	bug_unless(names_add(w->names, &e, &m, &err) == 0);
	return m;
}

static void world_init(struct world *w)
{
	static char *search[] = { (char *)"corp.example", NULL };
	const struct nameserver_config config = { 0 };
	struct sockaddr_in at;
	socklen_t size = sizeof at;
	struct doors doors;
	struct err err = { 0 };

	*w = (struct world){ .resolver.search = { search, 1 }, .resolver.servers.count = 1 };
	at = bound(SOCK_DGRAM, INADDR_LOOPBACK, &w->outside);
	memcpy(w->resolver.servers.items, &at, sizeof at);
	bug_unless(names_new("net", false, &w->names, &err) == 0);
	w->web = join(w, "aaaaaaaaaaaa", "web", "127.0.0.2");
	join(w, "bbbbbbbbbbbb", "db", "127.0.0.3");
	bug_unless(doors_open("127.0.0.1", NULL, 0, -1, &doors, &err) == 0);
	bug_unless(getsockname(doors.items[0].fd, (struct sockaddr *)&w->tcp, &size) == 0);
	bug_unless(getsockname(doors.items[1].fd, (struct sockaddr *)&at, &size) == 0);
	bug_unless(nameserver_new(&config, &doors, w->names, &w->resolver, &w->ns, &err) == 0);
	bound(SOCK_DGRAM, INADDR_LOOPBACK + 1, &w->client);
	bug_unless(connect(w->client, (struct sockaddr *)&at, sizeof at) == 0);
}

static void serve(struct world *w)
{
	struct pollfd p = { .fd = nameserver_fd(w->ns), .events = POLLIN };

	for (int i = 0; i < TURNS && poll(&p, 1, 0) > 0; i++)
		nameserver_serve(w->ns);
}

/* What the world hears of is none of the names here. */
static void check_passed_on(struct world *w)
{
	uint8_t m[MESSAGE_QUESTION_MAX];
	struct message_question q;
	ssize_t n;

	while ((n = recv(w->outside, m, sizeof m, 0)) >= 0) {
		bug_unless(message_parse(m, (size_t)n, &q) == 0);
		if (!q.plain)
			continue;
		bug_unless(q.labels != 1 && !str_ends(q.name, ".dns.podman"));
		bug_unless(!str_eq(q.name, "web.net") && !str_eq(q.name, "db.corp.example"));
	}
}

static void check_answers(struct world *w)
{
	uint8_t m[MESSAGE_MAX];
	ssize_t n;

	while ((n = recv(w->client, m, sizeof m, 0)) >= 0)
		bug_unless(n >= MESSAGE_HEADER && m[2] & 0x80 && n <= MESSAGE_QUESTION_MAX);
}

static void question(struct world *w, const uint8_t *data, size_t size)
{
	(void)!send(w->client, data, size, 0); /* longer than a datagram: not at all */
	serve(w);
	check_passed_on(w);
	check_answers(w);
}

static void stream(struct world *w, const uint8_t *data, size_t size)
{
	AUTO(fd) int fd = -1;
	uint8_t m[MESSAGE_QUESTION_MAX];

	bound(SOCK_STREAM, INADDR_LOOPBACK + 1, &fd);
	(void)!connect(fd, (struct sockaddr *)&w->tcp, sizeof w->tcp); /* it is on its way */
	serve(w);
	(void)!send(fd, data, size / 2, MSG_NOSIGNAL); /* hung up on, when it is wrong so early */
	serve(w);
	(void)!send(fd, data + size / 2, size - size / 2, MSG_NOSIGNAL);
	serve(w);
	while (recv(fd, m, sizeof m, 0) > 0)
		serve(w);
}

static void answer(struct world *w, const uint8_t *data, size_t size)
{
	static const uint8_t asked[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\7"
				       "example\3com\0\0\1\0\1";
	uint8_t m[MESSAGE_QUESTION_MAX];
	struct sockaddr_in from;
	socklen_t from_size = sizeof from;

	bug_unless(send(w->client, asked, sizeof asked - 1, 0) == sizeof asked - 1);
	serve(w);
	bug_unless(recvfrom(w->outside, m, sizeof m, 0, (struct sockaddr *)&from, &from_size) > 2);
	AUTO(mem) uint8_t *said = mem_copy(data, size);
	memcpy(said, m, min_of(size, (size_t)2));
	(void)!sendto(w->outside, said, size, 0, (struct sockaddr *)&from,
		      sizeof from); /* as above */
	serve(w);
	check_answers(w);
}

static void table(const uint8_t *data, size_t size)
{
	AUTO(roster) struct roster *r = NULL;
	AUTO(roster) struct roster *again = NULL;
	size_t printed, twice;

	if (roster_parse(data, size, &r) < 0)
		return;
	AUTO(mem) uint8_t *bytes = roster_print(r, &printed);
	bug_unless(roster_parse(bytes, printed, &again) == 0);
	AUTO(mem) uint8_t *same = roster_print(again, &twice);
	bug_unless(printed == twice && memcmp(bytes, same, printed) == 0);
}

/* Of 32 bytes the first half is the head, the second that of both pages; the rest is on both. */
static void board(struct world *w, const uint8_t *data, size_t size)
{
	enum { HEAD = 16, FIRST = 4096 };
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct names_result found;

	if (size < 2 * HEAD) {
		fd_close(fd);
		return;
	}
	(void)!pwrite(fd, data, HEAD, 0); /* it is all the same what is there */
	(void)!pwrite(fd, data + HEAD, size - HEAD, FIRST);
	(void)!pwrite(fd, data + HEAD, size - HEAD, FIRST + BOARD_PAGE);
	names_see(w->names, w->web, &fd, 1);
	(void)names_find(w->names, w->web, "other", &w->resolver.search, &found);
	names_see(w->names, w->web, NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w; /* one for all: it takes longer to make than to use */

	if (size < 2)
		return 0;
	if (!w.ns)
		world_init(&w);
	check_passed_on(&w);
	if (data[0] % WHAT == 0)
		question(&w, data + 1, size - 1);
	else if (data[0] % WHAT == 1)
		stream(&w, data + 1, size - 1);
	else if (data[0] % WHAT == 2)
		answer(&w, data + 1, size - 1);
	else if (data[0] % WHAT == 3)
		table(data + 1, size - 1);
	else
		board(&w, data + 1, size - 1);
	return 0;
}
