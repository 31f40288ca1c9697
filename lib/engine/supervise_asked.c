/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise_asked - what the monitor of a container is asked for while it lives
 *
 * Each is a hook of the monitor's loop: somebody connected and wants something, a helper or a process has
 * ended, or the container itself has, which may come up once more.
 */
#include "engine/supervised.h"

#include <errno.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/checker.h"
#include "engine/hookrun.h"
#include "engine/remove.h"
#include "monitor/exit.h"
#include "store/lock.h"
#include "store/record.h"

/* Whether a mount of the container keeps a file system of the host busy, or lies in its folder. */
static bool holds_host(const struct container_config *config)
{
	return config->mounts.count > 0 || config->secrets.count > 0 || config->rootfs;
}

/* The last of them find nothing of the container. */
static bool has_hooks(const struct supervised *s)
{
	return s->spec && s->spec->hooks.count;
}

/* Mounts that nobody will ever see again need not be awaited by those who wait for the end. */
static void ended(void *data, bool again)
{
	struct supervised *s = data;

	if (!again)
		wiring_end(&s->wiring);
	if (!s->config->remove || holds_host(s->config) || has_hooks(s)) {
		supervised_end(s, again);
		return;
	}
	supervised_end_network(s);
	supervised_end_others(s);
	if (!again)
		supervised_end_group(s);
}

/* What it shares with others is looked up anew: they may have been started again as well. */
static int again(void *data, int *out_status, struct err *err)
{
	struct supervised *s = data;
	AUTO(fd) int lock = -1;

	/* Tried, never waited for: who holds it may be waiting for our answer. */
	int r = lock_take(s->args->engine->store, LOCK_CONTAINER, s->config->id,
			  LOCK_EXCLUSIVE | LOCK_TRY, &lock, err);
	if (r == -EAGAIN)
		return -EINPROGRESS;
	if (r < 0)
		return r;
	supervised_let_go(s);
	s->started = false;
	/* The mark of an overlay that is never synced (--rm) forbids a further mount of it, because the
	 * machine may have gone down meanwhile: here it has not. */
	(void)!file_tree_remove(s->dir, "work/work/incompat"); /* else mounting says so */
	container_config_free(take_ptr(s->fresh_config));
	r = record_config_load(s->args->engine->store, s->config->id, &s->fresh_config, err);
	if (r == 0)
		r = joins_renew(s->args->engine, s->config, &s->joins, err);
	if (r == 0)
		r = supervised_up(s, err);
	if (r == 0)
		return 0;
	*out_status = run_exit_status(r, s->started);
	supervised_end(s, true);
	return r;
}

/* Before who started it hears of it. */
static void running(void *data)
{
	struct supervised *s = data;

	hookrun_told(s->args->engine->store, s->args->state, s->spec, RUNTIME_HOOK_POSTSTART,
		     &s->caller);
}

static void helper_ended(void *data, int pidfd)
{
	struct supervised *s = data;
	AUTO(err) struct err err = { 0 };

	int at = 0;
	while (plug_helper(&s->plug, at) >= -1 && plug_helper(&s->plug, at) != pidfd)
		at++;
	if (plug_helper(&s->plug, at) < 0)
		return;
	if (plug_again(&s->plug, pidfd, s->args->engine->host, s->config, s->args->state,
		       run_namespace(s->container, "net"), &err) == 0)
		supervised_watch_helper(s, at);
	else
		log_debug("the network of %s is lost: %s", s->config->name, err.text);
}

static int connect_network(void *data, const char *json, size_t size, const int *fds, size_t count,
			   struct err *err)
{
	struct supervised *s = data;

	return wiring_connect(&s->wiring, json, size, fds, count, err);
}

static int disconnect_network(void *data, const char *network, struct err *err)
{
	struct supervised *s = data;

	return wiring_disconnect(&s->wiring, network, err);
}

static void renamed(void *data)
{
	struct supervised *s = data;

	wiring_renamed(&s->wiring);
}

/* The networks' limits count at once; the rest is for the next start. */
static int changed(void *data, const struct container_config *config, struct err *err)
{
	struct supervised *s = data;

	return plug_limit(&s->plug, config->network_rate, s->wiring.netns, err);
}

static int remove_record(void *data, struct err *err)
{
	struct supervised *s = data;

	return container_take_away(s->args->engine, s->config, &s->gone, err);
}

static int check_health(void *data, const struct strv *test, int64_t timeout, int *out_sock,
			struct err *err)
{
	struct supervised *s = data;
	struct checker_args args = {
		.spec = supervised_spec(s, run_root(s->container), err),
		.target = supervised_target(s),
		.test = test,
		.shell = &s->config->health.shell,
		.timeout = timeout,
		.notice = plug_notice(&s->plug),
	};

	return checker_start(&args, out_sock, err);
}

/* Nobody waited for it, but its end is told. */
static void reaped(void *data, int pid, int status)
{
	struct supervised *s = data;

	detached_reaped(&s->detached, s->args->engine->store, s->args->state, pid, status);
}

static int start_detached(void *data, const char *text, size_t size, int *out_status,
			  struct err *err)
{
	struct supervised *s = data;
	const struct detached_args args = {
		.store = s->args->engine->store,
		.state = s->args->state,
		.config = s->config,
		.spec = supervised_spec(s, run_root(s->container), err),
		.target = supervised_target(s),
		.notice = plug_notice(&s->plug),
	};

	return detached_start(&s->detached, &args, text, size, out_status, err);
}

struct monitor_hooks supervised_hooks(struct supervised *s)
{
	return (struct monitor_hooks){
		.data = s,
		.exec = start_detached,
		.check = check_health,
		.reaped = reaped,
		.helper_ended = helper_ended,
		.connect = connect_network,
		.disconnect = disconnect_network,
		.renamed = renamed,
		.changed = changed,
		.running = running,
		.ended = ended,
		.again = again,
		.remove = remove_record,
	};
}
