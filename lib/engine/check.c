/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check - whether the store is in order: containers, names, volumes, networks, leftovers
 *
 * Images, blobs and layers are check_images.c.
 */
#include "engine/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "engine/outer.h"
#include "engine/remove.h"
#include "store/lock.h"
#include "store/network.h"
#include "store/record.h"
#include "store/sweep.h"
#include "store/volume.h"

void check_add(struct check_report *report, char *what, bool mended, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	*vec_push(report) = (struct check_item){
		.what = what,
		.text = str_vfmt(fmt, args),
		.mended = mended,
	};
	va_end(args);
}

void check_add_spare(struct check_report *report, char *what, bool mended, const char *text)
{
	check_add(report, what, mended, "%s", text);
	report->items[report->count - 1].spare = true;
}

void check_report_clear(struct check_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->items[i].what);
		free(report->items[i].text);
	}
	free(report->items);
	*report = (struct check_report){ 0 };
}

/* ---- containers and their names --------------------------------------------------------------- */

static void check_name(const struct store *store, unsigned int flags,
		       const struct container_config *config, struct check_report *out)
{
	AUTO(mem) char *holder = NULL;
	bool mended = false;

	if (record_resolve(store, config->name, &holder, NULL) == 0 && str_eq(holder, config->id))
		return;
	if (flags & CHECK_REPAIR)
		mended = record_rename(store, config->id, config->name, NULL) == 0;
	check_add(out, str_fmt("container %.12s", config->id), mended,
		  holder ? "another container has its name '%s'" : "its name '%s' was lost",
		  config->name);
}

static void tell_damaged(struct engine *engine, unsigned int flags, const char *id,
			 struct check_report *out)
{
	static const struct remove_options force = { .force = true, .timeout = -1 };
	bool gone = (flags & CHECK_REPAIR) && (flags & CHECK_FORCE) &&
		    container_remove(engine, id, &force, NULL) == 0;

	if (gone)
		check_add(out, str_fmt("container %.12s", id), true,
			  "its record was damaged; it was removed");
	else
		check_add(out, str_fmt("container %.12s", id), false,
			  "its record is damaged; its files are kept in '%s/containers/%s'; remove "
			  "it with: cubby rm -f %.12s",
			  engine->store->path, id, id);
}

static void check_container(struct engine *engine, unsigned int flags, const char *id,
			    struct check_report *out)
{
	const struct store *store = engine->store;
	AUTO(container_config) struct container_config *config = NULL;
	AUTO(container_state) struct container_state *state = NULL;
	AUTO(fd) int lock = -1;

	if (lock_take(store, LOCK_CONTAINER, id, LOCK_TRY, &lock, NULL) < 0)
		return;
	int r = record_config_load(store, id, &config, NULL);
	int s = record_state_stored(store, id, &state, NULL);
	fd_close(r == -EBADMSG || s == -EBADMSG ? take_fd(lock) : -1);
	if (lock < 0)
		tell_damaged(engine, flags, id, out);
	if (r == 0 && s == 0)
		check_name(store, flags, config, out);
}

static int check_containers(struct engine *engine, unsigned int flags, struct check_report *out,
			    struct err *err)
{
	AUTO(strv) struct strv ids = { 0 };
	int r = record_list(engine->store, &ids, err);

	for (size_t i = 0; r == 0 && i < ids.count; i++)
		check_container(engine, flags, ids.items[i], out);
	return r;
}

static void check_link(const struct store *store, unsigned int flags, const char *name,
		       struct check_report *out)
{
	AUTO(mem) char *link = str_fmt("names/%s", name);
	AUTO(mem) char *holder = NULL;
	AUTO(fd) int lock = -1;

	if (lock_take(store, LOCK_NAME, name, LOCK_TRY, &lock, NULL) < 0 ||
	    record_resolve(store, name, &holder, NULL) == 0)
		return;
	check_add(out, str_fmt("name '%s'", name),
		  flags & CHECK_REPAIR && unlinkat(store->dir, link, 0) == 0,
		  "its container is gone");
}

static DIR *open_dir(const struct store *store, const char *rel)
{
	int fd = openat(store->dir, rel, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		fd_close(fd);
	return dir;
}

static void check_links(const struct store *store, unsigned int flags, struct check_report *out)
{
	DIR *dir = open_dir(store, "names");

	if (!dir)
		return;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (e->d_name[0] != '.')
			check_link(store, flags, e->d_name, out);
	closedir(dir);
}

/* ---- volumes ---------------------------------------------------------------------------------- */

static int check_volumes(const struct store *store, unsigned int flags, struct check_report *out,
			 struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	int r = volume_list(store, &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		AUTO(volume) struct volume *volume = NULL;
		const char *name = names.items[i];
		if (volume_load(store, name, &volume, NULL) != -EBADMSG)
			continue;
		bool mended = flags & CHECK_REPAIR && volume_repair(store, name, NULL) == 0;
		check_add(
			out, str_fmt("volume '%s'", name), mended,
			"what is known of it is damaged; its files are kept, its labels are lost");
	}
	return r;
}

/* ---- networks --------------------------------------------------------------------------------- */

static int check_networks(const struct store *store, unsigned int flags, struct check_report *out,
			  struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	int r = network_record_list(store, &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		AUTO(network_record) struct network_record *record = NULL;
		const char *name = names.items[i];
		if (network_record_load(store, name, &record, NULL) != -EBADMSG)
			continue;
		bool gone = (flags & CHECK_REPAIR) && (flags & CHECK_FORCE) &&
			    network_record_remove(store, name, NULL) == 0;
		check_add(out, str_fmt("network '%s'", name), gone, "%s",
			  gone ? "its record was damaged; it was removed"
			       : "its record is damaged; remove it with: cubby network rm");
	}
	return r;
}

/* ---- leftovers -------------------------------------------------------------------------------- */

static int sweep_everything(void *data, struct err *err)
{
	const struct engine *engine = data;
	int r = sweep_run(engine->store, NULL, err);

	if (r >= 0)
		r = sweep_others(engine->store, err);
	return r < 0 ? r : 0;
}

static int check_leftovers(struct engine *engine, unsigned int flags, struct check_report *out,
			   struct err *err)
{
	AUTO(strv) struct strv others = { 0 };
	bool mended = flags & CHECK_REPAIR;

	sweep_hosts(engine->store, &others);
	bool own = sweep_left(engine->store);
	if (!own && others.count == 0)
		return 0;
	int r = mended ? outer_run(engine, 0, sweep_everything, engine, err) : 0;
	for (size_t i = 0; i < others.count; i++)
		check_add(out, str_fmt("tmp/%s", others.items[i]), mended,
			  "holds what another host left, or is making");
	if (own && !mended)
		check_add(out, str_fmt("tmp/%s", engine->store->host_id), false,
			  "holds what a killed command left");
	return r;
}

int check_store(struct engine *engine, const struct check_options *options,
		struct check_report *out, struct err *err)
{
	const struct store *store = engine->store;
	const unsigned int flags = options->flags;

	int r = flags & CHECK_REPAIR ? store_check_writable(store, err) : 0;
	if (r == 0)
		r = check_images(engine, options, out, err);
	if (r == 0)
		r = check_containers(engine, flags, out, err);
	if (r < 0)
		return r;
	check_links(store, flags, out);
	r = check_volumes(store, flags, out, err);
	if (r == 0)
		r = check_networks(store, flags, out, err);
	return r < 0 ? r : check_leftovers(engine, flags, out, err);
}
