/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holders - finding, starting and joining the process that holds a network
 */
#include "engine/holders.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"
#include "engine/outer.h"
#include "engine/running.h"
#include "monitor/client.h"
#include "monitor/protocol.h"
#include "net/config.h"
#include "store/holder.h"
#include "store/lock.h"
#include "store/outer.h"
#include "store/record.h"

enum { TRIES = 5, PAUSE_MS = 20 };

/* For members who have no holder any more to have the next one. */
static const int64_t patience = 3 * CLOCK_SECOND;

/* ---- finding ---- */

/* As a monitor is found (monitor/client.c): asked before and after connecting. */
static bool is_there(const struct holder_record *record)
{
	uint64_t start;

	return proc_start_time(record->pid, &start) == 0 && start == (uint64_t)record->start;
}

static int find(const struct store *store, const struct network_record *network)
{
	AUTO(holder_record) struct holder_record record = { 0 };
	AUTO(fd) int sock = -1;

	int r = holder_load(store, network->name, network->id, &record);
	if (r == 0)
		r = is_there(&record) ? bridge_connect(record.pid, &sock) : -ESRCH;
	if (r == 0 && !is_there(&record))
		r = -ESRCH;
	return r < 0 ? r : take_fd(sock);
}

/* ---- starting ---- */

struct birth {
	struct engine *engine;
	const struct network_record *network;
	const struct holding *before;
	bool inside;
};

/* What the user said with --opt; network create has checked it. */
static void take_options(const struct network_record *network, struct bridge_config *config)
{
	const char *mtu = strv_env_get(&network->options, "mtu");
	const char *docker = strv_env_get(&network->options, "com.docker.network.driver.mtu");
	const char *loopback = strv_env_get(&network->options, "allow_host_loopback");
	uint64_t number;

	mtu = mtu ? mtu : docker;
	config->mtu = mtu && str_u64(mtu, UINT16_MAX, &number) == 0 ? (int)number : NET_MTU;
	config->allow_host_loopback = str_eq(loopback, "true") || str_eq(loopback, "1");
	config->outbound_addr = str_dup(strv_env_get(&network->options, "outbound_addr"));
	config->outbound_addr6 = str_dup(strv_env_get(&network->options, "outbound_addr6"));
}

static void take_subnet(const struct network_subnet *from, struct bridge_subnet *to)
{
	AUTO(mem) char *text = str_dup(from->subnet);
	const char *bits = str_cut(text, '/');
	uint64_t prefix = 0;

	if (bits)
		(void)!str_u64(bits, 128, &prefix); /* it was checked when it was made */
	*to = (struct bridge_subnet){
		.network = take_ptr(text),
		.prefix = (int)prefix,
		.gateway = str_dup(from->gateway),
		.first = str_dup(from->first),
		.last = str_dup(from->last),
	};
}

/* They stand behind the names that they are kept for. */
static void take_reserved(const struct network_record *network, struct bridge_config *config)
{
	for (size_t i = 0; i < network->reserved.count; i++) {
		const char *address = strchr(network->reserved.items[i], '=');
		if (address)
			strv_add(&config->reserved, address + 1);
	}
}

static void describe(const struct network_record *network, struct bridge_config *out)
{
	out->name = str_dup(network->name);
	out->id = str_dup(network->id);
	out->internal = network->internal;
	out->no_dns = network->no_dns;
	strv_extend(&out->dns, &network->dns);
	take_options(network, out);
	take_reserved(network, out);
	for (size_t i = 0; i < network->subnets.count; i++)
		take_subnet(&network->subnets.items[i], vec_push(&out->subnets));
}

/* Whoever reads these finds out by itself when they are wrong. */
static void record(const struct store *store, const struct network_record *network, int pidfd)
{
	uint64_t start;
	pid_t pid = proc_host_pid(pidfd);

	if (pid <= 0 || proc_start_time(pid, &start) < 0)
		return;
	(void)!holder_save(store, network->name, network->id, pid, start);
}

/* As it is now: who changed it after it was read found no holder to tell (holder_serve()). */
static void describe_now(const struct birth *birth, struct bridge_config *out)
{
	AUTO(network_record) struct network_record *now = NULL;
	const struct network_record *known = birth->network;

	bool read = network_record_load(birth->engine->store, known->name, &now, NULL) == 0 &&
		    str_eq(now->id, known->id);
	describe(read ? now : known, out);
}

static bool is_member(const struct birth *birth, const struct container_state *s)
{
	return s->pid > 0 && strv_find(&s->networks, birth->network->name) >= 0 &&
	       str_eq(s->host_id, birth->engine->store->host_id);
}

/* Members of a holder that has gone, whose monitors live. A monitor may not ask for its own lock, so pids tell. */
static int count_members(const struct birth *birth)
{
	const struct store *store = birth->engine->store;
	AUTO(strv) struct strv ids = { 0 };
	uint64_t start;
	int count = 0;

	if (record_list(store, &ids, NULL) < 0)
		return 0;
	for (size_t i = 0; i < ids.count; i++) {
		AUTO(container_state) struct container_state *s = NULL;
		if (record_state_stored(store, ids.items[i], &s, NULL) == 0 &&
		    is_member(birth, s) && proc_start_time(s->monitor_pid, &start) == 0 &&
		    start == (uint64_t)s->monitor_start)
			count++;
	}
	return count;
}

/* In the outer user namespace. */
static int bear(void *data, struct err *err)
{
	const struct birth *birth = data;
	const struct store *store = birth->engine->store;
	AUTO(bridge_config) struct bridge_config config = { 0 };
	AUTO(mem) char *program = host_helper(birth->engine->host, "cubby-net");
	AUTO(fd) int pidfd = -1;
	/* A monitor has a lock of its own there, which closing the file would drop; and what it starts can
	 * be joined no longer than itself. */
	AUTO(fd) int live = birth->inside ? -1 : outer_live(store);

	describe_now(birth, &config);
	const struct holding *before = birth->before;
	int r = bridge_holder_start(program, &config, before ? before->netns : -1,
				    before ? before->keeper : -1, before ? count_members(birth) : 0,
				    live, &pidfd, err);
	if (r < 0)
		return err_wrap(err, "cannot hold the network '%s'", birth->network->name);
	record(store, birth->network, pidfd);
	return 0;
}

static int start(struct birth *birth, struct err *err)
{
	if (birth->inside)
		return bear(birth, err);
	return outer_run_joinable(birth->engine, 0, bear, birth, err);
}

static int wake(void *data, unused_arg const char *id, struct container_state *state)
{
	const struct birth *birth = data;
	AUTO(container_state) struct container_state *s = state;
	AUTO(monitor_client) struct monitor_client *client = NULL;
	int handles[HANDLE_COUNT];

	if (!s || !is_member(birth, s))
		return 0;
	if (running_connect(birth->engine, s->id, &client, NULL) < 0 ||
	    client_handles(client, handles, NULL) < 0)
		return 0; /* it has ended: then its network needs nobody */
	for (int i = 0; i < HANDLE_COUNT; i++)
		fd_close(handles[i]);
	return 0;
}

/*
 * Where a holder was killed, members have the network's namespace, and who is new has not: a holder that began
 * with another would part the network. And one that a member started does not know the addresses of the
 * others. A monitor that answers has seen the holder's end before, and has joined again.
 * Return: whether there was a holder.
 */
static bool await_members(struct birth *birth)
{
	AUTO(holder_record) struct holder_record record = { 0 };
	const struct network_record *network = birth->network;

	if (birth->inside ||
	    holder_load(birth->engine->store, network->name, network->id, &record) < 0)
		return false;
	(void)!record_each_state(birth->engine->store, wake, birth,
				 NULL); /* else there is nobody */
	return true;
}

/* A member that could not have a holder again tries once more each second (wiring.c). */
static int await_next(const struct birth *birth)
{
	const int64_t end = clock_mono() + patience;
	int sock;

	while ((sock = find(birth->engine->store, birth->network)) < 0 && clock_mono() < end &&
	       count_members(birth))
		(void)poll(NULL, 0, PAUSE_MS);
	return sock;
}

static int find_or_start(struct birth *birth, struct err *err)
{
	const struct store *store = birth->engine->store;
	AUTO(fd) int lock = -1;
	AUTO(mem) char *name = str_fmt("%s/%s", birth->network->name, store->host_id);

	int sock = find(store, birth->network);
	if (sock >= 0)
		return sock;
	if (await_members(birth))
		sock = await_next(birth);
	if (sock >= 0)
		return sock;
	int r = lock_take(store, LOCK_HOLDER, name, LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	sock = find(store, birth->network);
	if (sock >= 0)
		return sock;
	r = start(birth, err);
	if (r < 0)
		return r;
	sock = find(store, birth->network);
	return sock >= 0 ? sock
			 : err_sys(err, sock, "cannot reach the holder of the network '%s'",
				   birth->network->name);
}

/* ---- joining ---- */

int holder_join(struct engine *engine, const struct network_record *network,
		const struct bridge_wish *wish, const struct holding *before, bool inside,
		struct holding *out, struct err *err)
{
	struct birth birth = { engine, network, before, inside };
	struct bridge_wish mine = *wish; /* its texts are the caller's */

	mine.coming = inside ? BRIDGE_BACK : BRIDGE_NEW;
	/* One that has just decided to leave hangs up. */
	for (int i = 0; i < TRIES; i++) {
		AUTO(holding) struct holding h = HOLDING_NONE;
		h.sock = find_or_start(&birth, err);
		if (h.sock < 0)
			return h.sock;
		int r = bridge_join(h.sock, &mine, &h.lease, &h.netns, &h.names, &h.keeper, err);
		if ((r == -EPIPE || r == -EAGAIN) && err)
			err_clear(err);
		if (r == -EAGAIN) {
			(void)await_members(&birth);
			mine.coming = BRIDGE_NEW_LAST;
		}
		if (r == -EPIPE || r == -EAGAIN)
			continue;
		if (r < 0)
			return err_wrap(err, "cannot join the network '%s'", network->name);
		*out = h;
		h = (struct holding)HOLDING_NONE;
		return 0;
	}
	return err_set(err, -EPIPE, "the holder of the network '%s' has left %d times",
		       network->name, TRIES);
}

bool holder_is_there(struct engine *engine, const struct network_record *network)
{
	AUTO(fd) int sock = find(engine->store, network);

	return sock >= 0;
}

int holder_serve(struct engine *engine, const struct network_record *network)
{
	const struct store *store = engine->store;
	AUTO(fd) int lock = -1;
	AUTO(mem) char *name = str_fmt("%s/%s", network->name, store->host_id);
	struct bridge_servers servers = { 0 };

	int r = lock_take(store, LOCK_HOLDER, name, LOCK_EXCLUSIVE, &lock, NULL);
	if (r < 0)
		return r;
	AUTO(fd) int sock = find(store, network);
	if (sock < 0)
		return sock == -ENOENT ? -ESRCH : sock;
	strv_extend(&servers.dns, &network->dns);
	r = bridge_serve(sock, &servers);
	strv_clear(&servers.dns);
	return r;
}

void holding_clear(struct holding *holding)
{
	bridge_lease_clear(&holding->lease);
	fd_close(take_fd(holding->sock));
	fd_close(take_fd(holding->netns));
	fd_close(take_fd(holding->names));
	fd_close(take_fd(holding->keeper));
}
