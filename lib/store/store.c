/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store - where the state of one user lives
 *
 * Making one ends with oci-layout: a folder that has it is complete. Several may make the same store
 * at once; every step is one that the others' does not disturb.
 */
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

static const char *const dirs[] = {
	"blobs",    "blobs/sha256", "layers", "containers", "names", "volumes",
	"networks", "secrets",	    "events", "userns",	    "tmp",   "tmp/blobs",
};

static const char layout_name[] = "oci-layout";
static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
static const char index_text[] =
	"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
	"\"manifests\":[]}";

char *store_default_path(const struct host *host)
{
	const char *data = host_env(host, "XDG_DATA_HOME");

	/* A relative one is to be ignored. Source: XDG Base Directory Specification. */
	if (data && data[0] == '/')
		return str_fmt("%s/cubby", data);
	return str_fmt("%s/.local/share/cubby", host->home);
}

static int open_failed(const char *path, int code, struct err *err)
{
	struct stat st;

	if (code == -EACCES && stat(path, &st) == 0 && st.st_uid != geteuid()) {
		err_set(err, code, "cannot open the store '%s': it belongs to the user %u", path,
			(unsigned int)st.st_uid);
		(void)err_hint(err, "choose another with --root");
		return code;
	}
	err_sys(err, code, "cannot open the store '%s'", path);
	if (code == -EACCES || code == -EROFS)
		(void)err_hint(err, "choose another with --root, or set XDG_DATA_HOME");
	return code;
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool is_ours(const char *name)
{
	/* and a folder that is made by who needs it */
	static const char *const files[] = { "index.json", layout_name, "lock",	       "sent.json",
					     "hashes",	   "skeleton",	"told-logout", "build" };

	for (size_t i = 0; i < array_len(dirs); i++)
		if (str_eq(name, dirs[i]))
			return true;
	for (size_t i = 0; i < array_len(files); i++)
		if (str_eq(name, files[i]))
			return true;
	/* Which driver a host uses is noted beside. */
	return name[0] == '.' || str_starts(name, "driver-") || str_eq(name, "lost+found");
}

/* Somebody's home given as --root must not become a store. */
static int check_contents(int dir, const char *path, struct err *err)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int r = list ? 0 : -errno;

	if (!list) {
		fd_close(copy);
		return err_sys(err, r, "cannot read '%s'", path);
	}
	for (struct dirent *e = readdir(list); e && r == 0; e = readdir(list))
		if (!is_ours(e->d_name))
			r = err_set(err, -EBADMSG, "'%s' is no store: it holds other files ('%s')",
				    path, e->d_name);
	closedir(list);
	return r;
}

static int make_file(int dir, const char *name, mode_t mode, const char *text)
{
	if (faccessat(dir, name, F_OK, 0) == 0)
		return 0;
	return file_replace(dir, name, mode, text, strlen(text), false);
}

/* The first of dirs: others may read them when they may read the store. */
enum { SHARED_DIRS = 3 };

static int make_dirs(const struct store *store)
{
	for (size_t i = 0; i < array_len(dirs); i++) {
		mode_t mode = i < SHARED_DIRS ? store_mode(store, 0700) : 0700;
		if (mkdirat(store->dir, dirs[i], mode) < 0) {
			if (errno != EEXIST)
				return -errno;
			continue;
		}
		/* The umask is no answer to who reads it. */
		if (mode != 0700 && fchmodat(store->dir, dirs[i], mode, 0) < 0)
			return -errno;
	}
	return 0;
}

static int fill(const struct store *store)
{
	AUTO(mem) char *tmp = str_fmt("tmp/%s", store->host_id);
	mode_t file = store_mode(store, 0600);
	int r = make_dirs(store);

	if (r < 0)
		return r;
	if (mkdirat(store->dir, tmp, 0700) < 0 && errno != EEXIST)
		return -errno;
	r = make_file(store->dir, "lock", 0600, "");
	if (r == 0)
		r = make_file(store->dir, "index.json", file, index_text);
	if (r == 0)
		r = make_file(store->dir, "oci-layout", file, layout_text);
	return r;
}

static char *real_path(int dir)
{
	char link[32], path[PATH_MAX];

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	ssize_t n = readlink(link, path, sizeof path);
	return n > 0 && n < (ssize_t)sizeof path ? str_ndup(path, (size_t)n) : NULL;
}

static int make_dir(const char *path, struct err *err)
{
	int r = file_tree_make(path, 0700);

	if (r == 0)
		return open_dir(path);
	err_sys(err, r, "cannot make the store '%s'", path);
	(void)err_hint(err, "choose another with --root, or set XDG_DATA_HOME");
	return r == -EACCES ? -EROFS : r;
}

static int fill_if_new(struct store *store, struct err *err)
{
	if (faccessat(store->dir, "oci-layout", F_OK, 0) == 0)
		return 0;
	int r = check_contents(store->dir, store->path, err);
	if (r < 0)
		return r;
	r = fill(store);
	return r < 0 ? err_sys(err, r, "cannot make the store '%s'", store->path) : 0;
}

static void note_readers(struct store *store)
{
	struct stat st;

	if (fstat(store->dir, &st) == 0)
		store->readers = st.st_mode & (S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH);
}

int store_open(const struct host *host, const char *path, struct store **out, struct err *err)
{
	AUTO(mem) char *chosen = path ? str_dup(path) : store_default_path(host);
	AUTO(store) struct store *store = mem_new(struct store);

	store->dir = open_dir(chosen);
	if (store->dir == -ENOENT) {
		store->dir = make_dir(chosen, err);
		if (store->dir < 0)
			return store->dir;
	}
	if (store->dir < 0)
		return open_failed(chosen, store->dir, err);
	store->path = real_path(store->dir);
	if (!store->path)
		return err_set(err, -ENOENT, "cannot find the path of the store '%s'", chosen);
	store->host_id = str_dup(host->host_id);
	store->machine = str_dup(host->machine);
	store->boot_id = str_dup(host->boot_id);
	store->read_only = faccessat(store->dir, ".", W_OK, AT_EACCESS) < 0;
	note_readers(store);
	int r = fill_if_new(store, err);
	if (r < 0)
		return r;
	*out = take_ptr(store);
	return 0;
}

mode_t store_mode(const struct store *store, mode_t mode)
{
	mode_t read = mode & (S_IRUSR | S_IXUSR);

	return mode | (store->readers & (read >> 3 | read >> 6));
}

/* ---- stores that are only read from ------------------------------------------------------------ */

static int add_failed(const char *path, int code, struct err *err)
{
	if (code == -ENOTDIR || code == -ENOENT)
		err_set(err, -ENOENT, "there is no store '%s'", path);
	else
		err_sys(err, code, "cannot read the store '%s'", path);
	return err_hint(err,
			code == -EACCES ? "its owner lets others read it with: chmod go+rx '%s'"
					: "stores that are read too are named by --store and "
					  "by 'stores' in cubby.conf",
			path);
}

static bool is_added(const struct store *store, const char *path)
{
	bool found = str_eq(store->path, path);

	for (size_t i = 0; !found && i < store->more.count; i++)
		found = str_eq(store->more.items[i]->path, path);
	return found;
}

int store_add(struct store *store, const char *path, struct err *err)
{
	AUTO(store) struct store *other = mem_new(struct store);

	other->dir = open_dir(path);
	if (other->dir < 0)
		return add_failed(path, other->dir, err);
	other->path = real_path(other->dir);
	if (!other->path)
		return add_failed(path, -ENOENT, err);
	if (is_added(store, other->path))
		return 0;
	if (store->more.count == STORES_MAX)
		return err_set(err, -EMFILE, "there are more than %d stores to read", STORES_MAX);
	if (faccessat(other->dir, layout_name, R_OK, AT_EACCESS) < 0)
		return add_failed(path, -errno, err);
	other->host_id = str_dup(store->host_id);
	other->boot_id = str_dup(store->boot_id);
	other->read_only = true;
	*vec_push(&store->more) = take_ptr(other);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->more.count; i++)
		store_close(store->more.items[i]);
	free(store->more.items);
	fd_close(store->dir);
	free(store->path);
	free(store->host_id);
	free(store->machine);
	free(store->boot_id);
	free(store);
}

int store_check_writable(const struct store *store, struct err *err)
{
	if (!store->read_only)
		return 0;
	return err_set(err, -EROFS, "the store '%s' can only be read", store->path);
}

/* Return: whether it is removed with the store; what else is_ours() lets pass is not ours. */
static bool goes(const char *name)
{
	return name[0] != '.' && !str_eq(name, "lost+found") && !str_eq(name, layout_name) &&
	       is_ours(name);
}

int store_wipe(const struct store *store, struct err *err)
{
	int copy = openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int first = list ? 0 : -errno;

	if (!list) {
		fd_close(copy);
		return err_sys(err, first, "cannot read '%s'", store->path);
	}
	for (struct dirent *e = readdir(list); e; e = readdir(list)) {
		int r = goes(e->d_name) ? file_tree_remove(store->dir, e->d_name) : 0;
		if (r < 0 && first == 0)
			first = err_sys(err, r, "cannot remove '%s/%s'", store->path, e->d_name);
	}
	closedir(list);
	if (first == 0 && unlinkat(store->dir, layout_name, 0) < 0)
		first = err_sys(err, -errno, "cannot remove '%s/%s'", store->path, layout_name);
	return first;
}

char *store_path(const struct store *store, const char *rel)
{
	return str_fmt("%s/%s", store->path, rel);
}

char *store_container_path(const struct store *store, const char *id, const char *rel)
{
	return str_fmt("%s/containers/%s%s%s", store->path, id, rel ? "/" : "", str_or(rel, ""));
}

char *store_volume_path(const struct store *store, const char *name)
{
	return str_fmt("%s/volumes/%s/_data", store->path, name);
}
