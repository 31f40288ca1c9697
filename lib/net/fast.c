/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fast - the life of the cubby-fast that answers socket calls of a container (--network fast)
 */
#include "net/fast.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "net/exchange.h"

/* The ends of a pair. */
enum { OURS, THEIRS };

struct fast {
	int pidfd;
	int sock;
	int listeners[2]; /* ours is for who enters the container */
	int doors[2];	  /* ours is cubby-net's */
	int listener;	  /* of the container's first process, or -1 */
};

static int begin(struct fast *fast, const char *program, struct err *err)
{
	char *const argv[] = { (char *)"cubby-fast", NULL };
	int pair[2];
	int r = fd_pair(SOCK_SEQPACKET, pair);

	if (r < 0)
		return err_sys(err, r, "cannot make a socket for cubby-fast");
	fast->sock = pair[OURS];
	AUTO(fd) int theirs = pair[THEIRS];
	const struct spawn_fd fds[] = {
		{ STDERR_FILENO, STDERR_FILENO },
		{ theirs, NET_SOCKET },
		{ fast->listeners[THEIRS], NET_LISTENERS },
		{ fast->doors[THEIRS], NET_RELAY },
	};
	const struct spawn spawn = {
		.path = program,
		.argv = argv,
		.fds = fds,
		.fd_count = array_len(fds),
		.die_with_parent = true,
	};
	pid_t pid = spawn_start(&spawn, &fast->pidfd, err);
	return pid < 0 ? (int)pid : 0;
}

int fast_start(const char *program, struct fast **out, struct err *err)
{
	AUTO(fast) struct fast *fast = mem_new(struct fast);

	*fast = (struct fast){ -1, -1, { -1, -1 }, { -1, -1 }, -1 };
	int r = fd_pair(SOCK_SEQPACKET, fast->listeners);
	if (r == 0)
		r = fd_pair(SOCK_SEQPACKET, fast->doors);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket for cubby-fast");
	r = begin(fast, program, err);
	if (r < 0)
		return r;
	*out = take_ptr(fast);
	return 0;
}

static int tell(const struct fast *fast, const struct net_config *config, int netns)
{
	int r = net_say(fast->sock, NET_JOB, net_config_fields, config, NULL, 0);

	if (r == 0)
		r = net_say(fast->sock, NET_NAMESPACE, NULL, NULL, &netns, 1);
	return r == -EPIPE ? 0 : r; /* it has said why it ended */
}

static int take_failure(const cJSON *json, struct err *err)
{
	struct net_report report = { 0 };
	int r = jfield_load(net_report_fields, json, &report, err);

	if (r == 0)
		r = report.code < 0
			    ? err_set(err, report.code, "%s", str_or(report.text, "it failed"))
			    : err_set(err, -EBADMSG, "cubby-fast is of another version");
	jfield_clear(net_report_fields, &report);
	return r;
}

int fast_attach(struct fast *fast, const struct net_config *config, int netns, struct err *err)
{
	AUTO(json) cJSON *json = NULL;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	int r = tell(fast, config, netns);

	if (r < 0)
		return err_sys(err, r, "cannot tell cubby-fast its job");
	int word = net_hear(fast->sock, &json, fds, &count, err);
	if (word < 0)
		return word;
	return word == NET_READY ? 0 : take_failure(json, err);
}

static void end(struct fast *fast)
{
	if (fast->pidfd >= 0) {
		(void)syscall(SYS_pidfd_send_signal, fast->pidfd, SIGKILL, NULL,
			      0);	       /* or it ended */
		(void)!proc_wait(fast->pidfd); /* another may have reaped it */
	}
	fd_close(take_fd(fast->pidfd));
	fd_close(take_fd(fast->sock));
}

static int send_listener(const struct fast *fast)
{
	ssize_t n = fd_send(fast->listeners[OURS], "again", sizeof "again", &fast->listener, 1);

	return n < 0 ? (int)n : 0;
}

int fast_again(struct fast *fast, const char *program, const struct net_config *config, int netns,
	       struct err *err)
{
	end(fast);
	int r = begin(fast, program, err);
	if (r == 0)
		r = fast_attach(fast, config, netns, err);
	if (r < 0 || fast->listener < 0)
		return r;
	r = send_listener(fast);
	return r < 0 ? err_sys(err, r, "cannot hand the socket calls over") : 0;
}

void fast_give_up(struct fast *fast)
{
	end(fast);
	fd_close(take_fd(fast->listener));
	fd_close(take_fd(fast->listeners[THEIRS]));
}

int fast_adopt(struct fast *fast, int listener)
{
	fd_close(fast->listener);
	fast->listener = listener;
	return send_listener(fast);
}

int fast_notice(const struct fast *fast)
{
	return fast ? fast->listeners[OURS] : -1;
}

int fast_doors(const struct fast *fast)
{
	return fast ? fast->doors[OURS] : -1;
}

int fast_pidfd(const struct fast *fast)
{
	return fast ? fast->pidfd : -1;
}

void fast_free(struct fast *fast)
{
	if (!fast)
		return;
	end(fast);
	fd_close(fast->listeners[OURS]);
	fd_close(fast->listeners[THEIRS]);
	fd_close(fast->doors[OURS]);
	fd_close(fast->doors[THEIRS]);
	fd_close(fast->listener);
	free(fast);
}
