/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volumes - making volumes, with their owners, and removing them with all their files
 */
#include "engine/volumes.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "engine/outer.h"
#include "engine/tidy.h"
#include "store/census.h"
#include "store/record.h"

/* ---- making ----------------------------------------------------------------------------------- */

static int check_id(const struct identity_plan *plan, const struct idmap *map, const char *flag,
		    int64_t id, struct err *err)
{
	uint32_t outside;

	if (idmap_outside(map, (uint32_t)id, &outside) == 0)
		return 0;
	(void)err_set(err, -ERANGE,
		      "%s %" PRId64 ": there is no such id in containers, which have %" PRIu32
		      "%s%s",
		      flag, id, idmap_size(map), plan->why ? ": " : "", str_or(plan->why, ""));
	if (plan->repair)
		return err_hint(err, "%s", plan->repair);
	return err_hint(err, "more sub-ids in /etc/subuid and /etc/subgid give more");
}

static int check_owner(struct engine *engine, const struct volume *volume, struct err *err)
{
	const struct identity_plan *plan = engine_identity(engine, err);

	if (!plan)
		return err ? err->code : -EIO;
	if (volume->device) {
		(void)err_set(err, -EINVAL,
			      "--uid and --gid: '%s' is a folder of the host, whose owner stays",
			      volume->device);
		return err_hint(err, "'cubby unshare chown' changes it");
	}
	int r = volume->has_uid ? check_id(plan, &plan->uids, "--uid", volume->uid, err) : 0;
	if (r == 0 && volume->has_gid)
		r = check_id(plan, &plan->gids, "--gid", volume->gid, err);
	return r;
}

struct making {
	struct engine *engine;
	const struct volume *volume;
};

static int make_in_child(void *data, struct err *err)
{
	const struct making *m = data;

	return volume_create(m->engine->store, m->volume, NULL, err);
}

int volume_make(struct engine *engine, const struct volume *volume, char **out_name,
		struct err *err)
{
	AUTO(mem) char *name = volume->name ? str_dup(volume->name) : record_new_id();
	struct volume named = *volume;

	if (!volume->has_uid && !volume->has_gid)
		return volume_create(engine->store, volume, out_name, err);
	int r = check_owner(engine, volume, err);
	if (r < 0)
		return r;
	/* Only root of the namespace gives files away; what a child makes up would be lost. */
	named.name = name;
	struct making making = { engine, &named };
	r = outer_run(engine, 0, make_in_child, &making, err);
	if ((r == 0 || r == -EEXIST) && out_name)
		*out_name = take_ptr(name);
	return r;
}

/* ---- removing --------------------------------------------------------------------------------- */

static int remove_users(struct engine *engine, const char *name,
			const struct remove_options *options, struct err *err)
{
	AUTO(strv) struct strv users = { 0 };
	int r = census_refresh(engine->census, engine->store, err);

	census_volume_users(engine->census, name, &users);
	for (size_t i = 0; r == 0 && i < users.count; i++)
		r = container_remove(engine, users.items[i], options, err);
	return r;
}

int volume_delete(struct engine *engine, const char *name, const struct remove_options *users,
		  struct err *err)
{
	struct temps gone = { 0 };
	int r = users ? remove_users(engine, name, users, err) : 0;

	if (r == 0)
		r = volume_remove(engine->store, engine->census, name, &gone, err);
	return r < 0 ? r : tidy_temps(engine, &gone, err);
}

/* ---- a folder of the host --------------------------------------------------------------------- */

/* o=bind, with words that say what is so anyway. */
static bool is_bind(const char *flags)
{
	AUTO(strv) struct strv words = { 0 };
	bool bind = false;

	strv_split(&words, flags, ',');
	for (size_t i = 0; i < words.count; i++) {
		const char *word = words.items[i];
		bool known = str_eq(word, "bind") || str_eq(word, "rbind");
		if (!known && !str_eq(word, "rw"))
			return false;
		bind = bind || known;
	}
	return bind;
}

static int refuse_type(const char *type, struct err *err)
{
	(void)err_set(err, -EINVAL, "--opt: a volume of type '%s' is not there", type);
	if (str_eq(type, "tmpfs"))
		return err_hint(err, "mount one where it is needed: --tmpfs TARGET");
	return err_hint(err, "only root may mount it; mount it on the host, then: --opt type=none "
			     "--opt o=bind --opt device=FOLDER");
}

static int check_folder(const char *path, struct err *err)
{
	struct stat st;

	if (*path != '/')
		return err_set(err, -EINVAL, "--opt: device '%s' is no absolute path", path);
	if (stat(path, &st) < 0)
		return err_sys(err, -errno, "--opt: device '%s' cannot be used", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "--opt: device '%s' is no folder", path);
	return 0;
}

int volume_device(const struct strv *options, const char **out, struct err *err)
{
	const char *type = NULL, *flags = NULL, *device = NULL;

	for (size_t i = 0; i < options->count; i++) {
		const char *option = options->items[i], *value;
		if ((value = str_starts(option, "type=")))
			type = value;
		else if ((value = str_starts(option, "o=")))
			flags = value;
		else if ((value = str_starts(option, "device=")))
			device = value;
		else {
			(void)err_set(err, -EINVAL, "--opt: '%s' is not there", option);
			return err_hint(err, "options are type=none, o=bind and device=FOLDER");
		}
	}
	if (!options->count) {
		*out = NULL;
		return 0;
	}
	if (type && !str_eq(type, "none") && !str_eq(type, "bind"))
		return refuse_type(type, err);
	if (!device || !flags || !is_bind(flags)) {
		(void)err_set(err, -EINVAL, "--opt: the options name no folder of the host");
		return err_hint(err, "give --opt type=none --opt o=bind --opt device=FOLDER");
	}
	int r = check_folder(device, err);
	if (r == 0)
		*out = device;
	return r;
}
