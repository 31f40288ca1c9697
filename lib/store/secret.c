/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secret - passwords and keys that containers get without having them in their image: secrets/NAME
 */
#include "store/secret.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "oci/base64.h"
#include "store/event.h"
#include "store/record.h"
#include "store/temp.h"

#define S(kind, f) J_##kind(#f, struct secret, f)
static const struct jfield secret_fields[] = {
	S(TEXT, id),	 S(TEXT, name),		  S(I64, created), S(I64, updated), S(STRV, labels),
	S(TEXT, driver), S(STRV, driver_options), S(TEXT, data),   J_END,
};
#undef S

int secret_check_name(const char *name, struct err *err)
{
	bool good = isascii(*name) && isalnum((unsigned char)*name) &&
		    strlen(name) <= SECRET_NAME_MAX;

	for (const char *c = name; *c && good; c++)
		good = isascii(*c) && (isalnum((unsigned char)*c) || strchr("_.-", *c));
	if (good)
		return 0;
	return err_set(err, -EINVAL,
		       "invalid secret name '%s': names begin with a letter or digit, followed by "
		       "letters, digits, '_', '.' and '-', at most %d in all",
		       name, SECRET_NAME_MAX);
}

static char *path_of(const char *name)
{
	return str_fmt("secrets/%s", name);
}

static int check(const struct secret *secret, size_t size, struct err *err)
{
	int r = secret_check_name(secret->name, err);

	if (r == 0 && size == 0)
		r = err_set(err, -EINVAL, "the secret '%s' would be empty", secret->name);
	if (r == 0 && size > SECRET_BYTES_MAX)
		r = err_set(err, -EINVAL, "the secret '%s' has more than %d bytes", secret->name,
			    SECRET_BYTES_MAX);
	for (size_t i = 0; i < secret->labels.count && r == 0; i++)
		if (strcspn(secret->labels.items[i], "=") == 0)
			r = err_set(err, -EINVAL, "the label '%s' has no key",
				    secret->labels.items[i]);
	return r;
}

static char *print(const struct secret *secret)
{
	AUTO(json) cJSON *json = jfield_save(secret_fields, secret);

	return json_print(json, 0);
}

/* Written aside first and given its name in one step, which fails when the name is taken. */
static int place(const struct store *store, const struct secret *secret, const char *text,
		 struct err *err)
{
	AUTO(temp) struct temp *temp = NULL;
	AUTO(mem) char *rel = path_of(secret->name);

	int r = temp_claim(store, &temp, err);
	if (r < 0)
		return r;
	r = file_write(store->dir, temp->rel, 0600, text, strlen(text));
	if (r < 0)
		err_sys(err, r, "cannot keep the secret '%s'", secret->name);
	else
		r = temp_commit(store, temp, rel, err);
	if (r < 0)
		(void)!temp_remove(store, temp); /* the first failure is the one to tell */
	return r;
}

static int overwrite(const struct store *store, const struct secret *secret, const char *text,
		     struct err *err)
{
	AUTO(mem) char *rel = path_of(secret->name);
	int r = file_replace(store->dir, rel, 0600, text, strlen(text), false);

	return r < 0 ? err_sys(err, r, "cannot keep the secret '%s'", secret->name) : 0;
}

static int taken(const struct store *store, const char *name, char **out_id, struct err *err)
{
	AUTO(secret) struct secret *there = NULL;

	if (out_id && secret_load(store, name, &there, NULL) == 0)
		*out_id = str_dup(there->id);
	err_set(err, -EEXIST, "a secret named '%s' is there already", name);
	return err_hint(err, "give --replace to replace it");
}

int secret_create(const struct store *store, const struct secret *secret, const void *data,
		  size_t size, bool replace, char **out_id, struct err *err)
{
	AUTO(secret) struct secret *made = mem_new(struct secret);
	AUTO(secret) struct secret *old = NULL;
	AUTO(mem) char *id = record_new_id();

	int r = check(secret, size, err);
	if (r == 0)
		r = store_check_writable(store, err);
	if (r < 0)
		return r;
	made->id = str_ndup(id, SECRET_ID_HEX);
	made->name = str_dup(secret->name);
	made->updated = made->created = clock_now();
	strv_extend(&made->labels, &secret->labels);
	made->driver = str_dup(secret->driver);
	strv_extend(&made->driver_options, &secret->driver_options);
	made->data = secret->driver ? NULL : base64_encode(data, size);
	/* A damaged one is replaced like any other. */
	if (replace && secret_load(store, secret->name, &old, NULL) == 0)
		made->created = old->created;
	AUTO(mem) char *text = print(made);
	r = replace ? overwrite(store, made, text, err) : place(store, made, text, err);
	explicit_bzero(text, strlen(text));
	if (r == -EEXIST) {
		err_clear(err);
		return taken(store, secret->name, out_id, err);
	}
	if (r < 0)
		return r;
	event_named(store, EVENT_SECRET, EVENT_CREATE, made->id, made->name);
	if (out_id)
		*out_id = take_ptr(made->id);
	return 0;
}

static int no_secret(const char *text, struct err *err)
{
	err_set(err, -ENOENT, "no secret named '%s'", text);
	(void)err_hint(err, "list all secrets with: cubby secret ls");
	return -ENOENT;
}

int secret_load(const struct store *store, const char *name, struct secret **out, struct err *err)
{
	AUTO(mem) char *rel = path_of(name);
	AUTO(json) cJSON *json = NULL;
	AUTO(secret) struct secret *secret = mem_new(struct secret);

	if (secret_check_name(name, NULL) < 0)
		return no_secret(name, err);
	int r = json_load(store->dir, rel, &json, NULL);
	if (r == -ENOENT)
		return no_secret(name, err);
	if (r == 0)
		r = jfield_load(secret_fields, json, secret, NULL);
	if (r == -EBADMSG || (r == 0 && (!secret->id || (!secret->data && !secret->driver))))
		return err_set(err, -EBADMSG, "the secret '%s' is damaged", name);
	if (r < 0)
		return err_sys(err, r, "cannot read the secret '%s'", name);
	str_set(&secret->name, name);
	*out = take_ptr(secret);
	return 0;
}

static int find_by_id(const struct store *store, const char *text, struct secret **out,
		      struct err *err)
{
	AUTO(strv) struct strv names = { 0 };
	AUTO(secret) struct secret *found = NULL;
	int r = secret_list(store, &names, err);

	for (size_t i = 0; i < names.count && r == 0; i++) {
		AUTO(secret) struct secret *secret = NULL;
		if (secret_load(store, names.items[i], &secret, NULL) < 0 ||
		    !str_starts(secret->id, text))
			continue;
		if (found)
			return err_set(err, -ENOTUNIQ,
				       "'%s' is the beginning of several secrets' ids", text);
		found = take_ptr(secret);
	}
	if (r < 0)
		return r;
	if (!found)
		return no_secret(text, err);
	*out = take_ptr(found);
	return 0;
}

int secret_find(const struct store *store, const char *text, struct secret **out, struct err *err)
{
	int r = secret_load(store, text, out, err);

	if (r != -ENOENT || !*text || strlen(text) > SECRET_ID_HEX || !str_hex(text, 0))
		return r;
	if (err)
		err_clear(err);
	return find_by_id(store, text, out, err);
}

int secret_data(const struct secret *secret, char **out, size_t *out_size, struct err *err)
{
	if (secret->data && base64_decode(secret->data, out, out_size) == 0)
		return 0;
	return err_set(err, -EBADMSG, "the secret '%s' is damaged", secret->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int secret_list(const struct store *store, struct strv *out, struct err *err)
{
	size_t before = out->count;
	int fd = openat(store->dir, "secrets", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		int r = -errno;
		fd_close(fd);
		/* A store of before has no such folder. */
		return r == -ENOENT ? 0 : err_sys(err, r, "cannot read '%s/secrets'", store->path);
	}
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (secret_check_name(e->d_name, NULL) == 0)
			strv_add(out, e->d_name);
	closedir(dir);
	if (out->count > before)
		qsort(out->items + before, out->count - before, sizeof *out->items, by_name);
	return 0;
}

int secret_remove(const struct store *store, const char *name, struct err *err)
{
	AUTO(mem) char *rel = path_of(name);

	if (secret_check_name(name, NULL) < 0)
		return no_secret(name, err);
	AUTO(secret) struct secret *gone = NULL;
	(void)!secret_load(store, name, &gone, NULL); /* a damaged one has a name alone */
	if (unlinkat(store->dir, rel, 0) == 0) {
		event_named(store, EVENT_SECRET, EVENT_REMOVE, gone ? gone->id : NULL, name);
		return 0;
	}
	if (errno == ENOENT)
		return no_secret(name, err);
	return err_sys(err, -errno, "cannot remove the secret '%s'", name);
}

void secret_free(struct secret *secret)
{
	if (!secret)
		return;
	if (secret->data)
		explicit_bzero(secret->data, strlen(secret->data));
	jfield_clear(secret_fields, secret);
	free(secret);
}
