/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record_state - reading records, and what a state means when its monitor may be gone
 *
 * A monitor writes its last state before its lock is free. So "runs, and nobody holds the lock" is
 * true only when the state is read again after the lock was seen free and still says so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "store/lock.h"
#include "store/record.h"

enum { LOST_EXIT_CODE = 137, USUAL_BYTES = 8192, RECORD_BYTES = 4 << 20 };

static int damaged(const char *id, const char *file, struct err *why, struct err *err)
{
	err_set(err, -EBADMSG, "the record of container '%.12s' is damaged (%s: %s)", id, file,
		str_or(why->text, "cannot be read"));
	err_clear(why);
	(void)err_hint(err, "its files are kept; remove it with: cubby rm -f %.12s", id);
	return -EBADMSG;
}

/* Most records fit a buffer on the stack: a listing reads a thousand of them. */
static int parse_file(int dir, const char *rel, cJSON **out, struct err *err)
{
	char usual[USUAL_BYTES];
	AUTO(fd) int fd = openat(dir, rel, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	ssize_t n = TEMP_FAILURE_RETRY(read(fd, usual, sizeof usual));
	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof usual)
		return json_parse(usual, (size_t)n, out, err);
	AUTO(mem) char *text = NULL;
	size_t size;
	int r = file_read(dir, rel, RECORD_BYTES, &text, &size);
	return r < 0 ? r : json_parse(text, size, out, err);
}

static int load(int dir, const char *rel, const struct jfield *table, void *out, struct err *why)
{
	AUTO(json) cJSON *json = NULL;
	int r = parse_file(dir, rel, &json, why);

	return r < 0 ? r : jfield_load(table, json, out, why);
}

static int no_record(const char *id, struct err *err)
{
	return err_set(err, -ENOENT, "no container with the id '%.12s'", id);
}

int record_config_left(const struct store *store, const char *temp, struct container_config **out)
{
	AUTO(err) struct err why = { 0 };
	AUTO(mem) char *rel = str_fmt("%s/config.json", temp);
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	int r = load(store->dir, rel, container_config_fields, config, &why);

	if (r < 0 || str_empty(config->name) || !config->id ||
	    !str_hex(config->id, CONTAINER_ID_HEX))
		return r < 0 ? r : -EBADMSG;
	*out = take_ptr(config);
	return 0;
}

int record_config_load(const struct store *store, const char *id, struct container_config **out,
		       struct err *err)
{
	AUTO(err) struct err why = { 0 };
	AUTO(mem) char *rel = str_fmt("containers/%s/config.json", id);
	AUTO(container_config) struct container_config *config = mem_new(struct container_config);
	int r = load(store->dir, rel, container_config_fields, config, &why);

	if (r == -ENOENT) {
		AUTO(mem) char *dir = str_fmt("containers/%s", id);
		if (faccessat(store->dir, dir, F_OK, 0) < 0)
			return no_record(id, err);
	}
	if (r == 0 && !str_eq(config->id, id))
		r = -EBADMSG;
	if (r == -EBADMSG || r == -ENOENT || r == -EFBIG)
		return damaged(id, "config.json", &why, err);
	if (r < 0)
		return err_sys(err, r, "cannot read the record of container '%.12s'", id);
	*out = take_ptr(config);
	return 0;
}

static int status_parse(const char *name, enum container_status *out)
{
	for (int i = 0; name && container_status_names[i]; i++)
		if (str_eq(name, container_status_names[i])) {
			*out = (enum container_status)i;
			return 0;
		}
	return -EBADMSG;
}

/* @dir is containers/ and @id the record's name in it. */
static int stored(int dir, const char *id, struct container_state **out, struct err *why)
{
	char rel[CONTAINER_ID_HEX + sizeof "/state.json"];
	AUTO(container_state) struct container_state *state = mem_new(struct container_state);

	(void)snprintf(rel, sizeof rel, "%.*s/state.json", CONTAINER_ID_HEX, id);
	int r = load(dir, rel, container_state_fields, state, why);
	if (r == 0)
		r = status_parse(state->status_name, &state->status);
	if (r == 0 && !str_eq(state->id, id))
		r = -EBADMSG;
	if (r < 0)
		return r;
	*out = take_ptr(state);
	return 0;
}

static int open_containers(const struct store *store, struct err *err)
{
	int dir = openat(store->dir, "containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		return dir;
	return err_sys(err, -errno, "cannot read '%s/containers'", store->path);
}

static int state_failed(int dir, const char *id, int code, struct err *why, struct err *err)
{
	if (code == -ENOENT && faccessat(dir, id, F_OK, 0) < 0)
		return no_record(id, err);
	if (code == -EBADMSG || code == -ENOENT || code == -EFBIG)
		return damaged(id, "state.json", why, err);
	return err_sys(err, code, "cannot read the state of container '%.12s'", id);
}

int record_state_stored(const struct store *store, const char *id, struct container_state **out,
			struct err *err)
{
	AUTO(err) struct err why = { 0 };
	AUTO(fd) int dir = open_containers(store, err);

	if (dir < 0)
		return dir;
	int r = stored(dir, id, out, &why);
	return r < 0 ? state_failed(dir, id, r, &why, err) : 0;
}

static bool active(const struct container_state *state)
{
	return state->status == CONTAINER_RUNNING || state->status == CONTAINER_PAUSED ||
	       state->status == CONTAINER_RESTARTING;
}

static bool here(const struct store *store, const struct container_state *state)
{
	return str_eq(state->host_id, store->host_id);
}

bool record_lost(const struct store *store, const struct container_state *state)
{
	if (!active(state) || !here(store, state))
		return false;
	return !str_eq(state->boot_id, store->boot_id) || liveness_ask(store, state->id) == 0;
}

bool record_abandoned(const struct store *store, const struct container_state *state)
{
	return state->remove && state->status == CONTAINER_EXITED && here(store, state) &&
	       liveness_ask(store, state->id) == 0;
}

static void show_lost(const struct store *store, int dir, struct container_state *state)
{
	AUTO(mem) char *rel = str_fmt("%s/state.json", state->id);
	struct stat st;
	bool reboot = !str_eq(state->boot_id, store->boot_id);

	state->status = CONTAINER_EXITED;
	str_set(&state->status_name, container_status_names[CONTAINER_EXITED]);
	state->exit_code = LOST_EXIT_CODE;
	state->pid = state->monitor_pid = 0;
	state->paused = 0;
	strv_clear(&state->ports);
	str_set(&state->error,
		reboot ? "the machine was restarted while it ran" : "its monitor was killed");
	/* When it ended nobody saw: not before its state was written last. */
	if (fstatat(dir, rel, &st, 0) == 0)
		state->finished = max_of(state->started, (int64_t)st.st_mtim.tv_sec * CLOCK_SECOND +
								 st.st_mtim.tv_nsec);
}

/* The state as it is in effect. */
static int effective(const struct store *store, int dir, const char *id,
		     struct container_state **out, struct err *why)
{
	AUTO(container_state) struct container_state *state = NULL;
	int r = stored(dir, id, &state, why);

	if (r == 0 && record_lost(store, state)) {
		container_state_free(take_ptr(state));
		r = stored(dir, id, &state, why);
		if (r == 0 && record_lost(store, state))
			show_lost(store, dir, state);
	}
	if (r < 0)
		return r;
	*out = take_ptr(state);
	return 0;
}

int record_state_load(const struct store *store, const char *id, struct container_state **out,
		      struct err *err)
{
	AUTO(err) struct err why = { 0 };
	AUTO(fd) int dir = open_containers(store, err);

	if (dir < 0)
		return dir;
	int r = effective(store, dir, id, out, &why);
	return r < 0 ? state_failed(dir, id, r, &why, err) : 0;
}

/* What fails for want of something of ours says nothing about the record. */
static bool want_of_ours(int code)
{
	return code == -EMFILE || code == -ENFILE || code == -ENOMEM;
}

static int each_one(const struct store *store, int dir, const char *id, record_fn fn, void *data,
		    struct err *err)
{
	struct container_state *state = NULL;
	int r = effective(store, dir, id, &state, NULL);

	if (want_of_ours(r))
		return state_failed(dir, id, r, NULL, err);
	if (r < 0 && faccessat(dir, id, F_OK, 0) < 0)
		return 0; /* removed while we walked */
	return fn(data, id, r < 0 ? NULL : state);
}

int record_each_wanted(const struct store *store, record_wanted_fn wanted, record_fn fn, void *data,
		       struct err *err)
{
	int fd = open_containers(store, err);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r = 0;

	if (fd < 0)
		return fd;
	if (!dir) {
		fd_close(fd);
		return err_set(err, -ENOMEM, "cannot read '%s/containers'", store->path);
	}
	for (struct dirent *e = readdir(dir); e && r == 0; e = readdir(dir))
		if (str_hex(e->d_name, CONTAINER_ID_HEX) && wanted(data, e->d_name))
			r = each_one(store, dirfd(dir), e->d_name, fn, data, err);
	closedir(dir);
	return r;
}

static bool every(unused_arg void *data, unused_arg const char *id)
{
	return true;
}

int record_each_state(const struct store *store, record_fn fn, void *data, struct err *err)
{
	return record_each_wanted(store, every, fn, data, err);
}
