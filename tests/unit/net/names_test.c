/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - who is called what: on one network, on two, and by somebody who lies
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/board.h"
#include "cubby-net/names.h"

static const char id_a[] = "aaaaaaaaaaaa0000", id_b[] = "bbbbbbbbbbbb0000";
static char *corp[] = { (char *)"Corp.example.", NULL };
static const struct strv search = { corp, 1 };

static struct names *network(const char *name, bool silent)
{
	struct err err = { 0 };
	struct names *n;

	assert_int_equal(names_new(name, silent, &n, &err), 0);
	return n;
}

static struct names_member *join(struct names *n, const char *id, const char *name,
				 const char *alias, const char *ip, const char *ip6)
{
	char *items[] = { (char *)alias, NULL };
	const struct strv aliases = { items, alias ? 1 : 0 };
	const struct names_entry e = {
		.container = id, .name = name, .aliases = &aliases, .ip = ip, .ip6 = ip6
	};
	struct err err = { 0 };
	struct names_member *m;

	assert_int_equal(names_add(n, &e, &m, &err), 0);
	return m;
}

/* The first address, "none" for a name without one of IPv4, or the verdict. */
static const char *ask(struct names *n, struct names_member *m, const char *name)
{
	static char text[INET_ADDRSTRLEN];
	struct names_result r;

	switch (names_find(n, m, name, &search, &r)) {
	case NAMES_FOUND:
		return r.count4 ? inet_ntop(AF_INET, r.in4, text, sizeof text) : "none";
	case NAMES_HELD:
		return "held";
	default:
		return "others";
	}
}

static void a_member_is_found_by_all_its_names(void **state)
{
	AUTO(names) struct names *n = network("Net", false);
	struct names_member *a = join(n, id_a, "Web", "Front", "10.0.0.2", "fd00::2");
	struct names_result r;

	(void)state;
	assert_string_equal(ask(n, a, "web"), "10.0.0.2");
	assert_string_equal(ask(n, a, "front"), "10.0.0.2");
	assert_string_equal(ask(n, a, "aaaaaaaaaaaa"), "10.0.0.2");
	assert_string_equal(ask(n, a, "web.dns.podman"), "10.0.0.2");
	assert_string_equal(ask(n, a, "front.net"), "10.0.0.2");
	assert_int_equal(names_find(n, a, "web", &search, &r), NAMES_FOUND);
	assert_int_equal(r.count6, 1);
	assert_int_equal(r.in6[0].s6_addr[15], 2);
}

static void an_alias_of_several_gives_all_addresses_in_turn(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "a", "api", "10.0.0.2", NULL);
	struct names_result r;
	uint8_t first[4];

	(void)state;
	join(n, id_b, "b", "api", "10.0.0.3", NULL);
	join(n, "cccccccccccc", "c", "api", "10.0.0.4", NULL);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(names_find(n, a, "api", &search, &r), NAMES_FOUND);
		assert_int_equal(r.count4, 3);
		first[i] = ((uint8_t *)r.in4)[3];
		names_turn(n, AF_INET);
		names_turn(n, AF_INET6); /* which has nothing to do with it */
	}
	assert_int_equal(first[0] + first[1] + first[2], 2 + 3 + 4);
	assert_int_not_equal(first[0], first[1]);
	assert_int_equal(first[3], first[0]);
}

static void what_nobody_has_is_held_back_or_the_worlds(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "web", NULL, "10.0.0.2", NULL);

	(void)state;
	assert_string_equal(ask(n, a, "db"), "held");
	assert_string_equal(ask(n, a, "db.dns.podman"), "held");
	assert_string_equal(ask(n, a, "_x.web.dns.podman"), "held");
	assert_string_equal(ask(n, a, "dns.podman"), "none");
	assert_string_equal(ask(n, a, "example.com"), "others");
	assert_string_equal(ask(n, a, "intranet.corp.example"), "others");
	assert_string_equal(ask(n, a, "db.net"), "others");
	assert_string_equal(ask(n, a, ""), "others");
}

static void a_search_domain_does_not_carry_a_name_outside(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "web", NULL, "10.0.0.2", NULL);
	struct names_member *b = join(n, id_b, "my.app", "api.example.com", "10.0.0.3", NULL);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_string_equal(ask(n, a, "web.corp.example"), "held");
		assert_string_equal(ask(n, a, "my.app.corp.example"), "held");
		assert_string_equal(ask(n, a, "bbbbbbbbbbbb.corp.example"), "held");
		assert_string_equal(ask(n, a, "web.dns.podman.corp.example"), "held");
		assert_string_equal(ask(n, a, "web.corp.example.corp.example"), "held");
		assert_string_equal(ask(n, a, "web.net.corp.example"), "held");
		assert_string_equal(ask(n, a, "web.example.com"), "others");
		/* The second time it has left. */
		names_drop(n, take_ptr(b));
	}
	assert_string_equal(ask(n, a, "my.app"), "held");
	/* An alias may have stood for one of the world's. */
	assert_string_equal(ask(n, a, "api.example.com"), "others");
}

static void a_containers_own_search_domains_count_as_well(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	char *items[] = { (char *)"lab.example", NULL };
	const struct strv own = { items, 1 };
	const struct names_entry e = {
		.container = id_a, .name = "web", .ip = "10.0.0.2", .search = &own
	};
	struct names_member *m, *b = join(n, id_b, "b", NULL, "10.0.0.3", NULL);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(names_add(n, &e, &m, &err), 0);
	assert_string_equal(ask(n, m, "b.lab.example"), "held");
	assert_string_equal(ask(n, b, "b.lab.example"), "others");
}

static void a_name_is_gone_with_its_member(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "web", NULL, "10.0.0.2", NULL);
	struct names_member *b = join(n, id_b, "db", NULL, "10.0.0.3", NULL);
	struct in_addr address = { inet_addr("10.0.0.3") };

	(void)state;
	assert_string_equal(names_reverse(n, a, AF_INET, &address), "db");
	names_drop(n, b);
	assert_string_equal(ask(n, a, "db"), "held");
	assert_null(names_reverse(n, a, AF_INET, &address));
	join(n, id_b, "db", NULL, "10.0.0.7", NULL);
	assert_string_equal(ask(n, a, "db"), "10.0.0.7");
}

static void a_renamed_member_has_its_new_names_alone(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "old", "x", "10.0.0.2", NULL);
	const struct names_entry e = { .name = "new" };
	struct in_addr address = { inet_addr("10.0.0.2") };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(names_rename(n, a, &e, &err), 0);
	assert_string_equal(ask(n, a, "old"), "held");
	assert_string_equal(ask(n, a, "x"), "held");
	assert_string_equal(ask(n, a, "new"), "10.0.0.2");
	assert_string_equal(ask(n, a, "aaaaaaaaaaaa"), "10.0.0.2");
	assert_string_equal(names_reverse(n, a, AF_INET, &address), "new");
	assert_string_equal(ask(n, a, "old.corp.example"), "held");
}

static void a_link_is_a_name_that_one_member_has_for_another(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "a", NULL, "10.0.0.2", NULL);
	struct names_member *b = join(n, id_b, "Web", NULL, "10.0.0.3", NULL);
	char *items[] = { (char *)"WEB:Db", (char *)"web:a", (char *)"gone:old" };
	const struct strv links = { items, array_len(items) };
	const struct names_entry linked = { .name = "a", .links = &links };
	const struct names_entry plain = { .name = "a" };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(names_rename(n, a, &linked, &err), 0);
	assert_string_equal(ask(n, a, "db"), "10.0.0.3");
	assert_string_equal(ask(n, a, "db.dns.podman"), "10.0.0.3");
	assert_string_equal(ask(n, a, "web"), "10.0.0.3");
	/* it comes before what others, and the member itself, are called */
	assert_string_equal(ask(n, a, "a"), "10.0.0.3");
	assert_string_equal(ask(n, a, "old"), "held");
	assert_string_equal(ask(n, a, "db.corp.example"), "held");
	assert_string_equal(ask(n, b, "db"), "held");
	assert_string_equal(ask(n, b, "a"), "10.0.0.2");
	/* whoever has the other's name now is meant */
	names_drop(n, b);
	assert_string_equal(ask(n, a, "db"), "held");
	join(n, "cccccccccccc", "web", NULL, "10.0.0.4", NULL);
	assert_string_equal(ask(n, a, "db"), "10.0.0.4");
	assert_int_equal(names_rename(n, a, &plain, &err), 0);
	assert_string_equal(ask(n, a, "db"), "held");
}

static void who_asks_is_known_by_the_address(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "web", NULL, "10.0.0.2", "fd00::2");
	union address from = { .in4 = { .sin_family = AF_INET } };

	(void)state;
	from.in4.sin_addr.s_addr = inet_addr("10.0.0.2");
	assert_ptr_equal(names_member(n, &from), a);
	from.in4.sin_addr.s_addr = inet_addr("10.0.0.3");
	assert_null(names_member(n, &from));
	from.in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	inet_pton(AF_INET6, "fd00::2", &from.in6.sin6_addr);
	assert_ptr_equal(names_member(n, &from), a);
}

static void an_address_that_is_none_is_refused(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	const struct names_entry e = { .container = id_a, .name = "a", .ip = "10.0.0" };
	struct names_member *m;
	AUTO(err) struct err err = { 0 };

	(void)state;
	assert_int_equal(names_add(n, &e, &m, &err), -EINVAL);
	assert_string_equal(err.text, "'10.0.0' is no address");
}

/* The first on a and b, the second on b alone. */
struct two {
	struct names *a, *b;
	struct names_member *both, *both_b, *other;
};

static void see(struct names *n, struct names_member *m, const struct names *other)
{
	int fd = fd_dup(names_board(other));

	names_see(n, m, &fd, 1);
}

static struct two two_networks(bool silent)
{
	struct two t = { network("a", silent), network("b", false), NULL, NULL, NULL };

	t.both = join(t.a, id_a, "both", NULL, "10.0.0.2", NULL);
	t.both_b = join(t.b, id_a, "both", NULL, "10.1.0.2", NULL);
	t.other = join(t.b, id_b, "other", "api", "10.1.0.3", NULL);
	see(t.a, t.both, t.b);
	return t;
}

static void the_names_of_a_second_network_are_seen(void **state)
{
	struct two t = two_networks(false);
	AUTO(names) struct names *a = t.a;
	AUTO(names) struct names *b = t.b;
	struct in_addr address = { inet_addr("10.1.0.3") };
	struct names_member *alone = join(a, "cccccccccccc", "alone", "api", "10.0.0.9", NULL);

	(void)state;
	assert_string_equal(ask(a, t.both, "other"), "10.1.0.3");
	assert_string_equal(ask(a, t.both, "other.b"), "10.1.0.3");
	assert_string_equal(ask(a, t.both, "other.dns.podman"), "10.1.0.3");
	assert_string_equal(ask(a, t.both, "both"), "10.0.0.2");
	assert_string_equal(ask(a, t.both, "both.b"), "10.1.0.2");
	assert_string_equal(ask(a, t.both, "api"), "10.0.0.9"); /* the own one first */
	assert_string_equal(ask(a, t.both, "api.b"), "10.1.0.3");
	assert_string_equal(names_reverse(a, t.both, AF_INET, &address), "other");
	/* Not by those who are not on it. */
	assert_string_equal(ask(a, alone, "other"), "held");
	assert_string_equal(ask(a, alone, "other.b"), "others");
	assert_null(names_reverse(a, alone, AF_INET, &address));
	/* What changes there shows at once, also that somebody left. */
	names_drop(b, take_ptr(t.other));
	assert_string_equal(ask(a, t.both, "other"), "held");
	assert_string_equal(ask(a, t.both, "other.corp.example"), "held");
	join(b, id_b, "third", NULL, "10.1.0.4", NULL);
	assert_string_equal(ask(a, t.both, "third"), "10.1.0.4");
	names_see(a, t.both, NULL, 0);
	assert_string_equal(ask(a, t.both, "third"), "held");
}

static void a_silent_network_has_no_names_but_sees_others(void **state)
{
	struct two t = two_networks(true);
	AUTO(names) struct names *a = t.a;
	AUTO(names) struct names *b = t.b;
	struct names_member *alone = join(a, id_b, "alone", NULL, "10.0.0.9", NULL);
	struct in_addr address = { inet_addr("10.0.0.9") };

	(void)state;
	assert_string_equal(ask(a, alone, "both"), "others");
	assert_string_equal(ask(a, alone, "x.dns.podman"), "others");
	assert_null(names_reverse(a, alone, AF_INET, &address));
	assert_string_equal(ask(a, t.both, "other"), "10.1.0.3");
	assert_string_equal(ask(a, t.both, "alone"), "held");
	see(b, t.both_b, a);
	assert_string_equal(ask(b, t.both_b, "alone"), "held");
}

static void nobody_can_change_what_a_board_shows(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	int fd = names_board(n);

	(void)state;
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}

static void a_board_is_read_once_for_each_change(void **state)
{
	AUTO(board) struct board *b = NULL;
	uint64_t turn = 0;
	size_t size;

	(void)state;
	assert_int_equal(board_new(&b), 0);
	for (int i = 0; i < 3; i++) {
		AUTO(mem) uint8_t *bytes = NULL;
		assert_int_equal(board_read(board_fd(b), &turn, &bytes, &size), 0);
		assert_int_equal(board_write(b, "hello", 5 - (size_t)i), 0);
		assert_int_equal(board_read(board_fd(b), &turn, &bytes, &size), 1);
		assert_int_equal(size, 5 - i);
		assert_memory_equal(bytes, "hello", size);
	}
	AUTO(mem) uint8_t *much = mem_alloc(BOARD_PAGE, 1);
	uint8_t *bytes;
	assert_int_equal(board_write(b, much, BOARD_PAGE), -EFBIG);
	assert_int_equal(board_read(board_fd(b), &turn, &bytes, &size), 0);
}

/* A file of this text; the first 4096 bytes are the head. */
static int forged(uint32_t magic, uint64_t turn, uint64_t page_turn, uint64_t size,
		  const char *roster, size_t roster_size)
{
	uint8_t head[4096] = { 0 };
	const uint32_t layout = 1;
	int fd = memfd_create("forged", MFD_CLOEXEC);
	off_t at = 4096 + (off_t)(turn & 1) * BOARD_PAGE;

	memcpy(head, &magic, 4);
	memcpy(head + 4, &layout, 4);
	memcpy(head + 8, &turn, 8);
	assert_int_equal(pwrite(fd, head, sizeof head, 0), sizeof head);
	assert_int_equal(pwrite(fd, &page_turn, 8, at), 8);
	assert_int_equal(pwrite(fd, &size, 8, at + 8), 8);
	assert_int_equal(pwrite(fd, roster, roster_size, at + 16), roster_size);
	return fd;
}

enum { MAGIC = 0x63626e74 };

#define ROSTER "\1b\1\x0a\1\0\3\0\2\5other\3api"

static void a_board_that_lies_shows_nothing(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "web", NULL, "10.0.0.2", NULL);
	const size_t whole = sizeof ROSTER - 1;
	const int boards[] = {
		forged(MAGIC + 1, 1, 1, whole, ROSTER, whole),
		forged(MAGIC, 1, 2, whole, ROSTER, whole),	       /* never in peace */
		forged(MAGIC, 1, 1, whole + 1, ROSTER, whole),	       /* ends before */
		forged(MAGIC, 1, 1, UINT64_MAX, ROSTER, whole),	       /* too large */
		forged(MAGIC, 1, 1, whole - 1, ROSTER, whole),	       /* half a name */
		forged(MAGIC, 1, 1, 3, "\1b\4", 3),		       /* flags that mean nothing */
		forged(MAGIC, 1, 1, 11, "\1b\1\x0a\1\0\3\0\1\1 ", 11), /* no name */
		forged(MAGIC, 1, 1, 8, "\1b\1\x0a\1\0\3\xff", 8),
		fd_dup(STDIN_FILENO),
	};

	(void)state;
	names_see(n, a, boards, array_len(boards));
	assert_string_equal(ask(n, a, "other"), "held");
	assert_string_equal(ask(n, a, "other.b"), "others");
	/* The same without a lie. */
	int fd = forged(MAGIC, 1, 1, whole, ROSTER, whole);
	names_see(n, a, &fd, 1);
	assert_string_equal(ask(n, a, "other"), "10.1.0.3");
	/* One that becomes nonsense shows what it showed last. */
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_string_equal(ask(n, a, "other"), "10.1.0.3");
}

static void too_many_names_are_refused_and_change_nothing(void **state)
{
	AUTO(names) struct names *n = network("net", false);
	struct names_member *a = join(n, id_a, "web", NULL, "10.0.0.2", NULL), *m;
	AUTO(strv) struct strv many = { 0 };
	const struct names_entry e = {
		.container = id_b, .name = "b", .aliases = &many, .ip = "10.0.0.3"
	};
	AUTO(err) struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 40000; i++)
		strv_addf(&many, "alias%d", i);
	assert_int_equal(names_add(n, &e, &m, &err), -ENOSPC);
	assert_non_null(err.hint);
	assert_string_equal(ask(n, a, "alias1"), "held");
	while (many.count > 16000)
		strv_remove(&many, many.count - 1);
	err_clear(&err);
	assert_int_equal(names_add(n, &e, &m, &err), 0);
	assert_string_equal(ask(n, a, "alias15999"), "10.0.0.3");
	/* Not all of them are remembered. */
	names_drop(n, m);
	assert_string_equal(ask(n, a, "alias15999.corp.example"), "held");
	assert_string_equal(ask(n, a, "alias1.corp.example"), "others");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_is_found_by_all_its_names),
		cmocka_unit_test(an_alias_of_several_gives_all_addresses_in_turn),
		cmocka_unit_test(what_nobody_has_is_held_back_or_the_worlds),
		cmocka_unit_test(a_search_domain_does_not_carry_a_name_outside),
		cmocka_unit_test(a_containers_own_search_domains_count_as_well),
		cmocka_unit_test(a_name_is_gone_with_its_member),
		cmocka_unit_test(a_renamed_member_has_its_new_names_alone),
		cmocka_unit_test(a_link_is_a_name_that_one_member_has_for_another),
		cmocka_unit_test(who_asks_is_known_by_the_address),
		cmocka_unit_test(an_address_that_is_none_is_refused),
		cmocka_unit_test(the_names_of_a_second_network_are_seen),
		cmocka_unit_test(a_silent_network_has_no_names_but_sees_others),
		cmocka_unit_test(nobody_can_change_what_a_board_shows),
		cmocka_unit_test(a_board_is_read_once_for_each_change),
		cmocka_unit_test(a_board_that_lies_shows_nothing),
		cmocka_unit_test(too_many_names_are_refused_and_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
