/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - who is called what, as one member of a network sees it
 */
#include "cubby-net/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <utlist.h>

#include "base/fd.h"
#include "base/mem.h"
#include "cubby-net/board.h"
#include "cubby-net/message.h"

enum { SHORT_ID = 12, SEARCH_DEPTH = 2 };

static const char zone[] = "dns.podman";

/* Another network, seen by one member or more. */
struct foreign {
	struct foreign *prev, *next;
	int fd;
	dev_t dev;
	ino_t ino;
	size_t users;
	uint64_t turn;
	struct roster *roster; /* NULL: nothing readable yet */
};

struct names_member {
	struct names_member *prev, *next;
	char *short_id;
	struct roster_addresses addresses;
	struct roster_host *host;
	struct strv search;
	struct strv links; /* NAME:ALIAS, in lower case */
	struct servers servers;
	bool outside;
	struct foreign **sees;
	size_t sees_count;
};

struct names {
	bool silent;
	struct roster *roster;
	struct board *board;
	struct names_member *members;
	struct foreign *foreign;
	size_t turn4, turn6; /* of the rotation */
	struct names_result result;
};

/* What a member can look a name up in: its own network, and then the others. */
struct view {
	struct names *names;
	const struct names_member *member;
	const struct strv *search;
};

static bool publish(struct names *n)
{
	size_t size;
	AUTO(mem) uint8_t *bytes = n->silent ? NULL : roster_print(n->roster, &size);

	return n->silent || board_write(n->board, bytes, size) == 0;
}

int names_new(const char *network, bool silent, struct names **out, struct err *err)
{
	AUTO(names) struct names *n = mem_new(struct names);
	int r = board_new(&n->board);

	if (r < 0)
		return err_sys(err, r, "cannot make the table of names");
	n->silent = silent;
	n->roster = roster_new(network);
	bug_unless(publish(n));
	*out = take_ptr(n);
	return 0;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	while (names->members)
		names_drop(names, names->members);
	roster_free(names->roster);
	board_free(names->board);
	free(names->result.in4);
	free(names->result.in6);
	free(names);
}

int names_board(const struct names *names)
{
	return board_fd(names->board);
}

/* --- members ---------------------------------------------------------------------------------- */

static bool read_addresses(const struct names_entry *entry, struct roster_addresses *out)
{
	*out = (struct roster_addresses){ .has4 = entry->ip, .has6 = entry->ip6 };
	return (out->has4 || out->has6) &&
	       (!out->has4 || inet_pton(AF_INET, entry->ip, &out->in4) == 1) &&
	       (!out->has6 || inet_pton(AF_INET6, entry->ip6, &out->in6) == 1);
}

/* Name, short id, aliases. A silent network's members are known by their addresses alone. */
static struct roster_host *host_add(struct names *n, const struct names_member *m,
				    const struct names_entry *entry)
{
	AUTO(strv) struct strv list = { 0 };
	enum { CERTAIN = 2 };

	if (!n->silent) {
		strv_add(&list, entry->name);
		strv_add(&list, m->short_id);
	}
	if (!n->silent && entry->aliases)
		strv_extend(&list, entry->aliases);
	return roster_add(n->roster, &m->addresses, &list, CERTAIN);
}

static void lower(char *text)
{
	for (char *c = text; *c; c++)
		*c = name_lower(*c);
}

static void take_links(struct names_member *m, const struct names_entry *entry)
{
	strv_clear(&m->links);
	if (entry->links)
		strv_extend(&m->links, entry->links);
	for (size_t i = 0; i < m->links.count; i++)
		lower(m->links.items[i]);
}

/* What it is to be told, whatever it is called. */
static void take_wishes(struct names_member *m, const struct names_entry *entry)
{
	take_links(m, entry);
	strv_clear(&m->search);
	if (entry->search)
		strv_extend(&m->search, entry->search);
	m->servers.count = 0;
	if (entry->servers)
		servers_parse(entry->servers, &m->servers);
	m->outside = entry->outside;
}

static void forget(struct names *n, struct foreign *f)
{
	if (--f->users)
		return;
	DL_DELETE(n->foreign, f);
	roster_free(f->roster);
	fd_close(f->fd);
	free(f);
}

static void member_free(struct names *n, struct names_member *m)
{
	for (size_t i = 0; i < m->sees_count; i++)
		forget(n, m->sees[i]);
	free(m->sees);
	strv_clear(&m->search);
	strv_clear(&m->links);
	free(m->short_id);
	free(m);
}

static int too_many(const struct names *n, struct err *err)
{
	err_set(err, -ENOSPC, "network '%s' has too many names", roster_network(n->roster));
	return err_hint(err, "use fewer aliases, or a second network");
}

int names_add(struct names *names, const struct names_entry *entry, struct names_member **out,
	      struct err *err)
{
	struct roster_addresses addresses;
	struct names_member *m;

	if (!read_addresses(entry, &addresses))
		return err_set(err, -EINVAL, "'%s' is no address",
			       str_or(entry->ip, str_or(entry->ip6, "")));
	m = mem_new(struct names_member);
	m->addresses = addresses;
	m->short_id = str_ndup(entry->container, SHORT_ID);
	m->host = host_add(names, m, entry);
	if (!m->host || !publish(names)) {
		if (m->host)
			roster_remove(names->roster, m->host);
		member_free(names, m);
		return too_many(names, err);
	}
	take_wishes(m, entry);
	DL_APPEND(names->members, m);
	*out = m;
	return 0;
}

void names_drop(struct names *names, struct names_member *member)
{
	if (!member)
		return;
	DL_DELETE(names->members, member);
	roster_remove(names->roster, member->host);
	member_free(names, member);
	/* What is remembered of it is shorter than what it was. */
	(void)publish(names);
}

int names_rename(struct names *names, struct names_member *member, const struct names_entry *entry,
		 struct err *err)
{
	struct roster_host *host = host_add(names, member, entry);
	struct roster_host *before = member->host;

	if (!host || !publish(names)) {
		if (host)
			roster_remove(names->roster, host);
		return too_many(names, err);
	}
	roster_remove(names->roster, before);
	member->host = host;
	take_wishes(member, entry);
	(void)publish(names); /* as in names_drop() */
	return 0;
}

static struct foreign *foreign_get(struct names *n, int fd)
{
	struct foreign *f;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return NULL;
	DL_FOREACH(n->foreign, f)
	if (f->dev == st.st_dev && f->ino == st.st_ino) {
		f->users++;
		fd_close(fd);
		return f;
	}
	f = mem_new(struct foreign);
	*f = (struct foreign){ .fd = fd, .dev = st.st_dev, .ino = st.st_ino, .users = 1 };
	DL_APPEND(n->foreign, f);
	return f;
}

void names_see(struct names *names, struct names_member *member, const int *boards, size_t count)
{
	struct foreign **before = member->sees;
	size_t before_count = member->sees_count;

	member->sees = mem_alloc(count, sizeof *member->sees);
	member->sees_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct foreign *f = foreign_get(names, boards[i]);
		if (f)
			member->sees[member->sees_count++] = f;
		else
			fd_close(boards[i]);
	}
	for (size_t i = 0; i < before_count; i++)
		forget(names, before[i]);
	free(before);
}

struct names_member *names_member(struct names *names, const union address *from)
{
	const void *address = from->any.sa_family == AF_INET ? (const void *)&from->in4.sin_addr
							     : (const void *)&from->in6.sin6_addr;
	struct roster_host *host = roster_at(names->roster, from->any.sa_family, address);
	struct names_member *m = NULL;

	if (host)
		DL_SEARCH_SCALAR(names->members, m, host, host);
	return m;
}

const struct servers *names_servers(const struct names_member *member)
{
	return &member->servers;
}

bool names_outside(const struct names_member *member)
{
	return member->outside;
}

/* --- looking up ------------------------------------------------------------------------------- */

/* What cannot be read, or is nonsense, leaves the board as it was last. */
static void refresh(struct foreign *f)
{
	AUTO(mem) uint8_t *bytes = NULL;
	struct roster *roster;
	size_t size;

	if (board_read(f->fd, &f->turn, &bytes, &size) <= 0 ||
	    roster_parse(bytes, size, &roster) < 0)
		return;
	roster_free(f->roster);
	f->roster = roster;
}

/* The networks in their order: 0 is the own one. NULL where there is nothing to see. */
static struct roster *visible(const struct view *v, size_t i)
{
	if (i > 0)
		return v->member->sees[i - 1]->roster;
	return v->names->silent ? NULL : v->names->roster;
}

static void keep(void *data, const struct roster_addresses *a)
{
	struct names_result *result = data;
	enum { STEP = 16 };

	if (a->has4) {
		if (result->count4 % STEP == 0)
			result->in4 =
				mem_resize(result->in4, result->count4 + STEP, sizeof *result->in4);
		result->in4[result->count4++] = a->in4;
	}
	if (a->has6) {
		if (result->count6 % STEP == 0)
			result->in6 =
				mem_resize(result->in6, result->count6 + STEP, sizeof *result->in6);
		result->in6[result->count6++] = a->in6;
	}
}

static bool found_any(const struct view *v)
{
	return v->names->result.count4 || v->names->result.count6;
}

/* In one network: whether the name is or was a member's. */
static bool look_in(const struct view *v, size_t i, const char *name)
{
	struct roster *r = visible(v, i);

	return r && roster_find(r, name, keep, &v->names->result);
}

/* In all of them, up to the first where somebody has it. */
static bool look(const struct view *v, const char *name)
{
	bool known = false;

	for (size_t i = 0; i <= v->member->sees_count && !found_any(v); i++)
		known |= look_in(v, i, name);
	return known;
}

/* The name before ".SUFFIX", to be freed; NULL when it has no such end. */
static char *before(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	if (!end || length < end + 2 || name[length - end - 1] != '.' ||
	    !str_eq(name + length - end, suffix))
		return NULL;
	return str_ndup(name, length - end - 1);
}

static bool look_below_network(const struct view *v, const char *name)
{
	bool known = false;

	for (size_t i = 0; i <= v->member->sees_count && !found_any(v); i++) {
		struct roster *r = visible(v, i);
		AUTO(mem) char *host = r ? before(name, roster_network(r)) : NULL;
		if (host)
			known |= look_in(v, i, host);
	}
	return known;
}

static bool sees_names(const struct view *v)
{
	return !v->names->silent || v->member->sees_count;
}

/* Who is meant by a name that the member alone has for it, to be freed; NULL for another name. */
static char *linked(const struct names_member *m, const char *name)
{
	for (size_t i = 0; i < m->links.count; i++) {
		AUTO(mem) char *target = str_dup(m->links.items[i]);
		const char *alias = str_cut(target, ':');
		if (str_eq(alias, name))
			return take_ptr(target);
	}
	return NULL;
}

/* What is ours whatever the search domains are. */
static enum names_verdict judge(const struct view *v, const char *name)
{
	AUTO(mem) char *host = before(name, zone);
	AUTO(mem) char *target = linked(v->member, host ? host : name);
	bool known = look(v, target ? target : host ? host : name) || target;

	if (!found_any(v) && !host && !target)
		known |= look_below_network(v, name);
	if (found_any(v) || str_eq(name, zone))
		return NAMES_FOUND;
	return known || host ? NAMES_HELD : NAMES_OTHERS;
}

/* Whether a search domain made the name of one that is ours; it may have done so more than once. */
static bool searched_for(const struct view *v, const char *name, const struct strv *domains,
			 int depth)
{
	for (size_t i = 0; depth && i < domains->count; i++) {
		AUTO(mem) char *domain = str_dup(domains->items[i]);
		for (char *c = domain; *c; c++)
			*c = c[1] || *c != '.' ? name_lower(*c) : 0;
		AUTO(mem) char *host = before(name, domain);
		if (host &&
		    (judge(v, host) != NAMES_OTHERS || searched_for(v, host, domains, depth - 1)))
			return true;
	}
	return false;
}

static void reset(struct names *n)
{
	n->result.count4 = n->result.count6 = 0;
}

static void rotate(void *items, size_t count, size_t size, size_t by)
{
	uint8_t *bytes = items;
	size_t head = count ? by % count * size : 0;

	if (!head)
		return;
	AUTO(mem) uint8_t *copy = mem_copy(bytes, head);
	memmove(bytes, bytes + head, count * size - head);
	memcpy(bytes + count * size - head, copy, head);
}

static enum names_verdict find(const struct view *v, const char *name)
{
	enum names_verdict verdict = judge(v, name);

	if (verdict != NAMES_OTHERS)
		return verdict;
	if (!strchr(name, '.') && *name)
		return NAMES_HELD;
	bool ours = searched_for(v, name, v->search, SEARCH_DEPTH) ||
		    searched_for(v, name, &v->member->search, SEARCH_DEPTH);
	reset(v->names);
	return ours ? NAMES_HELD : NAMES_OTHERS;
}

enum names_verdict names_find(struct names *names, struct names_member *member, const char *name,
			      const struct strv *search, struct names_result *out)
{
	const struct view view = { names, member, search };
	struct names_result *r = &names->result;

	reset(names);
	for (size_t i = 0; i < member->sees_count; i++)
		refresh(member->sees[i]);
	enum names_verdict verdict = sees_names(&view) ? find(&view, name) : NAMES_OTHERS;
	rotate(r->in4, r->count4, sizeof *r->in4, names->turn4);
	rotate(r->in6, r->count6, sizeof *r->in6, names->turn6);
	*out = *r;
	return verdict;
}

void names_turn(struct names *names, int family)
{
	if (family == AF_INET)
		names->turn4++;
	else
		names->turn6++;
}

const char *names_reverse(struct names *names, struct names_member *member, int family,
			  const void *address)
{
	const struct view view = { names, member, NULL };

	for (size_t i = 0; i <= member->sees_count; i++) {
		if (i > 0)
			refresh(member->sees[i - 1]);
		struct roster *r = visible(&view, i);
		struct roster_host *host = r ? roster_at(r, family, address) : NULL;
		if (host && roster_name(host))
			return roster_name(host);
	}
	return NULL;
}
