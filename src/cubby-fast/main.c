/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-fast - answers socket calls of one container, so that its traffic runs on sockets of the host
 *
 * Started by the container's monitor, in the host's network namespace, with which it speaks net/exchange.h on
 * descriptor 3. Listeners of socket calls, one for each process that has entered the container, come on
 * descriptor 4. One thread; it remembers nothing of a call once that is answered, so another can take its
 * place.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/memory.h"
#include "base/proc.h"
#include "cubby-fast/sandbox.h"
#include "cubby-fast/supervisor.h"
#include "cubby-net/address.h"
#include "cubby-net/resolver.h"
#include "cubby-net/sandbox.h"
#include "net/exchange.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum { EVENTS = 16, NUMBER_BYTES = 16 };

struct job {
	struct net_config config;
	struct net_plan plan;
	struct supervisor *supervisor;
	int netns;
	int result; /* of the thread inside */
};

/* --- what is learned before it serves --------------------------------------------------------- */

static int hear(enum net_word wanted, cJSON **out_json, int *out_fd, struct err *err)
{
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int word = net_hear(NET_SOCKET, out_json, fds, &count, err);

	if (word < 0)
		return word;
	if (word != (int)wanted || count != (out_fd ? 1 : 0))
		return err_set(err, -EBADMSG, "this is not the monitor of this version");
	if (out_fd)
		*out_fd = fds[0];
	return 0;
}

static int hear_job(struct job *job, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	AUTO(json) cJSON *none = NULL;
	int r = hear(NET_JOB, &json, NULL, err);

	if (r == 0)
		r = hear(NET_NAMESPACE, &none, &job->netns, err);
	if (r == 0)
		r = jfield_load(net_config_fields, json, &job->config, err);
	return r < 0 ? r : net_plan(&job->config, &job->plan, err);
}

static int learn(int family, struct mould *plain, uint64_t *cookie)
{
	AUTO(fd) int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return family == AF_INET6 ? 0 : -errno;
	mould_take(plain, fd);
	return supervisor_cookie(fd, cookie);
}

/* A thread, for nobody without rights over the host can come back from there. */
static void *look_inside(void *arg)
{
	struct job *job = arg;
	struct supervisor *s = job->supervisor;

	if (setns(job->netns, CLONE_NEWNET) < 0) {
		job->result = -errno;
		return NULL;
	}
	job->result = learn(AF_INET, &s->plain4, &s->container);
	if (job->result == 0)
		job->result = learn(AF_INET6, &s->plain6, &s->container);
	return NULL;
}

static int learn_namespaces(struct job *job, struct err *err)
{
	pthread_t thread;
	AUTO(fd) int own = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = own < 0 ? -errno : supervisor_cookie(own, &job->supervisor->host);

	if (r == 0)
		r = -pthread_create(&thread, NULL, look_inside, job);
	if (r == 0)
		r = -pthread_join(thread, NULL);
	if (r == 0)
		r = job->result;
	return r < 0 ? err_sys(err, r, "cannot look at the container's network namespace") : 0;
}

/* One of our own pid namespace; or that which is mounted, where it is of ours. */
static int open_proc(void)
{
	char number[NUMBER_BYTES] = { 0 };
	AUTO(fd) int fs = (int)fsopen("proc", FSOPEN_CLOEXEC);

	if (fs >= 0 && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0) {
		int fd = (int)fsmount(fs, FSMOUNT_CLOEXEC,
				      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
		if (fd >= 0)
			return fd;
	}
	uint64_t seen = 0;
	if (readlink("/proc/self", number, sizeof number - 1) < 0 ||
	    str_u64(number, INT_MAX, &seen) < 0 || (pid_t)seen != getpid())
		return -1;
	return open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int prepare(struct job *job, struct err *err)
{
	struct supervisor *s = job->supervisor;
	const struct net_config *config = &job->config;
	int r = policy_init(&s->policy, config, &job->plan, err);

	if (r == 0)
		r = learn_namespaces(job, err);
	if (r < 0)
		return r;
	s->outbound4 = address_parse(config->outbound_addr);
	s->outbound6 = address_parse(config->outbound_addr6);
	s->doors.relay = NET_RELAY;
	s->doors.hide_client = config->hide_client;
	ports_copy(&config->ports, &s->doors.ports);
	/* Names are asked for at an address that stays inside: the resolver is never looked at. */
	egress_init(&s->egress, &job->plan, config->allow_host_loopback, NULL);
	s->known = KNOWN_NONE;
	s->proc = open_proc();
	r = sandbox_files(NULL, err);
	return r < 0 ? r : sandbox_narrow(err);
}

/* --- serving ---------------------------------------------------------------------------------- */

static int watch(int epoll, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static void take_listener(int epoll)
{
	char word[NUMBER_BYTES];
	int fds[FD_PASS_MAX];
	size_t count = 0;
	ssize_t n = fd_recv(NET_LISTENERS, word, sizeof word, fds, &count);

	for (size_t i = 0; i < count; i++) {
		/* Whoever answers runs on the processor of who asked: newer kernels only. */
		(void)!ioctl(fds[i], SECCOMP_IOCTL_NOTIF_SET_FLAGS,
			     SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
		if (n <= 0 || i > 0 || watch(epoll, fds[i]) < 0)
			fd_close(fds[i]);
	}
}

/* No process has the filter any more; the monitor may have the listener. */
static void drop_listener(int epoll, int fd)
{
	(void)epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	fd_close(fd);
}

static void dispatch(struct supervisor *s, int epoll, const struct epoll_event *e)
{
	if (e->data.fd == NET_LISTENERS)
		take_listener(epoll);
	else if (waiting_event(&s->waiting, e->data.fd))
		return;
	else if (e->events & EPOLLIN)
		supervisor_serve(s, e->data.fd);
	else
		drop_listener(epoll, e->data.fd);
}

/* Return: 0 when the monitor has gone. */
static int serve(struct supervisor *s, int epoll)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, waiting_sweep(&s->waiting));
		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == NET_SOCKET)
				return 0;
			dispatch(s, epoll, &events[i]);
		}
	}
}

static int work(struct job *job, struct err *err)
{
	AUTO(fd) int epoll = epoll_create1(EPOLL_CLOEXEC);
	int r = hear_job(job, err);

	if (r == 0)
		r = prepare(job, err);
	if (r < 0)
		return r;
	job->supervisor->waiting.epoll = epoll;
	r = epoll < 0 ? -errno : watch(epoll, NET_SOCKET);
	if (r == 0)
		r = watch(epoll, NET_LISTENERS);
	if (r < 0)
		return err_sys(err, r, "cannot wait for socket calls");
	r = net_say(NET_SOCKET, NET_READY, NULL, NULL, NULL, 0);
	if (r < 0)
		return err_sys(err, r, "cannot answer the monitor");
	memory_settle();
	r = serve(job->supervisor, epoll);
	return r < 0 ? err_sys(err, r, "cannot wait for socket calls") : 0;
}

int main(void)
{
	struct job job = { .netns = -1, .supervisor = mem_new(struct supervisor) };
	struct err err = { 0 };

	(void)signal(SIGPIPE, SIG_IGN);
	memory_tame();
	proc_raise_files(); /* each exec is a listener */
	if (work(&job, &err) == 0)
		return 0;
	const struct net_report report = { .code = err.code, .text = err.text, .hint = err.hint };
	/* A monitor that is gone does not listen. */
	(void)!net_say(NET_SOCKET, NET_FAILED, net_report_fields, &report, NULL, 0);
	return 1;
}
