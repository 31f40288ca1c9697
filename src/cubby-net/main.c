/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-net - the network of one container: user-mode stack, published ports, names
 *
 * Or that of several: what it is told first on descriptor 3 (net/exchange.h) says whether it serves a
 * container or holds a network (holder.h). One that serves a container was started by the container's
 * monitor, and has these threads:
 *
 *	main	in the host's network namespace: the stack (stack.h) and the name server (dns.h)
 *	between	in a transit namespace (net/transit.h): joins the container's TCP connections to the
 *		host's sockets (outward.h); ends at once where the kernel cannot have such a namespace, and
 *		the container has a tap then
 *	inside	in the container's: makes and configures its interface, then serves published ports
 *		(relay.h); ends at once where there are none
 *
 * All are in the sandbox (sandbox.h) before the monitor hears that the network is ready. Main and
 * between share the calls that pass from the one to the other (dialer.h), else nothing is shared that changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/memory.h"
#include "base/proc.h"
#include "cubby-net/address.h"
#include "cubby-net/between.h"
#include "cubby-net/bucket.h"
#include "cubby-net/egress.h"
#include "cubby-net/holder.h"
#include "cubby-net/listen.h"
#include "cubby-net/relay.h"
#include "cubby-net/resolver.h"
#include "cubby-net/sandbox.h"
#include "cubby-net/stack.h"
#include "net/exchange.h"
#include "net/netns.h"
#include "net/traffic.h"

enum { INSIDE_STACK = 96 << 10 };

struct job {
	struct net_config config;
	struct net_plan plan;
	struct listeners listeners;
	struct net_report report; /* what is bound */
	struct activated_list activated;
	struct traffic *traffic;
	struct bucket down, up;
	struct resolver *resolver;
	struct stack *stack;
	int tun;
	int proc;
	int netns;
	int tap;   /* given by an earlier cubby-net, or -1 */
	int given; /* a transit namespace's packet socket, the same way */

	/* the thread inside tells main how its set-up went */
	sem_t ready;
	int result;
	struct err failure;

	struct between between;
	bool paired; /* the container's interface leads through it */
};

/* --- where the stack's connections go --------------------------------------------------------- */

/*
 * libslirp offers no say in where its sockets connect, so its calls of connect(2) and sendto(2) find
 * these instead of libc's, by the dynamic linker's order. They have no argument to carry the rules in.
 */
static struct egress egress;

/*
 * A connection that is refused at once makes libslirp (4.7) answer with the packet that asked for it and
 * then free that packet, which it still has to send: whoever writes next writes into a list of free
 * packets. A refusal that comes later is handled well, so it is put off: the socket, which is not
 * connected, tells it when it is asked.
 */
static int refuse_later(int code)
{
	errno = code == ECONNREFUSED ? EINPROGRESS : code;
	return -1;
}

int connect(int fd, const struct sockaddr *addr, socklen_t size)
{
	struct sockaddr_storage to;
	int r = egress_target(&egress, fd, addr, size, &to);

	if (r < 0)
		return refuse_later(-r);
	r = address_connect(fd, &to, (socklen_t)r);
	return r < 0 ? refuse_later(errno) : r;
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *addr,
	       socklen_t addr_size)
{
	struct sockaddr_storage to;
	int r = egress_target(&egress, fd, addr, addr_size, &to);

	if (r < 0) {
		errno = -r;
		return -1;
	}
	return syscall(SYS_sendto, fd, data, size, flags, &to, (socklen_t)r);
}

/* --- the thread inside ------------------------------------------------------------------------ */

static int seal(const struct job *job, bool net_admin, struct err *err)
{
	const struct resolver *r = job->resolver;

	return sandbox_seal(net_admin, r ? resolver_dir(r) : -1, r ? resolver_name(r) : NULL, err);
}

/* Where there cannot be a pair there is a tap. */
static int make_interface(struct job *job, struct err *err)
{
	AUTO(err) struct err why = { 0 };

	job->paired = job->between.started &&
		      netns_pair(&job->plan, &job->config.ports, &job->between.transit, job->proc,
				 &why) == 0;
	return job->paired ? 0
			   : netns_tap(&job->plan, &job->config.ports, job->tun, job->proc,
				       &job->tap, err);
}

static int set_up_inside(struct job *job, struct relay **out, struct err *err)
{
	if (setns(job->netns, CLONE_NEWNET) < 0)
		return err_sys(err, -errno, "cannot enter the container's network namespace");
	int r = 0;
	if (net_config_relays(&job->config))
		r = netns_relay(&job->plan, &job->config.ports, job->proc, err);
	else if (job->tap < 0 && job->given < 0)
		r = make_interface(job, err);
	if (r < 0 || !job->listeners.count)
		return r;
	const struct relay_args args = {
		.listeners = &job->listeners,
		.plan = &job->plan,
		.hide_client = job->config.hide_client,
		.doors = job->config.fast ? NET_DOORS : -1,
		.gates = { { &job->down, &job->traffic->in }, { &job->up, &job->traffic->out } },
	};
	r = relay_new(&args, out, err);
	return r < 0 ? r : seal(job, true, err);
}

static void *inside(void *arg)
{
	struct job *job = arg;
	struct relay *relay = NULL;

	job->result = set_up_inside(job, &relay, &job->failure);
	bool serves = job->result == 0 && relay;
	sem_post(&job->ready); /* job is main's alone from here on */
	/* Without published ports the whole container would be worse off: end, and be started anew. */
	if (serves && relay_run(relay) < 0)
		exit(EXIT_FAILURE);
	return NULL;
}

static int start_inside(struct job *job, struct err *err)
{
	pthread_attr_t attr;
	pthread_t thread;

	sem_init(&job->ready, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, INSIDE_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int r = pthread_create(&thread, &attr, inside, job);
	pthread_attr_destroy(&attr);
	if (r)
		return err_sys(err, -r, "cannot start a thread");
	while (sem_wait(&job->ready) < 0)
		;
	if (job->result < 0)
		return err_move(err, &job->failure);
	return 0;
}

/* --- the thread between ----------------------------------------------------------------------- */

static int seal_between(void *data, struct err *err)
{
	return seal(data, true, err);
}

/* The container's interface is there. */
static int use_between(struct job *job, struct err *err)
{
	const struct between_args args = {
		.egress = &egress,
		.config = &job->config,
		.gates = { { &job->up, NULL }, { &job->down, NULL } },
		.seal = seal_between,
		.data = job,
	};
	struct dialer *dialer;

	if (!job->paired) {
		between_drop(&job->between);
		return 0;
	}
	int r = between_serve(&job->between, &args, &dialer, err);
	if (r == 0)
		stack_dial(job->stack, dialer);
	return r;
}

/* Where there cannot be a namespace there is a tap, unless the container has its interface in one. */
static int await_between(struct job *job, struct err *err)
{
	AUTO(err) struct err why = { 0 };
	int r = 0;

	job->paired = job->given >= 0;
	if (job->paired)
		r = between_start(&job->between, job->given, job->proc, err);
	if (job->paired)
		between_allow(&job->between);
	if (r == 0)
		r = between_await(&job->between, &why);
	return r < 0 && job->paired ? err_move(err, &why) : 0;
}

/* --- the job ---------------------------------------------------------------------------------- */

static int take_handed(struct job *job, const int *fds, size_t count, struct err *err)
{
	job->traffic = traffic_map(count ? fds[0] : -1);
	if (!job->traffic)
		return err_set(err, -ENOMEM, "cannot map the page of counters");
	job->down.limit = &job->traffic->down;
	job->up.limit = &job->traffic->up;
	if (count > 1)
		activated_read(fds + 1, count - 1, &job->activated);
	return 0;
}

static int read_job(struct job *job, const cJSON *json, struct err *err)
{
	int r = jfield_load(net_config_fields, json, &job->config, err);
	return r < 0 ? r : net_plan(&job->config, &job->plan, err);
}

/* The tap's device may be missing: where it is needed, who makes the tap tells. */
static int open_files(struct job *job, bool with_tun, struct err *err)
{
	job->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (job->proc < 0)
		return err_sys(err, -errno, "cannot open '/proc'");
	if (with_tun)
		job->tun = open("/dev/net/tun", O_PATH | O_CLOEXEC);
	return 0;
}

/* Everything that can be done before the container's namespace is there. */
static int prepare(struct job *job, struct err *err)
{
	bool relays = net_config_relays(&job->config);
	int r = listeners_open(&job->config.ports, &job->activated,
			       job->config.fast && job->config.again, &job->listeners,
			       &job->report.ports, err);

	if (r == 0)
		r = open_files(job, !relays, err);
	if (r < 0)
		return r;
	if (!relays) {
		job->resolver = resolver_new();
		egress_init(&egress, &job->plan, job->config.allow_host_loopback, job->resolver);
	}
	r = sandbox_files(NULL, err);
	if (r < 0 || relays)
		return r;
	r = stack_new(&job->plan, &job->config, &egress, job->resolver, &job->stack, err);
	if (r < 0)
		return r;
	stack_limit(job->stack, &job->down, &job->up);
	/* While the container is. One who was replaced has left what is needed. */
	r = job->config.again ? 0 : between_start(&job->between, -1, job->proc, err);
	if (!job->config.behind)
		between_allow(&job->between);
	return r;
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int hear_namespace(struct job *job, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int word = net_hear(NET_SOCKET, &json, fds, &count, err);

	if (word < 0)
		return word;
	if (word != NET_NAMESPACE || count < 1 || count > 2)
		return err_set(err, -EBADMSG, "this is not the monitor of this version");
	job->netns = fds[0];
	if (count < 2)
		return 0;
	*(is_socket(fds[1]) ? &job->given : &job->tap) = fds[1];
	return 0;
}

static int attach(struct job *job, struct err *err)
{
	int r = hear_namespace(job, err);

	if (job->config.behind)
		between_allow(&job->between);
	if (r == 0)
		r = await_between(job, err);
	if (r == 0)
		r = start_inside(job, err);
	if (r == 0)
		r = use_between(job, err);
	if (r < 0)
		return r;
	fd_close(job->netns);
	fd_close(job->proc);
	fd_close(job->tun);
	r = seal(job, false, err);
	return r < 0 ? r : between_ready(&job->between, err);
}

static int serve(struct job *job)
{
	struct pollfd ended = { .fd = NET_SOCKET, .events = POLLIN };
	int n;

	if (job->stack)
		return stack_run(job->stack, job->paired ? job->between.transit.frames : job->tap,
				 NET_SOCKET);
	while ((n = poll(&ended, 1, -1)) < 0 && errno == EINTR)
		;
	return n < 0 ? -errno : 0;
}

static int serve_container(struct job *job, const cJSON *json, struct err *err)
{
	int r = read_job(job, json, err);

	if (r == 0)
		r = prepare(job, err);
	if (r == 0)
		r = attach(job, err);
	if (r < 0)
		return r;
	const int far = job->paired ? job->between.transit.frames : job->tap;
	r = net_say(NET_SOCKET, NET_READY, net_report_fields, &job->report, &far, far >= 0);
	if (r < 0)
		return err_sys(err, r, "cannot answer the monitor");
	jfield_clear(net_report_fields, &job->report);
	memory_settle();
	r = serve(job);
	return r < 0 ? err_sys(err, r, "the container's interface failed") : 0;
}

static int work(struct job *job, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int word = net_hear(NET_SOCKET, &json, fds, &count, err);

	if (word < 0)
		return word;
	if (word == NET_HOLD)
		return holder_run(json, fds, count, &egress, err);
	if (word != NET_JOB)
		return err_set(err, -EBADMSG, "this is not the monitor of this version");
	int r = take_handed(job, fds, count, err);
	return r < 0 ? r : serve_container(job, json, err);
}

int main(void)
{
	struct job job = { .tun = -1, .proc = -1, .netns = -1, .tap = -1, .given = -1 };
	struct err err = { 0 };

	(void)signal(SIGPIPE, SIG_IGN); /* a peer that left is an error of that connection alone */
	memory_tame();
	proc_raise_files(); /* 5,000 clients of a published port take 10,000 */
	if (work(&job, &err) == 0)
		return EXIT_SUCCESS;
	const struct net_report report = { .code = err.code, .text = err.text, .hint = err.hint };
	/* A monitor that is gone, or is past net_wait(), does not listen. */
	(void)!net_say(NET_SOCKET, NET_FAILED, net_report_fields, &report, NULL, 0);
	return EXIT_FAILURE;
}
