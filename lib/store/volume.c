/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volume - volumes: made, filled once, removed
 */
#include "store/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "store/event.h"
#include "store/lock.h"
#include "store/record.h"

#define V(kind, f) J_##kind(#f, struct volume, f)
static const struct jfield volume_fields[] = {
	V(TEXT, name),	 V(I64, created),  V(STRV, labels),  V(STRV, options), V(BOOL, anonymous),
	V(BOOL, filled), V(BOOL, has_uid), V(BOOL, has_gid), V(I64, uid),      V(I64, gid),
	J_END,
};
#undef V

int volume_check_name(const char *name, struct err *err)
{
	if (record_check_name(name, NULL) == 0)
		return 0;
	return err_set(err, -EINVAL,
		       "invalid volume name '%s': names begin with a letter or digit, followed by "
		       "letters, digits, '_', '.' and '-'; a folder of the host begins with '/' or "
		       "'./'",
		       name);
}

static int meta_save(const struct store *store, const char *dir, const struct volume *volume)
{
	AUTO(mem) char *rel = str_fmt("%s/meta.json", dir);
	AUTO(json) cJSON *json = jfield_save(volume_fields, volume);
	AUTO(mem) char *text = json_print(json, 0);

	return file_replace(store->dir, rel, 0600, text, strlen(text), false);
}

/* _data is 0755 like the folders it stands for; copy-up gives it the image folder's owner and mode. */
static int fill_dir(const struct store *store, const struct temp *temp, const struct volume *volume)
{
	AUTO(mem) char *data = str_fmt("%s/_data", temp->rel);

	if (volume->device) {
		if (symlinkat(volume->device, store->dir, data) < 0)
			return -errno;
		return meta_save(store, temp->rel, volume);
	}
	if (mkdirat(store->dir, data, 0755) < 0 || fchmodat(store->dir, data, 0755, 0) < 0)
		return -errno;
	const uid_t uid = volume->has_uid ? (uid_t)volume->uid : (uid_t)-1;
	const gid_t gid = volume->has_gid ? (gid_t)volume->gid : (gid_t)-1;
	if ((volume->has_uid || volume->has_gid) && fchownat(store->dir, data, uid, gid, 0) < 0)
		return -errno;
	return meta_save(store, temp->rel, volume);
}

static bool exists(const struct store *store, const char *name)
{
	AUTO(mem) char *rel = str_fmt("volumes/%s", name);

	return faccessat(store->dir, rel, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int taken(const char *name, char **out_name, struct err *err)
{
	if (out_name)
		*out_name = str_dup(name);
	return err_set(err, -EEXIST, "a volume named '%s' is there already", name);
}

static int place(const struct store *store, const struct volume *volume, struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	AUTO(mem) char *rel = str_fmt("volumes/%s", volume->name);

	int r = temp_dir(store, 0700, &temp, err);
	if (r < 0)
		return r;
	r = fill_dir(store, temp, volume);
	if (r < 0)
		err_sys(err, r, "cannot make the volume '%s'", volume->name);
	else
		r = temp_commit(store, temp, rel, err);
	if (r < 0)
		(void)!temp_remove(store, temp); /* the first failure is the one to tell */
	return r;
}

int volume_create(const struct store *store, const struct volume *volume, char **out_name,
		  struct err *err)
{
	AUTO(mem) char *name = volume->name ? str_dup(volume->name) : record_new_id();
	struct volume made = *volume;

	int r = volume_check_name(name, err);
	if (r == 0)
		r = store_check_writable(store, err);
	if (r < 0)
		return r;
	if (exists(store, name))
		return taken(name, out_name, err);
	made.name = name;
	made.created = clock_now();
	made.filled = volume->device != NULL; /* what the user has there is left alone */
	r = place(store, &made, err);
	if (r == -EEXIST)
		return taken(name, out_name, err);
	if (r < 0)
		return r;
	event_named(store, EVENT_VOLUME, EVENT_CREATE, NULL, name);
	if (out_name)
		*out_name = take_ptr(name);
	return 0;
}

static int no_volume(const char *name, struct err *err)
{
	err_set(err, -ENOENT, "no volume named '%s'", name);
	(void)err_hint(err, "list all volumes with: cubby volume ls");
	return -ENOENT;
}

int volume_load(const struct store *store, const char *name, struct volume **out, struct err *err)
{
	AUTO(mem) char *rel = str_fmt("volumes/%s/meta.json", name);
	AUTO(json) cJSON *json = NULL;
	AUTO(volume) struct volume *volume = mem_new(struct volume);

	if (volume_check_name(name, NULL) < 0 || !exists(store, name))
		return no_volume(name, err);
	int r = json_load(store->dir, rel, &json, NULL);
	if (r == 0)
		r = jfield_load(volume_fields, json, volume, NULL);
	if (r == -ENOENT || r == -EBADMSG)
		return err_set(err, -EBADMSG, "the record of the volume '%s' is damaged", name);
	if (r < 0)
		return err_sys(err, r, "cannot read about the volume '%s'", name);
	str_set(&volume->name, name);
	volume->path = store_volume_path(store, name);
	*out = take_ptr(volume);
	return 0;
}

int volume_list(const struct store *store, struct strv *out, struct err *err)
{
	int fd = openat(store->dir, "volumes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		return err_sys(err, r, "cannot read '%s/volumes'", store->path);
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (volume_check_name(e->d_name, NULL) == 0)
			strv_add(out, e->d_name);
	closedir(dir);
	return 0;
}

int volume_resolve(const struct store *store, const char *text, char **out_name, struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	const char *found = NULL;

	if (volume_check_name(text, NULL) < 0)
		return no_volume(text, err);
	if (exists(store, text)) {
		*out_name = str_dup(text);
		return 0;
	}
	int r = volume_list(store, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		if (!str_starts(names.items[i], text))
			continue;
		if (found)
			return err_set(err, -ENOTUNIQ,
				       "'%s' is the beginning of several volumes' names", text);
		found = names.items[i];
	}
	if (r < 0)
		return r;
	if (!found)
		return no_volume(text, err);
	*out_name = str_dup(found);
	return 0;
}

/* ---- filling ---------------------------------------------------------------------------------- */

static int holds_files(const char *path)
{
	DIR *dir = opendir(path);
	int found = 0;

	if (!dir)
		return -errno;
	for (struct dirent *e = readdir(dir); e && !found; e = readdir(dir))
		found = !str_eq(e->d_name, ".") && !str_eq(e->d_name, "..");
	closedir(dir);
	return found;
}

int volume_fill_begin(const struct store *store, const char *name, int *out_lock, struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	AUTO(fd) int lock = -1;
	int r = volume_load(store, name, &volume, err);

	if (r < 0 || volume->filled)
		return r;
	r = lock_take(store, LOCK_VOLUME, name, LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	volume_free(take_ptr(volume));
	r = volume_load(store, name, &volume, err);
	if (r < 0 || volume->filled)
		return r;
	r = holds_files(volume->path);
	if (r < 0)
		return err_sys(err, r, "cannot read the volume '%s'", name);
	if (r > 0)
		return volume_fill_done(store, name, err);
	*out_lock = take_fd(lock);
	return 1;
}

int volume_fill_done(const struct store *store, const char *name, struct err *err)
{
	AUTO(volume) struct volume *volume = NULL;
	AUTO(mem) char *dir = str_fmt("volumes/%s", name);
	int r = volume_load(store, name, &volume, err);

	if (r < 0)
		return r;
	volume->filled = true;
	r = meta_save(store, dir, volume);
	return r < 0 ? err_sys(err, r, "cannot keep the state of the volume '%s'", name) : 0;
}

int volume_repair(const struct store *store, const char *name, struct err *err)
{
	struct volume volume = { .name = (char *)name,
				 .created = clock_now(),
				 .anonymous = str_hex(name, 64),
				 .filled = true };
	AUTO(mem) char *dir = str_fmt("volumes/%s", name);
	AUTO(fd) int lock = -1;

	int r = lock_take(store, LOCK_VOLUME, name, LOCK_EXCLUSIVE, &lock, err);
	if (r < 0)
		return r;
	r = meta_save(store, dir, &volume);
	return r < 0 ? err_sys(err, r, "cannot keep the state of the volume '%s'", name) : 0;
}

/* ---- removing --------------------------------------------------------------------------------- */

static int in_use(const char *name, const struct strv *users, struct err *err)
{
	AUTO(strv) struct strv shorts = { 0 };

	for (size_t i = 0; i < users->count; i++)
		strv_addf(&shorts, "%.12s", users->items[i]);
	AUTO(mem) char *list = str_join(&shorts, ", ");
	err_set(err, -EBUSY, "the volume '%s' is used by the container%s %s", name,
		users->count > 1 ? "s" : "", list);
	(void)err_hint(err, "remove the container%s first, or use -f", users->count > 1 ? "s" : "");
	return -EBUSY;
}

int volume_remove(const struct store *store, struct census *census, const char *name,
		  struct temps *out, struct err *err)
{
	AUTO(fd) int lock = -1;
	AUTO(strv) struct strv users = { 0 };
	AUTO(mem) char *rel = str_fmt("volumes/%s", name);
	struct temp *temp = NULL;

	if (volume_check_name(name, NULL) < 0 || !exists(store, name))
		return no_volume(name, err);
	int r = lock_take(store, LOCK_VOLUME, name, LOCK_EXCLUSIVE, &lock, err);
	if (r == 0)
		r = census_refresh(census, store, err);
	if (r < 0)
		return r;
	census_volume_users(census, name, &users);
	if (users.count > 0)
		return in_use(name, &users, err);
	r = temp_take(store, rel, &temp, err);
	if (r == -ENOENT)
		return no_volume(name, err);
	if (r < 0)
		return r;
	*vec_push(out) = temp;
	event_named(store, EVENT_VOLUME, EVENT_REMOVE, NULL, name);
	return 0;
}

void volume_free(struct volume *volume)
{
	if (!volume)
		return;
	jfield_clear(volume_fields, volume);
	free(volume->path);
	free(volume);
}
