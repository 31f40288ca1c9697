/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * logs - reading what containers said
 */
#include "engine/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"
#include "monitor/journalread.h"
#include "monitor/logattrs.h"
#include "monitor/logoptions.h"
#include "store/container.h"
#include "store/record.h"

/* One container's log being read, from files or from the journal. */
struct source {
	struct engine *engine;
	const struct logs_hooks *hooks;
	size_t which;
	const char *id; /* borrowed */
	struct logread *files;
	struct journalread *journal;
	int monitor; /* pidfd while it is followed; -1: no more will come */
};

struct sources {
	struct source *items;
	size_t count;
	struct pollfd *fds; /* two for each */
};

static void auto_sources(struct sources *all)
{
	for (size_t i = 0; i < all->count; i++) {
		logread_close(all->items[i].files);
		journalread_close(all->items[i].journal);
		fd_close(all->items[i].monitor);
	}
	free(all->items);
	free(all->fds);
}

/* Return: pidfd of a monitor that can be followed, or -1. */
static int find_monitor(struct engine *engine, const char *id)
{
	AUTO(container_state) struct container_state *state = NULL;

	if (record_state_load(engine->store, id, &state, NULL) < 0 || state->monitor_pid <= 0 ||
	    (state->status != CONTAINER_RUNNING && state->status != CONTAINER_PAUSED &&
	     state->status != CONTAINER_RESTARTING) ||
	    !str_eq(state->host_id, engine->store->host_id))
		return -1;
	int pidfd = proc_open(state->monitor_pid, (uint64_t)state->monitor_start);
	return pidfd < 0 ? -1 : pidfd;
}

static int open_source(struct source *s, const struct container_config *config,
		       const struct logs_options *options, struct err *err)
{
	struct log_options log;

	int r = log_options_parse(config->log_driver, &config->log_options, &log, err);
	if (r < 0)
		return r;
	if (log.driver == LOG_NONE || log.driver == LOG_PASSTHROUGH)
		return err_set(err, -EOPNOTSUPP,
			       "the log driver '%s' of container '%s' keeps nothing to read",
			       log_driver_names[log.driver], config->name);
	if (options->follow)
		s->monitor = find_monitor(s->engine, s->id);
	const struct logread_options read = {
		.driver = log.driver,
		.path = log.path,
		.since = options->since,
		.until = options->until,
		.tail = options->tail,
		.follow = s->monitor >= 0,
	};
	if (log.driver == LOG_JOURNALD)
		return journalread_open(s->id, &read, &s->journal, err);
	AUTO(mem) char *path = store_container_path(s->engine->store, s->id, NULL);
	AUTO(fd) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, -errno, "cannot open the folder of container '%s'",
			       config->name);
	return logread_open(dir, &read, &s->files, err);
}

static int take_line(void *data, const struct logread_line *line)
{
	const struct source *s = data;

	return s->hooks->line(s->hooks->data, s->which, line);
}

/* The journal may be behind: when a run is over, up to its last record is waited for. */
static int read_rest(struct source *s, struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;

	if (s->monitor >= 0 || !s->journal ||
	    record_state_load(s->engine->store, s->id, &state, NULL) < 0)
		return 0;
	return journalread_rest(s->journal, state->started, state->log_entries, take_line, s, err);
}

/* Return: as logread_more(). */
static int read_more(struct source *s, struct err *err)
{
	int r = s->journal ? journalread_more(s->journal, take_line, s, err)
			   : logread_more(s->files, take_line, s, err);

	return r == 0 ? read_rest(s, err) : r;
}

static void stop_following(struct source *s)
{
	fd_close(s->monitor);
	s->monitor = -1;
}

static int open_all(struct engine *engine, const struct strv *ids,
		    const struct logs_options *options, const struct logs_hooks *hooks,
		    struct sources *all, struct err *err)
{
	all->items = mem_alloc(ids->count + 1, sizeof *all->items);
	all->fds = mem_alloc(2 * ids->count + 1, sizeof *all->fds);
	for (size_t i = 0; i < ids->count; i++) {
		struct source *s = &all->items[all->count++];
		AUTO(container_config) struct container_config *config = NULL;
		*s = (struct source){ .engine = engine,
				      .hooks = hooks,
				      .which = i,
				      .id = ids->items[i],
				      .monitor = -1 };
		int r = record_config_load(engine->store, s->id, &config, err);
		if (r == 0)
			r = open_source(s, config, options, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int milliseconds_left(const struct logs_options *options)
{
	if (!options->until)
		return -1;
	int64_t left = options->until - clock_now();
	return left <= 0 ? 0 : (int)min_of(left / 1000000 + 1, INT64_C(1000000));
}

/* Return: how many are still followed. */
static size_t watch(struct sources *all)
{
	size_t followed = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct source *s = &all->items[i];
		int news = s->journal ? journalread_fd(s->journal) : logread_fd(s->files);
		followed += s->monitor >= 0;
		/* poll(2) passes over what is negative. */
		all->fds[2 * i] =
			(struct pollfd){ .fd = s->monitor < 0 ? -1 : news, .events = POLLIN };
		all->fds[2 * i + 1] = (struct pollfd){ .fd = s->monitor, .events = POLLIN };
	}
	return followed;
}

/* Reads where there is news; what a container wrote before its end is read after that was seen. */
static int follow_once(struct sources *all, bool last, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		struct source *s = &all->items[i];
		bool ended = all->fds[2 * i + 1].revents || last;
		if (s->monitor < 0 || (!all->fds[2 * i].revents && !ended))
			continue;
		if (ended)
			stop_following(s);
		int r = read_more(s, err);
		if (r < 0)
			return r;
		if (r > 0)
			stop_following(s);
	}
	return 0;
}

static int follow(struct sources *all, const struct logs_options *options,
		  const struct logs_hooks *hooks, struct err *err)
{
	while (watch(all)) {
		hooks->idle(hooks->data);
		int n = poll(all->fds, 2 * all->count, milliseconds_left(options));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, -errno, "cannot follow the log");
		int r = follow_once(all, n == 0 && milliseconds_left(options) == 0, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int container_logs(struct engine *engine, const struct strv *ids,
		   const struct logs_options *options, const struct logs_hooks *hooks,
		   struct err *err)
{
	AUTO(sources) struct sources all = { 0 };

	int r = open_all(engine, ids, options, hooks, &all, err);
	for (size_t i = 0; i < all.count && r >= 0; i++) {
		r = read_more(&all.items[i], err);
		if (r > 0)
			stop_following(&all.items[i]);
	}
	return r < 0 ? r : follow(&all, options, hooks, err);
}

int container_log_details(struct engine *engine, const char *id, struct strv *out, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	struct log_options options;

	int r = record_config_load(engine->store, id, &config, err);
	if (r == 0)
		r = log_options_parse(config->log_driver, &config->log_options, &options, err);
	return r == 0 ? log_attrs(&options, config, out, err) : r;
}
