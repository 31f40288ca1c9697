/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lookaside - bringing the GPG signatures of a registry's images
 */
#include "engine/lookaside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/yaml.h"

#define SYSTEM_FOLDER "/etc/containers/registries.d"

/* ---- the files -------------------------------------------------------------------------------- */

/* A folder of the caller's, below the one that a variable names or its usual place. */
static char *own_folder(const struct host *host, const char *variable, const char *usual,
			const char *below)
{
	const char *base = host_env(host, variable);

	if (!str_empty(base) && *base == '/')
		return str_fmt("%s/%s", base, below);
	return str_fmt("%s/%s/%s", host->home, usual, below);
}

static char *find_folder(const struct host *host)
{
	AUTO(mem)
	char *own = own_folder(host, "XDG_CONFIG_HOME", ".config", "containers/registries.d");

	/* One that cannot be looked into counts: it may name other places. */
	return access(own, F_OK) == 0 || errno == EACCES ? take_ptr(own) : str_dup(SYSTEM_FOLDER);
}

static int is_description(const struct dirent *entry)
{
	return *entry->d_name != '.' && str_ends(entry->d_name, ".yaml");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_file(const struct host *host, const char *path, struct lookaside *out,
		     struct err *err)
{
	AUTO(mem) char *program = host_helper(host, "cubby-yaml");
	AUTO(mem) char *text = NULL;
	AUTO(json) cJSON *documents = NULL;
	size_t size;

	int r = file_read(AT_FDCWD, path, JSON_MAX_BYTES, &text, &size);
	if (r < 0)
		return err_sys(err, r, "cannot read '%s'", path);
	r = yaml_parse(program, text, size, false, &documents, err);
	for (int i = 0; r == 0 && i < cJSON_GetArraySize(documents); i++)
		r = lookaside_add(out, cJSON_GetArrayItem(documents, i), path, err);
	return r < 0 ? err_wrap(err, "'%s' cannot be used", path) : 0;
}

int lookaside_load(const struct host *host, struct lookaside *out, struct err *err)
{
	AUTO(mem) char *folder = find_folder(host);
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_description, by_bytes), r = 0;

	if (n < 0 && errno != ENOENT)
		r = err_sys(err, -errno, "cannot read '%s'", folder);
	for (int i = 0; i < n; i++) {
		AUTO(mem) char *path = str_fmt("%s/%s", folder, entries[i]->d_name);
		if (r == 0)
			r = load_file(host, path, out, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

char *lookaside_usual(const struct host *host)
{
	if (host->uid == 0)
		return str_dup("file:///var/lib/containers/sigstore");
	AUTO(mem)
	char *own = own_folder(host, "XDG_DATA_HOME", ".local/share", "containers/sigstore");
	return str_fmt("file://%s", own);
}

/* ---- signatures ------------------------------------------------------------------------------- */

struct question {
	struct loop *loop;
	struct err *err;
	char *text;
	size_t size;
};

static void on_file(void *data, const struct remote_answer *answer, struct err *err)
{
	struct question *q = data;
	int r = answer ? fd_read_all(answer->memfd, LOOKASIDE_MAX_BYTES, &q->text, &q->size)
		       : err_move(q->err, err);

	if (answer && r < 0)
		(void)err_sys(q->err, r, "cannot read the signature");
	loop_stop(q->loop, r);
}

int lookaside_get(struct remote *remote, struct loop *loop, const char *address, char **out,
		  size_t *out_size, struct err *err)
{
	AUTO(mem) char *path = lookaside_path(address);
	struct question q = { .loop = loop, .err = err };

	if (path) {
		int r = file_read(AT_FDCWD, path, LOOKASIDE_MAX_BYTES, out, out_size);
		if (r == -ENOTDIR)
			r = -ENOENT;
		return r < 0 ? err_sys(err, r, "cannot read the signature '%s'", path) : 0;
	}
	int r = remote_file(remote, address, on_file, &q, err);
	if (r == 0)
		r = loop_run(loop);
	if (r < 0) {
		free(q.text);
		return r;
	}
	*out = q.text;
	*out_size = q.size;
	return 0;
}
