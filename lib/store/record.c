/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record - the records of containers: made, found, changed, removed
 *
 * A name is claimed first and the record appears second, both under the name's lock: so a name without
 * its record is what a killed command left, and may be taken over. Reading states is record_state.c.
 */
#include "store/record.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "store/lock.h"
#include "store/temp.h"

#define RENAME_NOTE "rename" /* in a temporary folder: the id, the old and the new name */

enum { NAME_LONGEST = 200, NOTE_BYTES = 1024 };

char *record_new_id(void)
{
	unsigned char random[CONTAINER_ID_HEX / 2];
	char *id = mem_alloc(CONTAINER_ID_HEX + 1, 1);

	bug_unless(getrandom(random, sizeof random, 0) == sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		(void)snprintf(id + 2 * i, 3, "%02x", random[i]);
	return id;
}

int record_check_name(const char *name, struct err *err)
{
	bool good = isalnum((unsigned char)name[0]) && strlen(name) <= NAME_LONGEST;

	for (const char *c = name; *c && good; c++)
		good = isascii(*c) && (isalnum((unsigned char)*c) || strchr("_.-", *c));
	if (good)
		return 0;
	return err_set(err, -EINVAL,
		       "invalid name '%s': names begin with a letter or digit, followed by "
		       "letters, digits, '_', '.' and '-'",
		       name);
}

/* ---- names ------------------------------------------------------------------------------------ */

char *record_holder(const struct store *store, const char *name)
{
	AUTO(mem) char *link = str_fmt("names/%s", name);
	char id[CONTAINER_ID_HEX + 2];
	ssize_t n = readlinkat(store->dir, link, id, sizeof id);

	if (n != CONTAINER_ID_HEX)
		return NULL;
	id[n] = 0;
	AUTO(mem) char *dir = str_fmt("containers/%s", id);
	if (!str_hex(id, CONTAINER_ID_HEX) || faccessat(store->dir, dir, F_OK, 0) < 0)
		return NULL;
	return str_dup(id);
}

/*
 * The caller holds LOCK_NAME: what does not lead to a record is left over, and so is a name that leads
 * to this one already, which has another.
 */
static int name_claim(const struct store *store, const char *name, const char *id,
		      const char *before, struct err *err)
{
	AUTO(mem) char *link = str_fmt("names/%s", name);
	AUTO(mem) char *holder = record_holder(store, name);

	if (str_eq(holder, id) && !str_eq(before, name))
		return 0;
	if (holder) {
		err_set(err, -EEXIST, "the container name '%s' is already in use by %s", name,
			holder);
		(void)err_hint(err, "remove or rename that container, or use --replace");
		return -EEXIST;
	}
	if (symlinkat(id, store->dir, link) == 0)
		return 0;
	if (errno == EEXIST && unlinkat(store->dir, link, 0) == 0 &&
	    symlinkat(id, store->dir, link) == 0)
		return 0;
	return err_sys(err, -errno, "cannot take the name '%s'", name);
}

/* Moving a link away is much cheaper than freeing it: a removal leaves that for later. */
static bool name_move(const struct store *store, const char *link, const struct temp *into)
{
	AUTO(mem) char *to = into ? str_fmt("%s/name", into->rel) : NULL;

	return to && renameat(store->dir, link, store->dir, to) == 0;
}

static void name_drop(const struct store *store, const char *name, const char *id,
		      const struct temp *into)
{
	AUTO(mem) char *link = str_fmt("names/%s", name);
	char target[CONTAINER_ID_HEX + 2];
	ssize_t n = readlinkat(store->dir, link, target, sizeof target);

	if (n == CONTAINER_ID_HEX && !strncmp(target, id, CONTAINER_ID_HEX) &&
	    !name_move(store, link, into))
		(void)unlinkat(store->dir, link, 0); /* the record's absence frees it as well */
}

/* ---- making ----------------------------------------------------------------------------------- */

static char *config_text(const struct container_config *config)
{
	AUTO(json) cJSON *json = jfield_save(container_config_fields, config);

	return json_print(json, 0);
}

static char *joined_command(const struct container_config *config)
{
	AUTO(strv) struct strv words = { 0 };

	strv_extend(&words, &config->entrypoint);
	strv_extend(&words, &config->command);
	return str_join(&words, " ");
}

static struct container_state *first_state(const struct container_config *config)
{
	struct container_state *state = mem_new(struct container_state);

	state->status = CONTAINER_CREATED;
	state->id = str_dup(config->id);
	state->name = str_dup(config->name);
	state->image_name = str_dup(str_or(config->image_name, config->rootfs));
	state->image_id = str_dup(config->image_id);
	state->command = joined_command(config);
	state->created = config->created;
	strv_extend(&state->labels, &config->labels);
	container_config_mounts(config, &state->mounts);
	container_state_networks(state, config);
	state->restart = str_dup(config->restart);
	if (health_checked(&config->health))
		state->health = str_dup(health_status_names[HEALTH_STARTING]);
	state->remove = config->remove;
	state->build = config->build;
	state->tty = config->tty;
	return state;
}

static char *state_text(const struct container_state *state)
{
	AUTO(json) cJSON *json = jfield_save(container_state_fields, state);

	cJSON_DeleteItemFromObjectCaseSensitive(json, "status");
	cJSON_AddItemToObject(json, "status",
			      cJSON_CreateString(container_status_names[state->status]));
	return json_print(json, 0);
}

static int write_text(int dir, const char *name, const char *text)
{
	return file_write(dir, name, 0600, text, strlen(text));
}

static int write_record(int dir, const struct container_config *config, const char *const *files)
{
	AUTO(container_state) struct container_state *state = first_state(config);
	AUTO(mem) char *about = config_text(config);
	AUTO(mem) char *now = state_text(state);
	int r = write_text(dir, "config.json", about);

	if (r == 0)
		r = write_text(dir, "state.json", now);
	if (r == 0)
		r = write_text(dir, "alive", "");
	for (; r == 0 && files && *files; files += 2)
		r = write_text(dir, files[0], files[1]);
	return r;
}

static int prepare(const struct store *store, const struct container_config *config,
		   const char *const *files, struct temp **out, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	int r = temp_dir(store, 0700, &temp, err);

	if (r < 0)
		return r;
	AUTO(fd) int dir = openat(store->dir, temp->rel, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir < 0 ? -errno : write_record(dir, config, files);
	if (r < 0) {
		(void)!temp_remove(store, temp); /* the first failure is the one to tell */
		return err_sys(err, r, "cannot write the record of '%s'", config->name);
	}
	*out = take_ptr(temp);
	return 0;
}

int record_create(const struct store *store, const struct container_config *config,
		  const char *const *files, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	AUTO(fd) int lock = -1;
	AUTO(mem) char *rel = str_fmt("containers/%s", config->id);

	int r = record_check_name(config->name, err);
	if (r == 0)
		r = store_check_writable(store, err);
	if (r == 0)
		r = prepare(store, config, files, &temp, err);
	if (r < 0)
		return r;
	r = lock_take(store, LOCK_NAME, config->name, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = name_claim(store, config->name, config->id, config->name, err);
	if (r == 0) {
		r = temp_commit(store, temp, rel, err);
		if (r < 0)
			name_drop(store, config->name, config->id, NULL);
	}
	if (r < 0)
		(void)!temp_remove(store, temp);
	return r;
}

/* ---- changing --------------------------------------------------------------------------------- */

int record_config_save(const struct store *store, const struct container_config *config,
		       struct err *err)
{
	AUTO(mem) char *rel = str_fmt("containers/%s/config.json", config->id);
	AUTO(mem) char *text = config_text(config);
	int r = file_replace(store->dir, rel, 0600, text, strlen(text), false);

	return r < 0 ? err_sys(err, r, "cannot change the record of '%s'", config->name) : 0;
}

int record_state_save(const struct store *store, const struct container_state *state, bool durable,
		      struct err *err)
{
	AUTO(mem) char *rel = str_fmt("containers/%s/state.json", state->id);
	AUTO(mem) char *text = state_text(state);
	int r = file_replace(store->dir, rel, 0600, text, strlen(text), durable);

	return r < 0 ? err_sys(err, r, "cannot change the state of '%s'",
			       str_or(state->name, state->id))
		     : 0;
}

/* The state repeats the name; while a monitor lives it alone writes there. */
static int rename_state(const struct store *store, const char *id, const char *name,
			struct err *err)
{
	AUTO(container_state) struct container_state *state = NULL;

	if (liveness_ask(store, id) == 1)
		return 0;
	int r = record_state_stored(store, id, &state, err);
	if (r < 0)
		return r;
	str_set(&state->name, name);
	return record_state_save(store, state, false, err);
}

/* Both names lead to the record for a moment. Who is killed then has written that down. */
static int rename_note(const struct store *store, const char *id, const char *before,
		       const char *name, struct temp **out, struct err *err)
{
	AUTO(temp) struct temp *note = NULL;
	AUTO(mem) char *text = str_fmt("%s\n%s\n%s\n", id, before, name);
	int r = temp_dir(store, 0700, &note, err);

	if (r < 0)
		return r;
	AUTO(mem) char *rel = str_fmt("%s/" RENAME_NOTE, note->rel);
	r = write_text(store->dir, rel, text);
	if (r < 0) {
		(void)!temp_remove(store, note); /* else a sweep does it */
		return err_sys(err, r, "cannot rename the container '%s'", before);
	}
	*out = take_ptr(note);
	return 0;
}

/* The name to give up. A rename that was killed late has left it to the state alone. */
static char *name_before(const struct store *store, const struct container_config *config,
			 const char *name)
{
	AUTO(container_state) struct container_state *state = NULL;

	if (str_eq(config->name, name) &&
	    record_state_stored(store, config->id, &state, NULL) == 0 && !str_empty(state->name))
		return str_dup(state->name);
	return str_dup(config->name);
}

static int rename_names(const struct store *store, struct container_config *config,
			const char *before, const char *name, struct err *err)
{
	AUTO(fd) int lock = -1;

	int r = lock_take(store, LOCK_NAME, name, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = name_claim(store, name, config->id, before, err);
	if (r < 0)
		return r;
	str_set(&config->name, name);
	r = record_config_save(store, config, err);
	if (r == 0)
		r = rename_state(store, config->id, name, err);
	/* Its own name, which was lost, may be given again. */
	if (r < 0 || !str_eq(before, name))
		name_drop(store, r < 0 ? name : before, config->id, NULL);
	return r;
}

int record_rename(const struct store *store, const char *id, const char *name, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(temp) struct temp *note = NULL;

	int r = record_check_name(name, err);
	if (r == 0)
		r = record_config_load(store, id, &config, err);
	if (r < 0)
		return r;
	AUTO(mem) char *before = name_before(store, config, name);
	r = rename_note(store, id, before, name, &note, err);
	if (r < 0)
		return r;
	r = rename_names(store, config, before, name, err);
	(void)!temp_remove(store, note); /* else a sweep does it */
	return r;
}

/* ---- removing --------------------------------------------------------------------------------- */

/*
 * After the record has gone, its name counts as free: somebody may take it over between our look at it and
 * its going, unless we hold its lock.
 */
static void name_release(const struct store *store, const char *name, const char *id,
			 const struct temp *into)
{
	AUTO(fd) int lock = -1;

	if (lock_take(store, LOCK_NAME, name, LOCK_EXCLUSIVE, &lock, NULL) == 0)
		name_drop(store, name, id, into);
}

/* For a damaged record, whose name nobody knows: every name that leads to it. */
static void release_all_names(const struct store *store, const char *id)
{
	int fd = openat(store->dir, "names", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		fd_close(fd);
		return;
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (e->d_name[0] != '.')
			name_release(store, e->d_name, id, NULL);
	closedir(dir);
}

static int remove_in_place(const struct store *store, const char *rel, int code, struct err *err)
{
	int r = file_tree_remove(store->dir, rel);

	if (r == 0)
		return 0;
	return err_sys(err, code, "cannot remove '%s/%s'", store->path, rel);
}

/* The record goes by one rename: a removal that is killed has happened or not. */
int record_take(const struct store *store, const char *id, struct temps *out, struct err *err)
{
	AUTO(container_config) struct container_config *config = NULL;
	struct temp *temp = NULL;
	AUTO(mem) char *rel = str_fmt("containers/%s", id);

	int r = record_config_load(store, id, &config, NULL);
	if (r == -ENOENT)
		return err_set(err, r, "no container with the id '%.12s'", id);
	r = temp_take(store, rel, &temp, err);
	if (r == -ENOENT)
		return r;
	if (r < 0)
		r = remove_in_place(store, rel, r, err);
	if (r < 0)
		return r;
	if (temp)
		*vec_push(out) = temp;
	if (config)
		name_release(store, config->name, id, temp);
	else
		release_all_names(store, id);
	return 0;
}

int record_remove(const struct store *store, const char *id, struct err *err)
{
	AUTO(temps) struct temps gone = { 0 };
	int r = record_take(store, id, &gone, err);

	if (r < 0)
		return r;
	r = temps_remove(store, &gone);
	return r < 0 ? err_sys(err, r, "cannot remove all files of '%.12s'", id) : r;
}

/* ---- what killed commands leave --------------------------------------------------------------- */

static void drop_left(const struct store *store, const char *name, const char *id)
{
	AUTO(fd) int lock = -1;

	if (record_check_name(name, NULL) == 0 &&
	    lock_take(store, LOCK_NAME, name, LOCK_EXCLUSIVE | LOCK_TRY, &lock, NULL) == 0)
		name_drop(store, name, id, NULL);
}

/* A record on its way in or out: its name leads nowhere. */
static int settle_record(const struct store *store, const char *temp)
{
	AUTO(container_config) struct container_config *config = NULL;

	if (record_config_left(store, temp, &config) < 0)
		return 0;
	AUTO(mem) char *dir = str_fmt("containers/%s", config->id);
	if (faccessat(store->dir, dir, F_OK, 0) < 0)
		drop_left(store, config->name, config->id);
	return 0;
}

/* The configuration says which of the two names holds. A monitor that lives keeps its own copy of it. */
static int settle_rename(const struct store *store, const char *note)
{
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(strv) struct strv words = { 0 };
	AUTO(fd) int lock = -1;

	strv_split(&words, note, '\n');
	if (words.count < 3 || !str_hex(words.items[0], CONTAINER_ID_HEX))
		return 0;
	const char *id = words.items[0];
	if (lock_take(store, LOCK_CONTAINER, id, LOCK_EXCLUSIVE | LOCK_TRY, &lock, NULL) < 0 ||
	    liveness_ask(store, id) == 1)
		return -EBUSY;
	if (record_config_load(store, id, &config, NULL) == 0)
		(void)!rename_state(store, id, config->name, NULL); /* a listing shows the other */
	for (size_t i = 1; i < 3; i++)
		if (!config || !str_eq(words.items[i], config->name))
			drop_left(store, words.items[i], id);
	return 0;
}

int record_settle(const struct store *store, const char *temp)
{
	AUTO(mem) char *rel = str_fmt("%s/" RENAME_NOTE, temp);
	AUTO(mem) char *note = NULL;

	if (file_read(store->dir, rel, NOTE_BYTES, &note, NULL) == 0)
		return settle_rename(store, note);
	return settle_record(store, temp);
}

/* ---- finding ---------------------------------------------------------------------------------- */

int record_list(const struct store *store, struct strv *out, struct err *err)
{
	int fd = openat(store->dir, "containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		return err_sys(err, r, "cannot read '%s/containers'", store->path);
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (str_hex(e->d_name, CONTAINER_ID_HEX))
			strv_add(out, e->d_name);
	closedir(dir);
	return 0;
}

static int no_container(const char *text, struct err *err)
{
	err_set(err, -ENOENT, "no container named '%s'", text);
	(void)err_hint(err, "list all containers with: cubby ps -a");
	return -ENOENT;
}

/* A whole id is asked for by its name: scripts that keep what `run -d` printed need no listing. */
static bool is_there(const struct store *store, const char *id)
{
	AUTO(mem) char *rel = str_fmt("containers/%s", id);

	return faccessat(store->dir, rel, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Return: how many of the ids begin so; the last of them in @out. */
static size_t count_prefix(const struct strv *ids, const char *text, const char **out,
			   const char **out_other)
{
	size_t count = 0;

	for (size_t i = 0; i < ids->count; i++) {
		if (!str_starts(ids->items[i], text))
			continue;
		*out_other = *out;
		*out = ids->items[i];
		count++;
	}
	return count;
}

/* What was listed before helps to find, never to say that something is not there. */
static int resolve_prefix(const struct store *store, struct strv *listing, const char *text,
			  char **out_id, struct err *err)
{
	const char *found = NULL, *other = NULL;

	if (count_prefix(listing, text, &found, &other) != 1 || !is_there(store, found)) {
		strv_clear(listing);
		int r = record_list(store, listing, err);
		if (r < 0)
			return r;
		found = other = NULL;
		if (count_prefix(listing, text, &found, &other) > 1)
			return err_set(err, -ENOTUNIQ,
				       "'%s' is the beginning of several containers' ids: %.12s, "
				       "%.12s",
				       text, other, found);
	}
	if (!found)
		return no_container(text, err);
	*out_id = str_dup(found);
	return 0;
}

int record_resolve_listed(const struct store *store, struct strv *listing, const char *text,
			  char **out_id, struct err *err)
{
	const char *name = text[0] == '/' ? text + 1 : text; /* as docker's inspect shows it */
	char *holder = record_check_name(name, NULL) == 0 ? record_holder(store, name) : NULL;

	if (holder) {
		*out_id = holder;
		return 0;
	}
	if (str_hex(text, CONTAINER_ID_HEX) && is_there(store, text)) {
		*out_id = str_dup(text);
		return 0;
	}
	if (!str_hex(text, 0) || strlen(text) > CONTAINER_ID_HEX)
		return no_container(text, err);
	return resolve_prefix(store, listing, text, out_id, err);
}

int record_resolve(const struct store *store, const char *text, char **out_id, struct err *err)
{
	AUTO(strv) struct strv listing = { 0 };

	return record_resolve_listed(store, &listing, text, out_id, err);
}
