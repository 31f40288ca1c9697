/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checker - the process that carries out one health check
 */
#include "engine/checker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/proc.h"
#include "engine/family.h"
#include "monitor/check.h"

enum { CHUNK = 4096, STATUS_UNTOLD = 1 };

struct checker {
	const struct checker_args *args;
	int sock;
	int pidfd;
	int output; /* what the test prints; -1 once it has closed it */
	size_t size;
	char text[CHECK_OUTPUT_MAX];
};

static void words_of(const struct checker_args *args, struct strv *out)
{
	const struct strv *test = args->test;

	if (!str_eq(test->items[0], "CMD-SHELL")) {
		for (size_t i = 1; i < test->count; i++)
			strv_add(out, test->items[i]);
		return;
	}
	if (args->shell->count) {
		strv_extend(out, args->shell);
	} else {
		strv_add(out, "/bin/sh");
		strv_add(out, "-c");
	}
	strv_add(out, test->count > 1 ? test->items[1] : "");
}

static int start_test(struct checker *c, int output, struct err *err)
{
	AUTO(runtime_spec) struct runtime_spec *spec = NULL;
	struct exec_config exec = { 0 };
	int console = -1;

	words_of(c->args, &exec.argv);
	int r = spec_exec(&c->args->spec, &exec, &spec, err);
	exec_config_clear(&exec);
	if (r < 0)
		return r;
	struct exec_args run = {
		.host = c->args->spec.host,
		.spec = spec,
		.target = c->args->target,
		.io = { -1, output, output },
		.notice = c->args->notice,
	};
	pid_t pid = run_exec(&run, &c->pidfd, &console, err);
	return pid < 0 ? pid : 0;
}

/* More than is remembered is read and forgotten, so that the test does not wait. */
static void read_output(struct checker *c)
{
	char rest[CHUNK];
	size_t room = sizeof c->text - c->size;
	ssize_t n = room ? read(c->output, c->text + c->size, room)
			 : read(c->output, rest, sizeof rest);

	if (n > 0 && room)
		c->size += (size_t)n;
	else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		fd_close(take_fd(c->output));
}

/* What is there now; a child of the test may hold the other end for ever. */
static void drain(struct checker *c)
{
	while (c->output >= 0) {
		struct pollfd p = { .fd = c->output, .events = POLLIN };
		if (poll(&p, 1, 0) <= 0)
			break;
		read_output(c);
		if (c->size == sizeof c->text)
			break;
	}
}

static int milliseconds_left(int64_t deadline)
{
	int64_t left = deadline - clock_mono();

	if (!deadline)
		return -1;
	return left <= 0 ? 0 : (int)min_of(left / 1000000 + 1, INT64_C(1000000));
}

/* Return: CHECK_ENDED, CHECK_TOO_LONG, or -1 when nobody wants to know. */
static int await_end(struct checker *c)
{
	int64_t timeout = c->args->timeout;
	int64_t deadline = timeout > 0 ? clock_mono() + timeout : 0;

	for (;;) {
		struct pollfd p[] = { { .fd = c->pidfd, .events = POLLIN },
				      { .fd = c->output, .events = POLLIN },
				      { .fd = c->sock, .events = POLLIN } };
		int n = poll(p, array_len(p), milliseconds_left(deadline));
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0 && p[2].revents)
			return -1;
		if (n > 0 && p[1].revents)
			read_output(c);
		if (n > 0 && p[0].revents)
			return CHECK_ENDED;
		if (deadline && clock_mono() >= deadline)
			return CHECK_TOO_LONG;
	}
}

static no_return void tell(const struct checker *c, int outcome, int status, const char *text,
			   size_t size)
{
	struct check_result result = { .outcome = outcome, .status = status };
	struct iovec parts[] = { { &result, sizeof result }, { (void *)text, size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = array_len(parts) };

	_exit(sendmsg(c->sock, &message, MSG_NOSIGNAL) < 0 ? STATUS_UNTOLD : 0);
}

static no_return void check(struct checker *c)
{
	AUTO(err) struct err err = { 0 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		_exit(STATUS_UNTOLD);
	c->output = ends[0];
	if (fd_nonblock(c->output, true) < 0 || start_test(c, ends[1], &err) < 0)
		tell(c, CHECK_CANNOT, 0, str_or(err.text, "no pipe"),
		     strlen(str_or(err.text, "no pipe")));
	fd_close(ends[1]);
	int outcome = await_end(c);
	if (outcome != CHECK_ENDED)
		family_kill(c->pidfd);
	int status = proc_wait(c->pidfd);
	if (outcome < 0)
		_exit(0);
	drain(c);
	tell(c, outcome, status, c->text, c->size);
}

/* Descriptors of the monitor's must not stay open: who waits for them to close would wait for us. */
static int keep_own(const struct checker *c)
{
	const struct run_target *t = &c->args->target;
	int kept[] = { c->sock,	  c->args->spec.rootfs,
		       t->user,	  t->mnt,
		       t->pid,	  t->net,
		       t->ipc,	  t->uts,
		       t->cgroup, t->root,
		       t->group,  c->args->notice };

	return fd_close_but(kept, array_len(kept));
}

int checker_start(const struct checker_args *args, int *out_sock, struct err *err)
{
	int pair[2];

	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket");
	pid_t pid = fork();
	if (pid == 0) {
		struct checker *c = mem_new(struct checker);
		c->args = args;
		c->sock = pair[1];
		c->pidfd = c->output = -1;
		(void)prctl(PR_SET_NAME, "cubby-check");
		if (keep_own(c) < 0)
			_exit(STATUS_UNTOLD);
		check(c);
	}
	r = pid < 0 ? err_sys(err, -errno, "cannot fork") : 0;
	fd_close(pair[1]);
	if (r < 0)
		fd_close(pair[0]);
	else
		*out_sock = pair[0];
	return r;
}
