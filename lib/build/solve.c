/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * solve - building the stages that a target needs, several at the same time
 */
#include "build/solve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "build/box.h"
#include "build/foresee.h"
#include "build/input.h"
#include "build/work.h"
#include "engine/remove.h"
#include "engine/tidy.h"
#include "engine/watch.h"

enum {
	OUTPUT_BUFFER = 64 << 10, /* what a pipe holds */
	OUTPUT_TURNS = 16,
};

enum place_state { WAITING, RUNNING, BUILT, NOT_NEEDED };

/* One stage. */
struct place {
	enum place_state state;
	pid_t pid;
	int sock;
	int outputs[2];	   /* what its steps print: both streams, or each; or -1 */
	struct strv boxes; /* of its present step */
	bool heard;	   /* its last word */
};

struct solving {
	struct engine *engine;
	const struct build_options *options;
	const struct stages *stages;
	size_t target;
	const struct build_watch *watch;
	struct solution *solution;
	struct place *places;
	struct sofar *done;
	struct layer_helper *helper; /* until the first stage has it */
	size_t running;
	int signals;
	bool interrupted;
	sigset_t old_mask;
};

/* A new size of the window is no reason to end. */
static int hear_signals(struct solving *s, struct err *err)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			continue;
		s->interrupted = true;
		s->solution->signal = (int)info.ssi_signo;
		return err_set(err, -EINTR, "interrupted");
	}
	return 0;
}

/* ---- ending ----------------------------------------------------------------------------------- */

/*
 * A step that was done is in the cache when this returns, but for one whose layer is still hashed when the user
 * interrupts (build/later.c). Who does so once more waits for nothing.
 */
static void await_worker(struct solving *s, const struct place *p)
{
	struct pollfd polls[] = { { .fd = p->sock, .events = POLLIN },
				  { .fd = s->signals, .events = POLLIN } };
	int r = p->sock < 0 ? 0 : 1;

	if (s->interrupted && r > 0)
		(void)shutdown(p->sock, SHUT_WR);
	while (r > 0) {
		AUTO(report) struct report report = { 0 };
		if (poll(polls, array_len(polls), -1) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		const bool again = s->interrupted;
		if (polls[1].revents && hear_signals(s, NULL) < 0) {
			if (again)
				return;
			(void)shutdown(p->sock, SHUT_WR);
		}
		if (polls[0].revents)
			r = report_receive(p->sock, &report, NULL);
	}
}

/* All that was started in its group goes, then what a container has left. */
static void end_place(struct solving *s, struct place *p)
{
	const bool ended = p->pid > 0;

	if (p->pid > 0) {
		(void)kill(-p->pid, SIGKILL);
		(void)kill(p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	p->pid = 0;
	for (size_t i = 0; i < p->boxes.count; i++)
		container_drop(s->engine, p->boxes.items[i]);
	strv_clear(&p->boxes);
	if (ended)
		await_worker(s, p);
	fd_close(take_fd(p->sock));
	for (size_t k = 0; k < array_len(p->outputs); k++)
		fd_close(take_fd(p->outputs[k]));
}

/* What is at work is ended: boxes that nobody has been told of yet go, and copies of files that were mounted. */
static void auto_solving(struct solving *s)
{
	const bool cut = s->running > 0;

	for (size_t i = 0; s->places && i < s->stages->count; i++)
		end_place(s, &s->places[i]);
	if (cut) {
		box_sweep(s->engine);
		(void)!tidy_leftovers(s->engine, NULL); /* else the next command */
	}
	for (size_t i = 0; s->done && i < s->stages->count; i++)
		sofar_clear(&s->done[i]);
	free(s->places);
	free(s->done);
	fd_close(s->signals);
	(void)sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

/* ---- beginning -------------------------------------------------------------------------------- */

static int begin(struct solving *s, size_t target, struct err *err)
{
	AUTO(mem) size_t *items = NULL;
	struct stage_needs needed = { 0 };
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGINT);
	(void)sigaddset(&mask, SIGTERM);
	(void)sigaddset(&mask, SIGHUP);
	(void)sigaddset(&mask, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &mask, &s->old_mask);
	s->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	s->places = mem_alloc(s->stages->count, sizeof *s->places);
	s->done = mem_alloc(s->stages->count, sizeof *s->done);
	for (size_t i = 0; i < s->stages->count; i++) {
		s->places[i] =
			(struct place){ .state = NOT_NEEDED, .sock = -1, .outputs = { -1, -1 } };
		s->done[i] = (struct sofar){ 0 };
	}
	if (s->signals < 0)
		return err_sys(err, -errno, "cannot listen to signals");
	int r = stages_needed(s->stages, target, &needed, err);
	items = needed.items;
	for (size_t i = 0; r == 0 && i < needed.count; i++)
		s->places[needed.items[i]].state = WAITING;
	return r;
}

/* What a pull has come to. */
static void tell_progress(void *data, const struct watch_layer *layers, unused_arg size_t count,
			  size_t which)
{
	const struct work *work = data;
	const struct watch_layer *layer = &layers[which];

	report_send(work->sock, &(struct report){ .kind = REPORT_PROGRESS,
						  .text = (char *)layer->digest,
						  .size = layer->size,
						  .have = layer->have,
						  .state = (int)layer->state });
}

static no_return void stage_main(struct solving *s, size_t at, int sock, int output, int errors)
{
	struct work work = {
		.engine = s->engine,
		.options = s->options,
		.stages = s->stages,
		.done = s->done,
		.at = at,
		.scans = s->options->sbom.image && at == s->target,
		.sock = sock,
		.helper = s->helper,
		.left.lock = -1,
	};
	const struct watch progress = { .change = tell_progress, .data = &work };
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The terminal's keys are the command's alone. */
	(void)setpgid(0, 0);
	(void)sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
	for (size_t i = 0; i < s->stages->count; i++) {
		fd_close(s->places[i].sock);
		fd_close(s->places[i].outputs[0]);
		fd_close(s->places[i].outputs[1]);
	}
	fd_close(s->signals);
	if (s->options->input)
		fd_close(s->options->input->ends[1]); /* else who reads would wait for ourselves */
	if (null < 0 || fd_stdio(null, output, errors < 0 ? output : errors) < 0)
		_exit(1);
	s->engine->watch = s->watch->events ? &progress : NULL;
	_exit(work_stage(&work) < 0);
}

static int make_pipe(int *out_from, int *out_to)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*out_from = ends[0];
	*out_to = ends[1];
	return fd_nonblock(ends[0], true);
}

static int start(struct solving *s, size_t at, struct err *err)
{
	struct place *p = &s->places[at];
	int pair[2], output = -1, errors = -1;

	int r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_sys(err, r, "cannot make a socket");
	AUTO(fd) int sock = pair[1];
	p->sock = pair[0];
	r = make_pipe(&p->outputs[0], &output);
	AUTO(fd) int to_output = output;
	if (r == 0 && s->watch->events)
		r = make_pipe(&p->outputs[1], &errors);
	AUTO(fd) int to_errors = errors;
	if (r < 0)
		return err_sys(err, r, "cannot make a pipe");
	p->pid = fork();
	if (p->pid == 0)
		stage_main(s, at, sock, to_output, to_errors);
	if (p->pid < 0)
		return err_sys(err, -errno, "cannot start a process");
	p->state = RUNNING;
	s->helper = NULL;
	s->running++;
	return 0;
}

static bool is_ready(const struct solving *s, size_t at)
{
	const struct stage_needs *needs = &s->stages->items[at].needs;

	for (size_t i = 0; i < needs->count; i++)
		if (s->places[needs->items[i]].state != BUILT)
			return false;
	return s->places[at].state == WAITING;
}

static size_t most_at_once(const struct solving *s)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->options->input)
		return 1; /* one RUN at a time reads */
	return s->options->jobs > 0 ? (size_t)s->options->jobs
	       : processors > 0	    ? (size_t)processors
				    : 1;
}

static int start_ready(struct solving *s, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->stages->count && s->running < most_at_once(s); i++)
		if (is_ready(s, i))
			r = start(s, i, err);
	return r;
}

/* ---- hearing ---------------------------------------------------------------------------------- */

/* All that has been printed until now; who never stops printing does not keep others and the user waiting. */
static void pass_stream(struct solving *s, size_t at, int *from, int stream)
{
	AUTO(mem) char *buffer = mem_alloc(OUTPUT_BUFFER, 1);

	for (int turn = 0; turn < OUTPUT_TURNS && *from >= 0; turn++) {
		const ssize_t n = read(*from, buffer, OUTPUT_BUFFER);
		if (n > 0)
			s->watch->output(s->watch->data, at, stream, buffer, (size_t)n);
		else if (n == 0)
			fd_close(take_fd(*from));
		else if (errno != EINTR)
			return;
	}
}

static void pass_output(struct solving *s, size_t at)
{
	struct place *p = &s->places[at];

	for (int k = 0; k < (int)array_len(p->outputs); k++)
		if (p->outputs[k] >= 0)
			pass_stream(s, at, &p->outputs[k], k + 1);
}

static int failed(struct solving *s, size_t at, struct report *report, struct err *err)
{
	sofar_clear(&s->solution->sofar);
	s->solution->sofar = report->sofar;
	report->sofar = (struct sofar){ 0 };
	s->solution->told = true;
	s->solution->partial = report->partial;
	s->solution->failed = at;
	s->solution->line = report->line;
	s->solution->status = report->status;
	(void)err_set(err, report->code < 0 ? report->code : -EIO, "%s",
		      str_or(report->text, "a stage failed"));
	return report->hint ? err_hint(err, "%s", report->hint) : err->code;
}

static void ended(struct solving *s, size_t at)
{
	struct place *p = &s->places[at];

	strv_clear(&p->boxes);
	p->state = BUILT;
	s->running--;
}

static void note_step(struct solving *s, size_t at, const char *key)
{
	struct solution *out = s->solution;
	struct solution_step step = { .stage = at };

	if (str_empty(key) || strlen(key) >= sizeof step.key)
		return;
	memcpy(step.key, key, strlen(key) + 1);
	out->steps = mem_resize(out->steps, out->step_count + 1, sizeof *out->steps);
	out->steps[out->step_count++] = step;
}

static int hear(struct solving *s, size_t at, struct err *err)
{
	struct place *p = &s->places[at];
	AUTO(report) struct report report = { 0 };

	const int r = report_receive(p->sock, &report, err);
	pass_output(s, at);
	if (r < 0)
		return r;
	if (r == 0) {
		fd_close(take_fd(p->sock));
		return p->heard ? 0
				: err_set(err, -EIO, "the process of a stage ended without a word");
	}
	if (report.kind == REPORT_BOX) {
		strv_add(&p->boxes, report.text);
		return 0;
	}
	s->solution->did |= report.kind == REPORT_DONE;
	if (report.kind == REPORT_DONE || report.kind == REPORT_CACHED) {
		note_step(s, at, report.text);
		strv_clear(&p->boxes);
	}
	s->watch->report(s->watch->data, s->stages, at, &report);
	if (report.kind == REPORT_FAILED)
		return failed(s, at, &report, err);
	if (report.kind != REPORT_END)
		return 0;
	p->heard = true;
	s->done[at] = report.sofar;
	report.sofar = (struct sofar){ 0 };
	ended(s, at);
	return 0;
}

static int wait_for_more(struct solving *s, struct err *err)
{
	AUTO(mem)
	struct pollfd *polls = mem_alloc(3 * s->stages->count + 1 + INPUT_POLLS, sizeof *polls);
	size_t n = s->stages->count;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		polls[i] = (struct pollfd){ .fd = s->places[i].sock, .events = POLLIN };
		for (size_t k = 0; k < 2; k++)
			polls[(k + 1) * n + i] =
				(struct pollfd){ .fd = s->places[i].outputs[k], .events = POLLIN };
	}
	polls[3 * n] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	input_polls(s->options->input, polls + 3 * n + 1);
	if (poll(polls, 3 * n + 1 + INPUT_POLLS, s->watch->draw(s->watch->data)) < 0)
		return errno == EINTR ? 0 : err_sys(err, -errno, "cannot wait");
	if (polls[3 * n].revents)
		r = hear_signals(s, err);
	input_carry(s->options->input, polls + 3 * n + 1);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (polls[n + i].revents || polls[2 * n + i].revents)
			pass_output(s, i);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (polls[i].revents)
			r = hear(s, i, err);
	return r;
}

/* What can be told before an hour of work is done. */
static int look_ahead(struct solving *s, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->stages->count; i++) {
		if (s->places[i].state != WAITING)
			continue;
		r = foresee_stage(s->options, s->stages, i, &s->solution->line, err);
		s->solution->failed = i;
	}
	return r;
}

static void mark_steps(const struct solving *s, size_t target)
{
	for (ssize_t at = (ssize_t)target; at >= 0; at = s->stages->items[at].parent)
		for (size_t i = 0; i < s->solution->step_count; i++)
			if (s->solution->steps[i].stage == (size_t)at)
				s->solution->steps[i].upon = true;
}

int solve(struct engine *engine, const struct build_options *options, const struct stages *stages,
	  size_t target, const struct build_watch *watch, struct layer_helper *helper,
	  struct solution *out, struct err *err)
{
	AUTO(solving)
	struct solving s = {
		.engine = engine,
		.options = options,
		.stages = stages,
		.target = target,
		.watch = watch,
		.solution = out,
		.helper = helper,
		.signals = -1,
	};

	*out = (struct solution){ 0 };
	int r = begin(&s, target, err);
	if (r == 0)
		r = look_ahead(&s, err);
	while (r == 0 && s.places[target].state != BUILT) {
		r = start_ready(&s, err);
		if (r == 0)
			r = wait_for_more(&s, err);
	}
	if (r < 0 && options->save_stages && r != -EINTR && s.done) {
		out->built = take_ptr(s.done);
		out->built_count = stages->count;
	}
	if (r < 0)
		return r;
	if (!options->cache_to.count && !options->save_stages) {
		out->sofar = s.done[target];
		s.done[target] = (struct sofar){ 0 };
		return 0;
	}
	mark_steps(&s, target);
	sofar_copy(&out->sofar, &s.done[target]);
	out->built = take_ptr(s.done);
	out->built_count = stages->count;
	return 0;
}

void solution_clear(struct solution *solution)
{
	sofar_clear(&solution->sofar);
	for (size_t i = 0; i < solution->built_count; i++)
		sofar_clear(&solution->built[i]);
	free(solution->built);
	free(solution->steps);
	*solution = (struct solution){ 0 };
}
