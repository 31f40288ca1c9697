/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cubby-remote - the helper that talks to registries
 *
 * It speaks remote/protocol.h with its parent over descriptor 3, has an empty environment but for the
 * proxies, no new privileges, and no file of the store but the descriptors that come with a request.
 * Everything else it opens are the configuration files that the settings name.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "job.h"
#include "verify.h"

enum { IDLE_MS = 60 * 1000, PROGRESS_MS = 100 };
#define MS INT64_C(1000000)

struct answer {
	struct remote_message message;
	int memfd; /* or -1 */
};

struct server {
	struct job_world world;
	struct job *jobs;
	bool ready;	   /* settings have come */
	int64_t questions; /* asked so far */
	struct {
		struct answer *items;
		size_t count;
	} answers; /* that the socket had no room for */
};

static void answer_clear(struct answer *a)
{
	remote_message_clear(&a->message);
	fd_close(a->memfd);
}

/* 0 when it went, -EAGAIN when there is no room. */
static int send_answer(const struct answer *a)
{
	return remote_message_send(REMOTE_FD, &a->message, &a->memfd, a->memfd >= 0 ? 1 : 0);
}

static int flush_answers(struct server *s)
{
	while (s->answers.count) {
		int r = send_answer(&s->answers.items[0]);
		if (r < 0)
			return r == -EAGAIN ? 0 : r;
		answer_clear(&s->answers.items[0]);
		s->answers.count--;
		memmove(&s->answers.items[0], &s->answers.items[1],
			s->answers.count * sizeof *s->answers.items);
	}
	return 0;
}

/* Told through the list, so that nothing overtakes and nothing is lost. */
static int tell_end(struct server *s, struct job *job)
{
	const struct answer a = {
		.memfd = take_fd(job->memfd),
		.message = { .kind = REMOTE_DONE,
			     .job = job->number,
			     .digest = take_ptr(job->digest),
			     .media_type = take_ptr(job->media_type),
			     .known = take_ptr(job->validator),
			     .size = job->size,
			     .how = job->how,
			     .code = job->err.code,
			     .text = take_ptr(job->err.text),
			     .hint = take_ptr(job->err.hint) },
	};

	*vec_push(&s->answers) = a;
	return flush_answers(s);
}

/* One that finds no room is left out: another follows. */
static void tell_progress(struct job *job)
{
	int64_t now = clock_mono();
	int64_t have = job->blob ? job->blob->have : job->upload ? job->upload->given : 0;

	if (have == job->told_have || now - job->told < PROGRESS_MS * MS)
		return;
	const struct remote_message m = { .kind = REMOTE_PROGRESS,
					  .job = job->number,
					  .size = have };
	(void)!remote_message_send(REMOTE_FD, &m, NULL, 0);
	job->told = now;
	job->told_have = have;
}

static int take_settings(struct server *s, const struct remote_message *m, struct err *err)
{
	int r = jfield_load(remote_settings_fields, m->settings, &s->world.settings, err);

	if (r < 0)
		return r;
	const struct remote_settings *set = &s->world.settings;
	r = http_new(str_or(set->user_agent, "cubby"), set->stall_seconds, set->no_proxy,
		     &s->world.http);
	if (r < 0)
		return r;
	s->ready = true;
	r = registries_conf_load(&s->world.conf, &set->registries_conf, err);
	if (r == 0)
		strv_extend(&s->world.settings.helpers, &s->world.conf.helpers);
	return r;
}

static void cancel(struct server *s, int64_t number)
{
	for (struct job **at = &s->jobs; *at; at = &(*at)->next) {
		struct job *job = *at;
		if (job->number != number)
			continue;
		*at = job->next;
		job_free(job);
		return;
	}
}

static void grow(struct server *s, const struct remote_message *m)
{
	for (struct job *job = s->jobs; job; job = job->next)
		if (job->number == m->job)
			job_more(job, m);
}

/* A file that cannot be used fails every job, which can tell the user. */
static void refuse(struct server *s, int64_t number, const struct err *err)
{
	const struct answer a = { .memfd = -1,
				  .message = { .kind = REMOTE_DONE,
					       .job = number,
					       .code = err->code,
					       .text = str_dup(err->text),
					       .hint = str_dup(err->hint) } };

	*vec_push(&s->answers) = a;
}

/* Needs no registry, and is done at once. */
static void verify(struct server *s, const struct remote_message *m, int file)
{
	AUTO(err) struct err err = { 0 };
	const struct answer good = { .memfd = -1,
				     .message = { .kind = REMOTE_DONE, .job = m->job } };

	if (verify_signature(m->secret, m->text, file, &err) < 0)
		refuse(s, m->job, &err);
	else
		*vec_push(&s->answers) = good;
}

static int take_request(struct server *s, struct remote_message *m, int *fds, struct err *unusable)
{
	switch (m->kind) {
	case REMOTE_SETTINGS:
		if (s->ready || !m->settings)
			return -EPROTO;
		/* What is wrong is told to each job. */
		(void)!take_settings(s, m, unusable);
		return s->ready ? 0 : -EPROTO;
	case REMOTE_MANIFEST:
	case REMOTE_BLOB:
	case REMOTE_TAGS:
	case REMOTE_CHECK:
	case REMOTE_SEARCH:
	case REMOTE_UPLOAD:
	case REMOTE_PUT:
	case REMOTE_FILE:
		if (!s->ready)
			return -EPROTO;
		if (unusable->code) {
			refuse(s, m->job, unusable);
			return flush_answers(s);
		}
		struct job *job = job_new(&s->world, m, fds);
		job->next = s->jobs;
		s->jobs = job;
		return 0;
	case REMOTE_VERIFY:
		verify(s, m, fds[0]);
		return flush_answers(s);
	case REMOTE_CREDENTIALS:
		sites_answer(s->world.sites, m);
		return 0;
	case REMOTE_MORE:
		grow(s, m);
		return 0;
	case REMOTE_CANCEL:
		cancel(s, m->job);
		return 0;
	default:
		return -EPROTO;
	}
}

/* Return: 1 when a request was served, 0 when none is there, -EPIPE at the end. */
static int receive(struct server *s, struct err *unusable)
{
	AUTO(remote_message) struct remote_message m = { 0 };
	int fds[REMOTE_MAX_FDS] = { -1, -1 };

	int r = remote_message_recv(REMOTE_FD, &m, fds);
	if (r == -EAGAIN)
		return 0;
	if (r <= 0)
		return r < 0 ? r : -EPIPE;
	r = take_request(s, &m, fds, unusable);
	for (size_t i = 0; i < array_len(fds); i++)
		fd_close(fds[i]);
	return r < 0 ? r : 1;
}

/* Steps every job, tells what is new, and says how long nothing will have to be done. */
static int step_jobs(struct server *s, int *out_timeout)
{
	int timeout = IDLE_MS;

	for (struct job **at = &s->jobs; *at;) {
		struct job *job = *at;
		int wait = job_step(job);
		tell_progress(job);
		if (job->stage != JOB_OVER) {
			if (wait >= 0)
				timeout = min_of(timeout, wait);
			at = &job->next;
			continue;
		}
		*at = job->next;
		int r = tell_end(s, job);
		job_free(job);
		if (r < 0)
			return r;
	}
	*out_timeout = timeout;
	return 0;
}

/* What only programs of the user's know is asked of the parent, who may start them. */
static void ask_helpers(struct server *s)
{
	for (struct site *site = s->world.sites; site; site = site->next) {
		const char *helper = site_question(site, s->questions + 1);
		if (!helper)
			continue;
		s->questions++;
		const struct answer a = { .memfd = -1,
					  .message = { .kind = REMOTE_HELPER,
						       .job = s->questions,
						       .domain = str_dup(site->host),
						       .text = str_dup(helper) } };
		*vec_push(&s->answers) = a;
	}
}

/* Until the first request there is no curl to wait with. */
static int wait_for_settings(struct server *s, struct err *unusable)
{
	struct pollfd p = { .fd = REMOTE_FD, .events = POLLIN };

	while (!s->ready) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return -errno;
		int r = receive(s, unusable);
		if (r < 0)
			return r;
	}
	return 0;
}

static int serve(struct server *s)
{
	AUTO(err) struct err unusable = { 0 };
	int timeout, r = wait_for_settings(s, &unusable);

	while (r >= 0) {
		do
			r = receive(s, &unusable);
		while (r > 0);
		if (r == 0)
			r = http_move(s->world.http);
		if (r == 0)
			r = step_jobs(s, &timeout);
		if (r == 0)
			ask_helpers(s);
		if (r == 0)
			r = flush_answers(s);
		short events = (short)(POLLIN | (s->answers.count ? POLLOUT : 0));
		if (r == 0)
			r = http_wait(s->world.http, REMOTE_FD, events, timeout);
	}
	return r;
}

static void server_clear(struct server *s)
{
	while (s->jobs)
		cancel(s, s->jobs->number);
	sites_free(&s->world.sites);
	http_free(s->world.http);
	registries_conf_clear(&s->world.conf);
	remote_settings_clear(&s->world.settings);
	for (size_t i = 0; i < s->answers.count; i++)
		answer_clear(&s->answers.items[i]);
	free(s->answers.items);
}

int main(void)
{
	struct server s = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return 1;
	/* A reader that is gone is an error code. */
	(void)signal(SIGPIPE, SIG_IGN);
	/* Ctrl-C at the terminal is the parent's to answer: it ends us. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (fd_nonblock(REMOTE_FD, true) < 0) {
		(void)fputs("cubby-remote is started by cubby, not by hand\n", stderr);
		return 2;
	}
	int r = serve(&s);
	server_clear(&s);
	return r == -EPIPE || r == -ECONNRESET ? 0 : 1;
}
