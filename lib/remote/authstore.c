/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * authstore - where names and passwords for registries are kept
 */
#include "remote/authstore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "remote/credhelper.h"

#define DOCKER_DOMAIN "docker.io"
#define DOCKER_KEY "https://index.docker.io/v1/"

enum { DIR_MODE = 0700, FILE_MODE = 0600 };

static char *config_dir(const struct host *host)
{
	const char *dir = host_env(host, "XDG_CONFIG_HOME");

	return !str_empty(dir) && *dir == '/' ? str_fmt("%s/containers", dir)
					      : str_fmt("%s/.config/containers", host->home);
}

/* Where podman would write, unless only the file that lasts is there. */
static char *usual_place(const struct host *host)
{
	const char *runtime = host_env(host, "XDG_RUNTIME_DIR");
	AUTO(mem) char *dir = config_dir(host);
	AUTO(mem) char *lasting = str_fmt("%s/auth.json", dir);

	if (str_empty(runtime))
		return take_ptr(lasting);
	char *usual = str_fmt("%s/containers/auth.json", runtime);
	if (access(usual, F_OK) == 0 || access(lasting, F_OK) != 0)
		return usual;
	free(usual);
	return take_ptr(lasting);
}

static char *docker_place(const struct host *host)
{
	const char *dir = host_env(host, "DOCKER_CONFIG");

	return str_empty(dir) ? str_fmt("%s/.docker/config.json", host->home)
			      : str_fmt("%s/config.json", dir);
}

void authstore_place(const struct host *host, const char *authfile, const char *compat, bool docker,
		     struct authstore *out)
{
	const char *named = authfile ? authfile : host_env(host, "REGISTRY_AUTH_FILE");

	out->docker = compat || (docker && !authfile);
	if (compat)
		out->path = str_dup(compat);
	else if (out->docker)
		out->path = docker_place(host);
	else
		out->path = str_empty(named) ? usual_place(host) : str_dup(named);
}

/* ---- files ------------------------------------------------------------------------------------ */

/* What is being done with the text of a file. */
struct edit {
	const char *key; /* NULL: all */
	const struct credentials *credentials;
	bool unset;
};

/* Links stay: the file that they name is replaced, also when it is not there yet. */
static char *real_path(const char *path)
{
	char target[PATH_MAX];
	char *real = realpath(path, NULL);

	if (real)
		return real;
	ssize_t n = readlink(path, target, sizeof target - 1);
	if (n <= 0)
		return str_dup(path);
	target[n] = 0;
	const char *slash = strrchr(path, '/');
	if (*target == '/' || !slash)
		return str_dup(target);
	return str_fmt("%.*s/%s", (int)(slash - path), path, target);
}

/* Locked until the descriptor is closed. Return: it, or a negative errno. */
static int lock_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO(mem) char *dir = slash ? str_ndup(path, (size_t)(slash - path)) : str_dup(".");
	const char *name = *dir ? dir : "/";

	int r = file_tree_make(name, DIR_MODE);
	if (r < 0)
		return r;
	AUTO(fd) int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some network file systems cannot: then the later one wins. */
	if (flock(fd, LOCK_EX) == 0)
		file_replace_sweep(fd, FILE_MODE);
	else if (errno == EINTR)
		return -EINTR;
	return take_fd(fd);
}

static int edit_text(const struct edit *edit, const char *text, size_t size, char **out,
		     struct err *err)
{
	if (!edit->unset)
		return auth_file_set(text, size, edit->key, edit->credentials, out, err);
	if (!text)
		return err_set(err, -ENOENT, "nothing is kept");
	return auth_file_unset(text, size, edit->key, out, err);
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static int edit_locked(const char *path, const struct edit *edit, struct err *err)
{
	char *text = NULL, *changed = NULL;
	size_t size = 0;
	AUTO(err) struct err why = { 0 };

	int r = file_read(AT_FDCWD, path, AUTH_FILE_MAX, &text, &size);
	if (r < 0 && r != -ENOENT)
		return err_sys(err, r, "cannot read '%s'", path);
	r = edit_text(edit, text, size, &changed, &why);
	wipe(text);
	if (r == 0) {
		r = file_replace(AT_FDCWD, path, FILE_MODE, changed, strlen(changed), false);
		if (r < 0)
			(void)err_sys(&why, r, "cannot write '%s'", path);
	} else if (r != -ENOENT) {
		(void)err_wrap(&why, "cannot change '%s'", path);
	}
	wipe(changed);
	return r < 0 ? err_move(err, &why) : 0;
}

static int edit_file(const struct authstore *store, const struct edit *edit, struct err *err)
{
	/* To take something out of a file that is not there nothing is made. */
	if (edit->unset && access(store->path, F_OK) != 0)
		return err_set(err, -ENOENT, "nothing is kept");
	AUTO(mem) char *path = real_path(store->path);
	AUTO(fd) int lock = lock_folder(path);
	if (lock < 0)
		return err_sys(err, lock, "cannot make the folder of '%s'", path);
	return edit_locked(path, edit, err);
}

/* A file's text; NULL when it is not there or empty. */
static int read_file(const char *path, char **out, size_t *out_size, struct err *err)
{
	int r = file_read(AT_FDCWD, path, AUTH_FILE_MAX, out, out_size);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", path);
	if (!*out_size)
		free(take_ptr(*out));
	return 0;
}

/* ---- who keeps it ----------------------------------------------------------------------------- */

static const char *written_key(const struct authstore *store, const char *key)
{
	return store->docker && str_eq(key, DOCKER_DOMAIN) ? DOCKER_KEY : key;
}

/* The helper that a file has for a registry, or NULL. */
static int find_keeper(const struct authstore *store, const char *key, char **out, struct err *err)
{
	char *text = NULL;
	size_t size = 0;

	*out = NULL;
	int r = read_file(store->path, &text, &size, err);
	if (r == 0 && text) {
		r = auth_file_keeper(text, size, key, out, err);
		if (r < 0)
			(void)err_wrap(err, "cannot use '%s'", store->path);
	}
	wipe(text);
	return r;
}

int authstore_set(const struct authstore *store, const struct host *host, const char *key,
		  const struct credentials *credentials, char **out_where, struct err *err)
{
	const char *written = written_key(store, key);
	AUTO(mem) char *keeper = NULL;

	int r = find_keeper(store, key, &keeper, err);
	if (r == 0 && keeper)
		r = credhelper_store(host, keeper, written, credentials, err);
	/* What a helper keeps must not be shadowed by what the file had; docker keeps the name. */
	const struct edit edit = { .key = written, .credentials = keeper ? NULL : credentials };
	if (r == 0)
		r = edit_file(store, &edit, err);
	if (r == 0 && out_where)
		*out_where = keeper ? str_fmt("docker-credential-%s", keeper)
				    : str_dup(store->path);
	return r;
}

int authstore_unset(const struct authstore *store, const struct host *host, const char *key,
		    struct err *err)
{
	const char *written = written_key(store, key);
	AUTO(mem) char *keeper = NULL;
	bool gone = false;

	int r = find_keeper(store, key, &keeper, err);
	if (r < 0)
		return r;
	if (keeper) {
		r = credhelper_erase(host, keeper, written, err);
		if (r < 0 && r != -ENOENT)
			return r;
		gone = r == 0;
		err_clear(err);
	}
	const struct edit edit = { .key = written, .unset = true };
	r = edit_file(store, &edit, err);
	if (r == -ENOENT && gone) {
		err_clear(err);
		r = 0;
	}
	return r;
}

static int erase_known(const struct host *host, const char *helper, struct err *err)
{
	AUTO(strv) struct strv keys = { 0 };

	int r = credhelper_list(host, helper, &keys, err);
	for (size_t i = 0; r == 0 && i < keys.count; i++)
		r = credhelper_erase(host, helper, keys.items[i], err);
	return r;
}

int authstore_unset_all(const struct authstore *store, const struct host *host, struct err *err)
{
	const struct edit edit = { .unset = true };
	AUTO(strv) struct strv helpers = { 0 };
	char *text = NULL;
	size_t size = 0;

	int r = read_file(store->path, &text, &size, err);
	if (r == 0 && text) {
		r = auth_file_helpers(text, size, &helpers, err);
		if (r < 0)
			(void)err_wrap(err, "cannot use '%s'", store->path);
	}
	wipe(text);
	for (size_t i = 0; r == 0 && i < helpers.count; i++)
		r = erase_known(host, helpers.items[i], err);
	if (r == 0)
		r = edit_file(store, &edit, err);
	if (r == -ENOENT) {
		err_clear(err);
		r = 0;
	}
	return r;
}

static int find_in(const char *file, const struct host *host, const char *domain, const char *path,
		   struct credentials *out, struct err *err)
{
	AUTO(mem) char *helper = NULL;
	char *text = NULL;
	size_t size = 0;

	int r = read_file(file, &text, &size, err);
	if (r == 0 && !text)
		return -ENOENT;
	if (r == 0) {
		r = auth_file_find(text, size, domain, path, out, &helper, err);
		if (r < 0 && r != -ENOENT)
			(void)err_wrap(err, "cannot use '%s'", file);
	}
	wipe(text);
	if (r == 1)
		r = credhelper_get(host, helper, domain, out, err);
	if (r == -ENOENT)
		err_clear(err);
	return r;
}

int authstore_find(const struct strv *files, const struct host *host, const char *key,
		   struct credentials *out, struct err *err)
{
	AUTO(mem) char *domain = str_dup(key);
	const char *path = str_cut(domain, '/');
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < files->count; i++) {
		r = find_in(files->items[i], host, domain, str_or(path, ""), out, err);
		/* Of several places one may be another user's; one that was named may not. */
		if (r == -EACCES && files->count > 1) {
			err_clear(err);
			r = -ENOENT;
		}
	}
	return r == -ENOENT ? err_set(err, r, "nothing is kept for '%s'", key) : r;
}

void authstore_clear(struct authstore *store)
{
	free(store->path);
	*store = (struct authstore){ 0 };
}
