/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * health - checking the health of a monitor's container
 */
#include "monitor/health.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/utf8.h"
#include "monitor/check.h"
#include "monitor/control.h"
#include "monitor/logformat.h"
#include "monitor/notify.h"
#include "monitor/rest.h"
#include "store/event.h"
#include "store/record.h"

enum { STATUS_CANNOT = 125, STATUS_NONE = -1 };

static const struct health_config *config_of(const struct monitor *m)
{
	return &m->args.config->health;
}

static bool may_check(const struct monitor *m)
{
	return m->pidfd >= 0 && !m->rest.last && m->args.state->status == CONTAINER_RUNNING;
}

static int64_t up(const struct monitor *m)
{
	return clock_mono() - m->rest.begun;
}

static void wait_for_next(struct monitor *m)
{
	int64_t delay = course_delay(config_of(m), &m->health.course, up(m));

	/* Setting a timer that exists does not fail; 0 stops it. */
	(void)!loop_timer_set(m->health.timer, delay);
}

/* ---- who asked ---- */

static void answer_one(void *data, struct client *c)
{
	const bool *passed = data;

	if (!c->checks)
		return;
	c->checks = false;
	client_done(c, !*passed);
}

static void refuse_one(unused_arg void *data, struct client *c)
{
	AUTO(err) struct err err = { 0 };

	if (!c->checks)
		return;
	c->checks = false;
	err_set(&err, -ESRCH, "the container was stopped or paused meanwhile");
	client_failed(c, &err, STATUS_CANNOT);
}

/* ---- the result ---- */

static void note_status(struct monitor *m)
{
	const char *status = health_status_names[m->health.course.status];
	AUTO(err) struct err err = { 0 };

	str_set(&m->args.state->health, status);
	if (record_state_save(m->args.store, m->args.state, false, &err) < 0)
		log_debug("%s", err.text);
	if (m->health.course.status == HEALTH_HEALTHY)
		notify_healthy(m);
}

/* Each check is noted in memory; the disk gets what changes the health, and what was found last. */
static void save_log(struct monitor *m, bool keep)
{
	struct health_log *log = &m->health.log;
	const struct container_config *config = m->args.config;

	str_set(&log->status, health_status_names[m->health.course.status]);
	log->failing_streak = m->health.course.streak;
	int r = health_log_note(m->args.store, config->id, &config->health, log);
	m->health.unsaved = !keep;
	if (r == 0 && keep)
		r = health_log_save(m->args.store, config->id, &config->health, log);
	if (r < 0)
		log_debug("the health of %s cannot be written: %d", config->id, r);
}

static void log_entry(struct monitor *m, const struct check_result *result, const char *output,
		      size_t size)
{
	const struct health_config *config = config_of(m);
	size_t most = config->log_size > 0 ? (size_t)config->log_size : size;
	AUTO(mem) char *text = utf8_text(output, min_of(size, most));
	struct health_entry entry = {
		.start = clock_rfc3339(m->health.asked),
		.end = clock_rfc3339(clock_now()),
		.exit_code = result->outcome == CHECK_ENDED ? result->status : STATUS_NONE,
	};

	if (result->outcome == CHECK_TOO_LONG) {
		entry.output = str_fmt("the check took longer than %g s%s%s",
				       (double)m->health.timeout / CLOCK_SECOND, *text ? ": " : "",
				       text);
	} else {
		entry.output = take_ptr(text);
	}
	health_log_add(&m->health.log, &entry, config->log_count);
}

/* An event tells what a check changes; with podman's events logger every check is one. */
static void tell_check(const struct monitor *m, bool turned)
{
	const struct health_log *log = &m->health.log;
	bool all = config_of(m)->log_events && log->entries.count;

	if (!turned && !all)
		return;
	const char *output = all ? log->entries.items[log->entries.count - 1].output : "";
	AUTO(mem) char *status = str_fmt("health_status=%s", log->status);
	AUTO(mem) char *streak = str_fmt("health_failing_streak=%d", log->failing_streak);
	AUTO(mem) char *text = str_fmt("health_log=%s", output);
	const char *const details[] = { status, all ? streak : NULL, text, NULL };
	event_container(m->args.store, m->args.state, EVENT_HEALTH_STATUS, details);
}

/* Nobody may be asked to wait here: what it begins goes its own way. */
static void act(struct monitor *m)
{
	switch ((enum health_action)config_of(m)->on_failure) {
	case HEALTH_DO_KILL:
		control_kill(m);
		break;
	case HEALTH_DO_RESTART:
		rest_force(m);
		control_stop(m, 0, -1);
		break;
	case HEALTH_DO_STOP:
		rest_last(m, true);
		control_stop(m, 0, -1);
		break;
	case HEALTH_DO_NOTHING:
		break;
	}
}

static void take_result(struct monitor *m, const struct check_result *result, const char *output,
			size_t size)
{
	bool passed = result->outcome == CHECK_ENDED && result->status == 0;
	struct course *course = &m->health.course;

	log_entry(m, result, output, size);
	enum course_turn turn = course_judge(config_of(m), course, passed, up(m));
	save_log(m, turn == COURSE_TURNS);
	if (turn == COURSE_TURNS)
		note_status(m);
	tell_check(m, turn == COURSE_TURNS);
	wait_for_next(m);
	clients_each(m->clients, answer_one, &passed);
	if (turn == COURSE_GIVES_UP) {
		rest_force(m);
		control_stop(m, 0, -1);
	} else if (turn == COURSE_TURNS && course->status == HEALTH_UNHEALTHY) {
		act(m);
	}
}

static void end_check(struct monitor *m)
{
	loop_remove(take_ptr(m->health.source));
	fd_close(take_fd(m->health.sock));
}

static void checker_spoke(void *data, unused_arg uint32_t events)
{
	struct monitor *m = data;
	struct check_result result = { .outcome = CHECK_CANNOT };
	static const char lost[] = "the check was lost";
	char output[CHECK_OUTPUT_MAX];
	struct iovec parts[] = { { &result, sizeof result }, { output, sizeof output } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = array_len(parts) };

	ssize_t n = recvmsg(m->health.sock, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	end_check(m);
	if (n < (ssize_t)sizeof result)
		take_result(m, &(struct check_result){ .outcome = CHECK_CANNOT }, lost,
			    sizeof lost - 1);
	else
		take_result(m, &result, output, (size_t)n - sizeof result);
}

/* ---- asking ---- */

static int begin_check(struct monitor *m, struct err *err)
{
	const struct monitor_hooks *hooks = &m->args.hooks;
	struct health *health = &m->health;
	const struct strv *test = course_test(config_of(m), &health->course, &health->timeout);

	health->asked = clock_now();
	int r = hooks->check(hooks->data, test, health->timeout, &health->sock, err);
	if (r < 0)
		return r;
	r = loop_add(m->loop, health->sock, EPOLLIN, checker_spoke, m, &health->source);
	if (r == 0)
		return 0;
	fd_close(take_fd(health->sock));
	return err_sys(err, r, "cannot wait for the check");
}

static void time_has_come(void *data)
{
	struct monitor *m = data;
	AUTO(err) struct err err = { 0 };

	if (!may_check(m) || m->health.sock >= 0)
		return;
	if (begin_check(m, &err) < 0)
		take_result(m, &(struct check_result){ .outcome = CHECK_CANNOT }, err.text,
			    strlen(err.text));
}

int health_ask(struct monitor *m, struct client *c, struct err *err)
{
	if (!health_checked(config_of(m)))
		return err_set(err, -ENOENT, "container '%s' has no health check",
			       m->args.state->name);
	if (!may_check(m))
		return err_set(err, -ESRCH, "container '%s' is not running, or is paused",
			       m->args.state->name);
	int r = m->health.sock < 0 ? begin_check(m, err) : 0;
	if (r == 0)
		c->checks = true;
	return r;
}

/* ---- beginning and ending ---- */

int health_new(struct monitor *m, struct err *err)
{
	m->health.sock = -1;
	int r = loop_timer(m->loop, time_has_come, m, &m->health.timer);
	return r < 0 ? err_sys(err, r, "cannot make a timer") : 0;
}

void health_begin(struct monitor *m)
{
	bool checked = health_checked(config_of(m));

	health_log_clear(&m->health.log);
	str_set(&m->args.state->health, checked ? health_status_names[HEALTH_STARTING] : NULL);
	if (!checked)
		return;
	m->health.course = course_begin(config_of(m));
	save_log(m, true);
	wait_for_next(m);
}

void health_rest(struct monitor *m)
{
	if (!m->health.timer)
		return;
	(void)!loop_timer_set(m->health.timer, 0);
	end_check(m);
	if (m->health.unsaved)
		save_log(m, true);
	clients_each(m->clients, refuse_one, NULL);
}

void health_go_on(struct monitor *m)
{
	if (health_checked(config_of(m)) && may_check(m))
		wait_for_next(m);
}

void health_change(struct monitor *m)
{
	bool before = m->args.state->health != NULL, now = health_checked(config_of(m));

	health_rest(m);
	if (now && before)
		health_go_on(m);
	else
		health_begin(m);
}

void health_free(struct monitor *m)
{
	loop_remove(take_ptr(m->health.timer));
	end_check(m);
	health_log_clear(&m->health.log);
}
