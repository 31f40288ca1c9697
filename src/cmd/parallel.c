/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parallel - one verb for several arguments at the same time, each in a process of its own
 */
#include "cmd/parallel.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { STATUS_INTERRUPTED = 130, OUTPUT_MAX = 1 << 20 };

struct worker {
	pid_t pid; /* 0: not started, or reaped */
	bool over;
	int out; /* what it prints */
	int status;
};

struct team {
	struct app *app;
	const struct parallel *what;
	struct worker *workers;
	size_t started, told;
	sigset_t before; /* the mask of signals */
};

/* The child: never returns. */
static void no_return work(struct team *t, size_t which, pid_t parent)
{
	AUTO(err) struct err err = { 0 };

	(void)sigprocmask(SIG_SETMASK, &t->before, NULL); /* it was the mask a moment ago */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent ||
	    fd_stdio(STDIN_FILENO, t->workers[which].out, STDERR_FILENO) < 0)
		_exit(STATUS_INTERRUPTED);
	int r = t->what->run(t->what->data, which, &err);
	if (r < 0)
		app_error(t->app, &err);
	fflush(t->app->out);
	_exit(r == -EINTR ? STATUS_INTERRUPTED : r < 0 ? exit_status(NULL, t->app->flavour, r) : r);
}

static int start(struct team *t, struct err *err)
{
	struct worker *w = &t->workers[t->started];
	pid_t parent = getpid();

	w->out = memfd_create("output", MFD_CLOEXEC);
	if (w->out < 0)
		return err_sys(err, -errno, "cannot keep what is printed");
	/* What is in a buffer would be printed twice. */
	fflush(t->app->out);
	fflush(t->app->err);
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, -errno, "cannot start a process");
	if (pid == 0)
		work(t, t->started, parent);
	w->pid = pid;
	t->started++;
	return 0;
}

static size_t reap(struct team *t)
{
	size_t living = 0;

	for (size_t i = 0; i < t->started; i++) {
		struct worker *w = &t->workers[i];
		int status;
		if (w->pid && waitpid(w->pid, &status, WNOHANG) == w->pid) {
			w->status = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_INTERRUPTED;
			w->pid = 0;
			w->over = true;
		}
		living += w->pid != 0;
	}
	return living;
}

/* Prints what is next in order and complete. */
static void tell(struct team *t)
{
	for (; t->told < t->started && t->workers[t->told].over; t->told++) {
		struct worker *w = &t->workers[t->told];
		AUTO(mem) char *text = NULL;
		size_t size;
		if (lseek(w->out, 0, SEEK_SET) == 0 &&
		    fd_read_all(w->out, OUTPUT_MAX, &text, &size) == 0)
			fwrite(text, 1, size, t->app->out);
		fflush(t->app->out);
		fd_close(take_fd(w->out));
	}
}

static void forward(struct team *t, int number)
{
	for (size_t i = 0; i < t->started; i++)
		if (t->workers[i].pid)
			(void)kill(t->workers[i].pid, number); /* not reaped: it is still ours */
}

/* Return: 0, -EINTR, or what starting failed with; all that were started have ended. */
static int supervise(struct team *t, const sigset_t *signals, struct err *err)
{
	size_t living = 0;
	int r = 0;

	while (living || (r == 0 && t->started < t->what->count)) {
		while (r == 0 && t->started < t->what->count && living < t->what->at_once) {
			r = start(t, err);
			living += r == 0;
		}
		if (!living)
			break;
		int number = sigwaitinfo(signals, NULL);
		if (number > 0 && number != SIGCHLD) {
			forward(t, number);
			r = err_set(err, -EINTR, "interrupted");
		}
		living = reap(t);
		tell(t);
	}
	return r;
}

static int last_failure(const struct team *t)
{
	int status = 0;

	for (size_t i = 0; i < t->started; i++)
		if (t->workers[i].status)
			status = t->workers[i].status;
	return status;
}

int parallel_run(struct app *app, const struct parallel *parallel, struct err *err)
{
	struct team t = { .app = app, .what = parallel };
	AUTO(mem) struct worker *workers = mem_alloc(parallel->count, sizeof *workers);
	sigset_t signals;

	t.workers = workers;
	for (size_t i = 0; i < parallel->count; i++)
		workers[i].out = -1;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, &t.before) < 0)
		return err_sys(err, -errno, "cannot wait for signals");
	int r = supervise(&t, &signals, err);
	for (size_t i = 0; i < parallel->count; i++)
		fd_close(workers[i].out);
	(void)sigprocmask(SIG_SETMASK, &t.before, NULL); /* as it was */
	return r < 0 ? r : last_failure(&t);
}
