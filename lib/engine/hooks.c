/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hooks - what the files in the folders of --hooks-dir have run for a container
 */
#include "engine/hooks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "oci/hookfile.h"

/* One file: of those with its name, that of the last folder. */
struct found {
	char *name;
	char *path;
};

struct found_list {
	struct found *items;
	size_t count;
};

static void auto_found_list(struct found_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].path);
	}
	free(list->items);
}

/* ---- folders -------------------------------------------------------------------------------- */

static void find(struct found_list *list, const char *folder, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].name, name)) {
			free(list->items[i].path);
			list->items[i].path = str_fmt("%s/%s", folder, name);
			return;
		}
	*vec_push(list) = (struct found){ str_dup(name), str_fmt("%s/%s", folder, name) };
}

static int read_folder(const char *folder, struct found_list *list, struct err *err)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	if (!dir)
		return err_sys(err, -errno, "--hooks-dir: cannot read the folder '%s'", folder);
	for (struct dirent *e = readdir(dir); e && count <= HOOKS_MAX; e = readdir(dir))
		if (str_ends(e->d_name, ".json")) {
			find(list, folder, e->d_name);
			count++;
		}
	closedir(dir);
	if (count > HOOKS_MAX)
		return err_set(err, -E2BIG, "--hooks-dir: '%s' has more than %d files of hooks",
			       folder, HOOKS_MAX);
	return 0;
}

static int by_lower_case(const void *a, const void *b)
{
	const char *one = ((const struct found *)a)->name, *other = ((const struct found *)b)->name;

	for (size_t i = 0; one[i] || other[i]; i++) {
		const int x = tolower((unsigned char)one[i]), y = tolower((unsigned char)other[i]);
		if (x != y)
			return x - y;
	}
	return strcmp(one, other);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Links are followed; a pipe would not end. */
static int read_text(const char *path, char **out, size_t *out_size, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, -errno, "cannot read it");
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EBADMSG, "it is no file");
	int r = file_read(AT_FDCWD, path, HOOKFILE_MAX_BYTES, out, out_size);
	if (r == -EFBIG)
		return err_set(err, -EBADMSG, "it has more than %d bytes", HOOKFILE_MAX_BYTES);
	return r < 0 ? err_sys(err, r, "cannot read it") : 0;
}

static int load_file(const char *path, struct hookfile *out, struct err *err)
{
	AUTO(mem) char *text = NULL;
	AUTO(json) cJSON *value = NULL;
	size_t size;

	int r = read_text(path, &text, &size, err);
	if (r == 0)
		r = json_parse(text, size, &value, err);
	return r < 0 ? r : hookfile_load(value, out, err);
}

/* Told before anything is made: by then a hook that comes last would be told to nobody. */
static int check_program(const struct hookfile *hook, struct err *err)
{
	if (hook->stages & 1U << HOOKFILE_PRECREATE) {
		err_set(err, -EOPNOTSUPP, "the stage 'precreate' is not there");
		return err_hint(err,
				"its hooks print another config.json, but what is run is not made "
				"from that file; createContainer can change the root, and options "
				"of run the rest");
	}
	if (hook->stages == 1U << RUNTIME_HOOK_START_CONTAINER) /* one of the image's */
		return 0;
	return access(hook->path, X_OK) < 0
		       ? err_sys(err, -errno, "cannot run the hook '%s'", hook->path)
		       : 0;
}

static void add_hook(const struct hookfile *hook, const char *path, struct runtime_hooks *out)
{
	for (int kind = 0; kind < RUNTIME_HOOK_KINDS; kind++) {
		if (!(hook->stages & 1U << kind))
			continue;
		struct runtime_hook *one = vec_push(out);
		*one = (struct runtime_hook){ .kind = (enum runtime_hook_kind)kind,
					      .path = str_dup(hook->path),
					      .timeout = hook->timeout,
					      .origin = str_dup(path) };
		strv_extend(&one->args, &hook->args);
		strv_extend(&one->env, &hook->env);
	}
}

static int take_file(const char *path, const struct hookfile_subject *subject,
		     struct runtime_hooks *out, struct err *err)
{
	AUTO(hookfile) struct hookfile hook = { 0 };
	int r = load_file(path, &hook, err);

	if (r == 0 && !hookfile_match(&hook, subject))
		return 0;
	if (r == 0)
		r = check_program(&hook, err);
	if (r < 0)
		return err_wrap(err, "the hook of '%s' cannot be used", path);
	add_hook(&hook, path, out);
	return 0;
}

/* ---- containers ----------------------------------------------------------------------------- */

static bool has_binds(const struct container_config *config)
{
	for (size_t i = 0; i < config->mounts.count; i++)
		if (str_eq(config->mounts.items[i].type, "bind"))
			return true;
	return false;
}

static int find_all(const struct engine *engine, const struct container_config *config,
		    struct found_list *out, struct err *err)
{
	const struct strv *own = &config->hook_folders, *more = &engine->hook_folders;
	int r = 0;

	for (size_t i = 0; r == 0 && i < own->count; i++)
		r = read_folder(own->items[i], out, err);
	for (size_t i = 0; r == 0 && i < more->count; i++)
		if (strv_find(own, more->items[i]) < 0)
			r = read_folder(more->items[i], out, err);
	return r;
}

int hooks_resolve(const struct engine *engine, const struct container_config *config,
		  struct runtime_hooks *out, struct err *err)
{
	AUTO(found_list) struct found_list found = { 0 };
	const struct strv *words = config->entrypoint.count ? &config->entrypoint
							    : &config->command;
	const struct hookfile_subject subject = {
		.command = words->count ? words->items[0] : "",
		.annotations = &config->annotations,
		.has_binds = has_binds(config),
	};

	int r = find_all(engine, config, &found, err);
	if (found.count)
		qsort(found.items, found.count, sizeof *found.items, by_lower_case);
	for (size_t i = 0; r == 0 && i < found.count; i++)
		r = take_file(found.items[i].path, &subject, out, err);
	return r;
}

int hooks_plan(const struct engine *engine, struct container_config *config, struct err *err)
{
	AUTO(runtime_hooks) struct runtime_hooks hooks = { 0 };

	for (size_t i = 0; i < engine->hook_folders.count; i++)
		if (strv_find(&config->hook_folders, engine->hook_folders.items[i]) < 0)
			strv_add(&config->hook_folders, engine->hook_folders.items[i]);
	return hooks_resolve(engine, config, &hooks, err);
}

void hooks_apply(const struct runtime_hooks *hooks, struct runtime_spec *spec)
{
	for (size_t i = 0; i < hooks->count; i++) {
		const struct runtime_hook *from = &hooks->items[i];
		struct runtime_hook *hook = vec_push(&spec->hooks);
		*hook = (struct runtime_hook){ .kind = from->kind,
					       .path = str_dup(from->path),
					       .timeout = from->timeout,
					       .origin = str_dup(from->origin) };
		strv_extend(&hook->args, &from->args);
		strv_extend(&hook->env, &from->env);
	}
}
