/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runmount - what RUN --mount=… says
 */
#include "build/runmount.h"

#include <errno.h>
#include <strings.h>

#include "base/nearest.h"
#include "build/csv.h"

enum {
	BIND = 1 << RUNMOUNT_BIND,
	CACHE = 1 << RUNMOUNT_CACHE,
	TMPFS = 1 << RUNMOUNT_TMPFS,
	SECRET = 1 << RUNMOUNT_SECRET,
	SSH = 1 << RUNMOUNT_SSH,
	ALL = BIND | CACHE | TMPFS | SECRET | SSH,
};

static const char *const types[RUNMOUNT_TYPES] = { "bind", "cache", "tmpfs", "secret", "ssh" };
static const char *const sharings[] = { "shared", "private", "locked" };

enum option {
	OPTION_TYPE,
	OPTION_ENV,
	OPTION_FROM,
	OPTION_GID,
	OPTION_ID,
	OPTION_MODE,
	OPTION_READ_ONLY,
	OPTION_READ_WRITE,
	OPTION_REQUIRED,
	OPTION_SHARING,
	OPTION_SIZE,
	OPTION_SOURCE,
	OPTION_TARGET,
	OPTION_UID,
};

static const struct known {
	const char *name;
	enum option option;
	int types;
	bool alone; /* may stand without a value */
} known_options[] = {
	{ "type", OPTION_TYPE, ALL, false },
	{ "env", OPTION_ENV, SECRET, false },
	{ "from", OPTION_FROM, BIND | CACHE, false },
	{ "gid", OPTION_GID, CACHE | SECRET | SSH, false },
	{ "id", OPTION_ID, CACHE | SECRET | SSH, false },
	{ "mode", OPTION_MODE, CACHE | SECRET | SSH, false },
	{ "readonly", OPTION_READ_ONLY, BIND | CACHE, true },
	{ "ro", OPTION_READ_ONLY, BIND | CACHE, true },
	{ "readwrite", OPTION_READ_WRITE, BIND | CACHE, true },
	{ "rw", OPTION_READ_WRITE, BIND | CACHE, true },
	{ "required", OPTION_REQUIRED, SECRET | SSH, true },
	{ "sharing", OPTION_SHARING, CACHE, false },
	{ "size", OPTION_SIZE, TMPFS, false },
	{ "source", OPTION_SOURCE, BIND | CACHE | SECRET, false },
	{ "src", OPTION_SOURCE, BIND | CACHE | SECRET, false },
	{ "target", OPTION_TARGET, ALL, false },
	{ "dst", OPTION_TARGET, ALL, false },
	{ "destination", OPTION_TARGET, ALL, false },
	{ "uid", OPTION_UID, CACHE | SECRET | SSH, false },
};

static const struct known *find_known(const char *name)
{
	for (size_t i = 0; i < array_len(known_options); i++)
		if (strcasecmp(known_options[i].name, name) == 0)
			return &known_options[i];
	return NULL;
}

static int unknown(const char *name, struct err *err)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < array_len(known_options); i++)
		nearest_offer(&nearest, known_options[i].name);
	if (nearest.best)
		return err_set(err, -EINVAL, "--mount has no option '%s': did you mean '%s'?", name,
			       nearest.best);
	return err_set(err, -EINVAL, "--mount has no option '%.64s'", name);
}

static int bad_value(const char *name, const char *value, const char *want, struct err *err)
{
	return err_set(err, -EINVAL, "the option '%s' of --mount is %s, not '%.64s'", name, want,
		       value);
}

static int one_of(const char *const *names, size_t count, const char *value)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(names[i], value) == 0)
			return (int)i;
	return -ENOENT;
}

static int set_bool(const char *name, const char *value, bool *out, struct err *err)
{
	static const char *const words[] = { "false", "true", "0", "1", "f", "t" };
	int at = value ? one_of(words, array_len(words), value) : 1;

	if (at < 0)
		return bad_value(name, value, "true or false", err);
	*out = at % 2;
	return 0;
}

static int set_mode(const char *value, int64_t *out, struct err *err)
{
	int64_t mode = 0;

	for (const char *p = value; *p; p++) {
		if (*p < '0' || *p > '7' || mode > 07777)
			return bad_value("mode", value, "an octal number", err);
		mode = mode * 8 + (*p - '0');
	}
	if (!*value || mode > 07777)
		return bad_value("mode", value, "an octal number up to 7777", err);
	*out = mode;
	return 0;
}

static int set_id(const char *name, const char *value, int64_t *out, struct err *err)
{
	uint64_t id;

	if (str_u64(value, UINT32_MAX - 1, &id) < 0)
		return bad_value(name, value, "a number of an id", err);
	*out = (int64_t)id;
	return 0;
}

static int set_size(const char *value, int64_t *out, struct err *err)
{
	uint64_t size;

	if (str_size(value, &size) < 0 || size > INT64_MAX)
		return bad_value("size", value, "a size such as 64m", err);
	*out = (int64_t)size;
	return 0;
}

static int set_word(const char *name, const char *const *names, size_t count, const char *want,
		    const char *value, int *out, struct err *err)
{
	int at = one_of(names, count, value);

	if (at < 0)
		return bad_value(name, value, want, err);
	*out = at;
	return 0;
}

static int set_option(struct runmount *mount, const struct known *known, const char *value,
		      struct err *err)
{
	bool yes;
	int at = 0, r = 0;

	switch (known->option) {
	case OPTION_TYPE:
		r = set_word("type", types, array_len(types), "bind, cache, tmpfs, secret or ssh",
			     value, &at, err);
		mount->type = (enum runmount_type)at;
		return r;
	case OPTION_SHARING:
		r = set_word("sharing", sharings, array_len(sharings), "shared, private or locked",
			     value, &at, err);
		mount->sharing = (enum runmount_sharing)at;
		return r;
	case OPTION_READ_ONLY:
		return set_bool(known->name, value, &mount->read_only, err);
	case OPTION_READ_WRITE:
		r = set_bool(known->name, value, &yes, err);
		if (r == 0)
			mount->read_only = !yes;
		return r;
	case OPTION_REQUIRED:
		return set_bool(known->name, value, &mount->required, err);
	case OPTION_MODE:
		return set_mode(value, &mount->mode, err);
	case OPTION_UID:
		return set_id("uid", value, &mount->uid, err);
	case OPTION_GID:
		return set_id("gid", value, &mount->gid, err);
	case OPTION_SIZE:
		return set_size(value, &mount->size, err);
	case OPTION_ENV:
		str_set(&mount->env, value);
		return 0;
	case OPTION_FROM:
		str_set(&mount->from, value);
		return 0;
	case OPTION_ID:
		str_set(&mount->id, value);
		return 0;
	case OPTION_SOURCE:
		str_set(&mount->source, value);
		return 0;
	case OPTION_TARGET:
		str_set(&mount->target, value);
		return 0;
	}
	return 0;
}

/* @open: NULL, or a value that depends on variables is left out, and its option added here */
static int read_field(struct runmount *mount, char *field, const struct expand_scope *scope,
		      int *seen, int *open, struct err *err)
{
	AUTO(mem) char *value = NULL;
	char *text = str_cut(field, '=');
	const struct known *known = find_known(field);

	if (!known)
		return unknown(field, err);
	if (!text && !known->alone)
		return err_set(err, -EINVAL, "the option '%s' of --mount needs a value",
			       known->name);
	if (text && known->option == OPTION_FROM && strchr(text, '$')) {
		err_set(err, -EINVAL, "the option 'from' of --mount knows no variables: '%s'",
			text);
		return err_hint(err, "name a stage for it: FROM %s AS …", text);
	}
	*seen |= 1 << known->option;
	if (open && text && strchr(text, '$')) {
		*open |= 1 << known->option;
		return 0;
	}
	int r = text ? expand_word(scope, text, &value, err) : 0;
	return r < 0 ? r : set_option(mount, known, value, err);
}

/* Whether the type has all options that were given. */
static int check_options(const struct runmount *mount, int seen, struct err *err)
{
	for (size_t i = 0; i < array_len(known_options); i++)
		if (seen & 1 << known_options[i].option &&
		    !(known_options[i].types & 1 << mount->type))
			return err_set(err, -EINVAL, "a mount of type '%s' has no option '%s'",
				       types[mount->type], known_options[i].name);
	return 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The id may be called source, or be the last part of the target. */
static int finish_secret(struct runmount *mount, struct err *err)
{
	if (mount->source && mount->id)
		return err_set(err, -EINVAL, "a secret has an 'id' or a 'source', not both");
	if (mount->source)
		mount->id = take_ptr(mount->source);
	if (!mount->id && mount->target)
		mount->id = str_dup(last_part(mount->target));
	if (str_empty(mount->id))
		return err_set(err, -EINVAL, "a mount of type 'secret' needs an 'id'");
	if (!mount->target && !mount->env)
		mount->target = str_fmt("/run/secrets/%s", last_part(mount->id));
	return 0;
}

static int finish(struct runmount *mount, int seen, struct err *err)
{
	bool writable = seen & (1 << OPTION_READ_ONLY | 1 << OPTION_READ_WRITE);

	if (mount->type == RUNMOUNT_BIND && !writable)
		mount->read_only = true;
	if (mount->type == RUNMOUNT_SECRET)
		return finish_secret(mount, err);
	if (mount->type == RUNMOUNT_SSH) {
		if (!mount->id)
			mount->id = str_dup("default");
		return 0;
	}
	if (str_empty(mount->target))
		return err_set(err, -EINVAL, "a mount of type '%s' needs a 'target'",
			       types[mount->type]);
	if (strspn(mount->target, "/.") == strlen(mount->target) && *mount->target == '/')
		return err_set(err, -EINVAL, "nothing can be mounted at '%s'", mount->target);
	if (mount->type == RUNMOUNT_CACHE && !mount->id)
		mount->id = str_dup(mount->target);
	return 0;
}

static int read_fields(const char *text, const struct expand_scope *scope, struct runmount *out,
		       int *seen, int *open, struct err *err)
{
	AUTO(strv) struct strv fields = { 0 };
	int r = 0;

	out->size = out->mode = out->uid = out->gid = -1;
	csv_split(text, &fields);
	for (size_t i = 0; r == 0 && i < fields.count; i++)
		r = read_field(out, fields.items[i], scope, seen, open, err);
	return r;
}

int runmount_parse(const char *text, const struct expand_scope *scope, struct runmount *out,
		   struct err *err)
{
	int seen = 0;
	int r = read_fields(text, scope, out, &seen, NULL, err);

	if (r == 0)
		r = check_options(out, seen, err);
	return r < 0 ? r : finish(out, seen, err);
}

int runmount_foresee(const char *text, const struct expand_scope *scope, struct runmount *out,
		     struct err *err)
{
	int seen = 0, open = 0;
	int r = read_fields(text, scope, out, &seen, &open, err);

	if (r == 0 && !(open & 1 << OPTION_TYPE))
		r = check_options(out, seen, err);
	return r < 0 || open ? r : finish(out, seen, err);
}

char *runmount_from(const char *text)
{
	AUTO(strv) struct strv fields = { 0 };
	const char *from = NULL;

	csv_split(text, &fields);
	for (size_t i = 0; i < fields.count; i++)
		if (strncasecmp(fields.items[i], "from=", 5) == 0)
			from = fields.items[i] + 5;
	return str_dup(from);
}

const char *runmount_type_name(enum runmount_type type)
{
	return types[type];
}

void runmount_clear(struct runmount *mount)
{
	free(mount->id);
	free(mount->from);
	free(mount->source);
	free(mount->target);
	free(mount->env);
	*mount = (struct runmount){ 0 };
}

void runmounts_clear(struct runmounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		runmount_clear(&mounts->items[i]);
	free(mounts->items);
	*mounts = (struct runmounts){ 0 };
}
