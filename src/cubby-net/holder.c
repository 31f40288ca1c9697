/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * holder - a network that several containers share
 */
#include "cubby-net/holder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/memory.h"
#include "cubby-net/between.h"
#include "cubby-net/hub.h"
#include "cubby-net/leases.h"
#include "cubby-net/members.h"
#include "cubby-net/names.h"
#include "cubby-net/nameserver.h"
#include "cubby-net/resolver.h"
#include "cubby-net/sandbox.h"
#include "cubby-net/stack.h"
#include "net/bridge.h"
#include "net/exchange.h"
#include "net/netns.h"

enum { SECOND_STACK = 256 << 10 };

/* For members to come back, whose names are not known before. */
static const int64_t patience = CLOCK_SECOND;

struct holder {
	struct bridge_hold job;
	struct leases leases;
	int netns;  /* given, or -1 */
	int keeper; /* given; then ours */
	int live;
	int proc;
	int tun;
	int listener;
	struct between between;
	struct hub hub;
	struct names *names;
	struct resolver *resolver;
	struct nameserver *nameserver;
	struct loop *loop;
	struct source *asks;
	struct source *answers_late;
	struct members *members;
	struct net_plan plan; /* of the stack */
	struct stack *stack;

	/* the second thread tells main how its set-up went */
	sem_t ready;
	int result;
	struct err failure;
};

/* --- the second thread ------------------------------------------------------------------------ */

static void answer(void *data)
{
	struct holder *h = data;

	nameserver_serve(h->nameserver);
	int ms = nameserver_timeout(h->nameserver);
	(void)!loop_timer_set(h->answers_late, ms < 0 ? 0 : max_of(ms, 1) * (CLOCK_SECOND / 1000));
}

static void asked(void *data, uint32_t events unused_arg)
{
	answer(data);
}

/* All who were there are back, or have had their time. */
static void open_names(void *data)
{
	const struct holder *h = data;

	(void)!loop_watch(h->asks, EPOLLIN);
}

static void *second(void *arg)
{
	struct holder *h = arg;

	h->result = sandbox_seal(false, resolver_dir(h->resolver), resolver_name(h->resolver),
				 &h->failure);
	bool serves = h->result == 0;
	sem_post(&h->ready); /* main looks at these two alone */
	if (serves)
		_exit(loop_run(h->loop) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	return NULL;
}

static int start_second(struct holder *h, struct err *err)
{
	pthread_attr_t attr;
	pthread_t thread;

	sem_init(&h->ready, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, SECOND_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int r = pthread_create(&thread, &attr, second, h);
	pthread_attr_destroy(&attr);
	if (r)
		return err_sys(err, -r, "cannot start a thread");
	while (sem_wait(&h->ready) < 0)
		;
	return h->result < 0 ? err_move(err, &h->failure) : 0;
}

/* --- the job ---------------------------------------------------------------------------------- */

static int read_job(struct holder *h, const cJSON *json, const int *fds, size_t count,
		    struct err *err)
{
	struct bridge_hold *job = &h->job;
	int r = jfield_load(bridge_hold_fields, json, job, err);

	if (r < 0)
		return r;
	const int *next = fds;
	if (count != (size_t)job->has_netns + (size_t)job->has_keeper + (size_t)job->has_live ||
	    !job->network.name)
		return err_set(err, -EBADMSG, "this is not the program of this version");
	h->netns = job->has_netns ? *next++ : -1;
	h->keeper = job->has_keeper ? *next++ : -1;
	h->live = job->has_live ? *next : -1;
	return leases_init(&h->leases, &job->network, err);
}

/* Whoever starts it may be gone soon, and its terminal's signals are not ours. */
static int stand_alone(const struct holder *h, struct err *err)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	(void)setsid(); /* who leads a group already is not to be helped */
	return h->live >= 0 && fcntl(h->live, F_SETLK, &whole) < 0
		       ? err_sys(err, -errno, "cannot say that the network's holder lives")
		       : 0;
}

static int open_files(struct holder *h, struct err *err)
{
	h->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (h->proc < 0)
		return err_sys(err, -errno, "cannot open '/proc'");
	h->resolver = resolver_new();
	if (h->job.network.internal)
		return 0;
	h->tun = open("/dev/net/tun", O_PATH | O_CLOEXEC); /* it may not be needed */
	return 0;
}

static int open_hub(struct holder *h, struct err *err)
{
	int r = hub_open(&h->job.network, &h->leases, h->netns, h->keeper, &h->between, h->tun,
			 h->proc, &h->hub, err);

	fd_close(take_fd(h->keeper));
	/* Without it who asks while nobody holds the network is refused. The kernel bounds how many descriptors of a
	 * user may be in messages. */
	if (r == 0)
		(void)!doors_keep(&h->hub.doors, &h->keeper);
	return r < 0 && err && !err->text ? err_sys(err, r, "cannot keep the sockets for names")
					  : r;
}

/* --- the second thread's work ----------------------------------------------------------------- */

static void print_subnets(const struct holder *h, struct strv *out)
{
	for (size_t i = 0; i < h->job.network.subnets.count; i++) {
		const struct bridge_subnet *s = &h->job.network.subnets.items[i];
		AUTO(mem) char *cidr = str_fmt("%s/%d", s->network, s->prefix);
		strv_add(out, cidr);
	}
}

static int prepare_names(struct holder *h, struct err *err)
{
	const struct bridge_config *network = &h->job.network;
	AUTO(strv) struct strv subnets = { 0 };
	struct source *opens = NULL;
	const struct nameserver_config config = { .internal = network->internal,
						  .subnets = &subnets };

	print_subnets(h, &subnets);
	resolver_prefer(h->resolver, &network->dns);
	int r = names_new(network->name, network->no_dns, &h->names, err);
	if (r == 0)
		r = nameserver_new(&config, &h->hub.doors, h->names, h->resolver, &h->nameserver,
				   err);
	if (r < 0)
		return r;
	r = loop_add(h->loop, nameserver_fd(h->nameserver), h->job.comers > 0 ? 0 : EPOLLIN, asked,
		     h, &h->asks);
	if (r == 0)
		r = loop_timer(h->loop, answer, h, &h->answers_late);
	if (r == 0 && h->job.comers > 0)
		r = loop_timer(h->loop, open_names, h, &opens);
	if (r == 0 && opens)
		r = loop_timer_set(opens, patience);
	return r < 0 ? err_sys(err, r, "cannot serve names") : 0;
}

static int prepare_members(struct holder *h, struct err *err)
{
	const struct members_config config = {
		.network = &h->job.network,
		.leases = &h->leases,
		.names = h->names,
		.resolver = h->resolver,
		.netns = h->hub.netns,
		.keeper = h->keeper,
		.mtu = hub_mtu(&h->job.network),
		.bridge_mac = hub_mac,
		.taken_over = h->job.has_netns,
		.comers = h->job.comers,
		.complete = open_names,
		.data = h,
	};
	uint8_t mac[ETH_ALEN];

	leases_reserve(&h->leases, hub_mac);
	hub_gateway_mac(&h->leases, mac);
	leases_reserve(&h->leases, mac);
	return members_new(h->loop, h->listener, &config, &h->members, err);
}

/* --- main's work ------------------------------------------------------------------------------ */

static char *text_of(const struct netlink_addr *a)
{
	char text[INET6_ADDRSTRLEN];

	return a->family ? str_dup(inet_ntop(a->family, &a->in4, text, sizeof text)) : NULL;
}

/* Nobody asks the stack for names. */
static void plan_stack(const struct holder *h, struct net_plan *out)
{
	struct netlink_addr network[2], gateway[2];

	for (int six = 0; six < 2; six++) {
		network[six] = leases_network(&h->leases, six);
		gateway[six] = leases_gateway(&h->leases, six);
	}
	*out = (struct net_plan){
		.mtu = hub_mtu(&h->job.network),
		.network = text_of(&network[0]),
		.prefix = h->leases.range[0].prefix,
		.gateway = text_of(&gateway[0]),
		.network6 = text_of(&network[1]),
		.prefix6 = h->leases.range[1].prefix,
		.gateway6 = text_of(&gateway[1]),
	};
}

static int seal_between(void *data unused_arg, struct err *err)
{
	return sandbox_seal(true, -1, NULL, err);
}

static struct net_config outbound(const struct holder *h)
{
	const struct bridge_config *network = &h->job.network;

	return (struct net_config){
		.outbound_addr = network->outbound_addr,
		.outbound_addr6 = network->outbound_addr6,
	};
}

/* When all threads are there: the rights that are left to one of them may make no more. */
static int serve_way(struct holder *h, const struct egress *egress, struct err *err)
{
	const struct net_config config = outbound(h);
	const struct between_args args = {
		.egress = egress,
		.config = &config,
		.seal = seal_between,
	};
	struct dialer *dialer;

	if (!h->hub.paired || !h->stack)
		return 0;
	int r = between_serve(&h->between, &args, &dialer, err);

	if (r == 0)
		stack_dial(h->stack, dialer);
	return r;
}

static int prepare_stack(struct holder *h, struct egress *egress, struct err *err)
{
	const struct bridge_config *network = &h->job.network;
	const struct net_config config = outbound(h);

	if (network->internal)
		return 0;
	plan_stack(h, &h->plan);
	egress_init(egress, &h->plan, network->allow_host_loopback, NULL);
	return stack_new(&h->plan, &config, egress, NULL, &h->stack, err);
}

static int prepare(struct holder *h, struct egress *egress, struct err *err)
{
	int r = stand_alone(h, err);

	if (r == 0)
		r = open_files(h, err);
	if (r == 0)
		r = sandbox_files(&h->listener, err);
	if (r == 0)
		r = open_hub(h, err);
	if (r == 0 && loop_new(&h->loop) < 0)
		r = err_set(err, -EMFILE, "cannot serve the network");
	if (r == 0)
		r = prepare_names(h, err);
	if (r == 0)
		r = prepare_members(h, err);
	if (r == 0)
		r = prepare_stack(h, egress, err);
	fd_close(take_fd(h->proc));
	fd_close(take_fd(h->tun));
	return r;
}

static int serve(const struct holder *h)
{
	int r = 0;

	if (h->stack)
		return stack_run(h->stack, h->hub.paired ? h->between.transit.frames : h->hub.tap,
				 -1);
	/* The second thread does all that there is to do. */
	while (r >= 0 || errno == EINTR)
		r = poll(NULL, 0, -1);
	return -errno;
}

int holder_run(const cJSON *json, const int *fds, size_t count, struct egress *egress,
	       struct err *err)
{
	struct holder *h = mem_new(struct holder); /* lives as long as the process */

	h->netns = h->keeper = h->live = h->proc = h->tun = h->listener = -1;
	int r = read_job(h, json, fds, count, err);
	if (r == 0)
		r = prepare(h, egress, err);
	if (r == 0)
		r = start_second(h, err);
	if (r == 0)
		r = serve_way(h, egress, err);
	if (r == 0)
		r = sandbox_seal(false, -1, NULL, err);
	if (r == 0)
		r = between_ready(&h->between, err);
	if (r < 0)
		return r;
	r = net_say(NET_SOCKET, NET_READY, NULL, NULL, NULL, 0);
	if (r < 0) /* the starter is gone: nobody has been told of us */
		return err_sys(err, r, "cannot answer who started it");
	fd_close(NET_SOCKET);
	memory_settle();
	r = serve(h);
	return err_sys(err, r < 0 ? r : -EIO, "the network's interface failed");
}
