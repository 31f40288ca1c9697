/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountfields - the text of --mount: fields of CSV, each KEY[=VALUE]
 *
 * Keys of both tools. Most become an option of the kind that -v takes, so that there is one list of
 * those.
 */
#include <errno.h>
#include <stdbool.h>

#include "base/str.h"
#include "engine/mountoption.h"
#include "engine/mountspec.h"

/* What is said before it is known which type it is for; texts are borrowed. */
struct fields {
	const char *type, *source, *target, *subpath;
	struct strv options;
	struct strv labels;
};

static void auto_fields(struct fields *f)
{
	strv_clear(&f->options);
	strv_clear(&f->labels);
}

/* One field; a quote inside quotes is written twice. Source: RFC 4180. */
static char *next_field(const char **text)
{
	char *field = mem_alloc(strlen(*text) + 1, 1), *to = field;
	bool quoted = false;
	const char *p = *text;

	for (; *p && (quoted || *p != ','); p++) {
		if (*p != '"')
			*to++ = *p;
		else if (quoted && p[1] == '"')
			*to++ = *++p;
		else
			quoted = !quoted;
	}
	*text = *p ? p + 1 : NULL;
	return field;
}

static void split_csv(const char *text, struct strv *out)
{
	while (text)
		strv_take(out, next_field(&text));
}

/* A key that is a switch, and the option that it stands for when it is on and when it is off. */
static const struct {
	const char *key, *yes, *no;
} switches[] = {
	{ "readonly", "ro", "rw" },
	{ "ro", "ro", "rw" },
	{ "rw", "rw", "ro" },
	{ "readwrite", "rw", "ro" },
	{ "chown", "U", NULL },
	{ "U", "U", NULL },
	{ "volume-nocopy", "nocopy", NULL },
	{ "nocopy", "nocopy", NULL },
	{ "notmpcopyup", "notmpcopyup", "tmpcopyup" },
	{ "tmpcopyup", "tmpcopyup", "notmpcopyup" },
	{ "bind-nonrecursive", "bind", "rbind" },
	{ "exec", "exec", "noexec" },
	{ "noexec", "noexec", "exec" },
	{ "suid", "suid", "nosuid" },
	{ "nosuid", "nosuid", "suid" },
	{ "dev", "dev", "nodev" },
	{ "nodev", "nodev", "dev" },
};

/* A key with a value that becomes NAME=VALUE. */
static const struct {
	const char *key, *option;
} values[] = {
	{ "tmpfs-size", "size" }, { "size", "size" },	{ "tmpfs-mode", "mode" },
	{ "mode", "mode" },	  { "uid", "uid" },	{ "gid", "gid" },
	{ "max", "max" },	  { "idmap", "idmap" },
};

/* A key of which some words are known, each an option; NULL for one that is so anyway. */
static const struct {
	const char *key, *word, *option;
} words[] = {
	{ "bind-recursive", "enabled", "rbind" },
	{ "bind-recursive", "disabled", "bind" },
	{ "bind-recursive", "readonly", "rro" },
	{ "relabel", "private", "Z" },
	{ "relabel", "shared", "z" },
	{ "consistency", "consistent", NULL },
	{ "consistency", "cached", NULL },
	{ "consistency", "delegated", NULL },
	{ "consistency", "default", NULL },
	{ "volume-driver", "local", NULL },
};

/* Known elsewhere. */
static const struct {
	const char *key, *why;
} refused[] = {
	{ "volume-opt", "the driver 'local' has no options; mount a folder with type=bind" },
	{ "volume-driver", "the only driver is local" },
	{ "bind-recursive",
	  "it is enabled, disabled or readonly: 'ro' holds for the mounts below" },
	{ "no-dereference", "a link is followed: what it leads to is mounted" },
};

static int switch_value(const char *text, bool *out)
{
	if (!text || str_eq(text, "true") || str_eq(text, "1"))
		*out = true;
	else if (str_eq(text, "false") || str_eq(text, "0"))
		*out = false;
	else
		return -EINVAL;
	return 0;
}

static int take_switch(struct fields *f, size_t at, const char *value, const char *whole,
		       struct err *err)
{
	bool on;

	if (switch_value(value, &on) < 0)
		return err_set(err, -EINVAL, "'%s': '%s' is true or false, not '%s'", whole,
			       switches[at].key, value);
	const char *option = on ? switches[at].yes : switches[at].no;
	if (option)
		strv_add(&f->options, option);
	return 0;
}

static int refuse(const char *key, const char *value, const char *whole, struct err *err)
{
	for (size_t i = 0; i < array_len(refused); i++)
		if (str_eq(key, refused[i].key)) {
			err_set(err, -EOPNOTSUPP, "'%s': '%s%s%s' is not there", whole, key,
				value ? "=" : "", str_or(value, ""));
			return err_hint(err, "%s", refused[i].why);
		}
	return err_set(err, -EINVAL, "'%s': unknown key '%s'", whole, key);
}

static int take_known(struct fields *f, const char *key, const char *value, const char *whole,
		      struct err *err)
{
	for (size_t i = 0; value && i < array_len(words); i++)
		if (str_eq(key, words[i].key) && str_eq(value, words[i].word)) {
			if (words[i].option)
				strv_add(&f->options, words[i].option);
			return 0;
		}
	for (size_t i = 0; i < array_len(switches); i++)
		if (str_eq(key, switches[i].key))
			return take_switch(f, i, value, whole, err);
	for (size_t i = 0; value && i < array_len(values); i++)
		if (str_eq(key, values[i].key)) {
			strv_addf(&f->options, "%s=%s", values[i].option, value);
			return 0;
		}
	if (str_eq(key, "idmap")) {
		strv_add(&f->options, key);
		return 0;
	}
	return refuse(key, value, whole, err);
}

static int take_field(struct fields *f, char *field, const char *whole, struct err *err)
{
	const struct {
		const char *key;
		const char **slot;
	} slots[] = {
		{ "type", &f->type },
		{ "source", &f->source },
		{ "src", &f->source },
		{ "target", &f->target },
		{ "dst", &f->target },
		{ "destination", &f->target },
		{ "subpath", &f->subpath },
		{ "volume-subpath", &f->subpath },
		{ "image-subpath", &f->subpath },
	};
	char *value = str_cut(field, '=');

	for (size_t i = 0; i < array_len(slots); i++) {
		if (!str_eq(field, slots[i].key))
			continue;
		if (str_empty(value) && slots[i].slot != &f->source)
			return err_set(err, -EINVAL, "'%s': '%s' needs a value", whole, field);
		*slots[i].slot = str_empty(value) ? NULL : value;
		return 0;
	}
	if (str_eq(field, "bind-propagation") && value) {
		strv_add(&f->options, value);
		return 0;
	}
	if (str_eq(field, "volume-label") && !str_empty(value)) {
		AUTO(mem) char *label = strchr(value, '=') ? str_dup(value) : str_fmt("%s=", value);
		strv_env_set(&f->labels, label);
		return 0;
	}
	return take_known(f, field, value, whole, err);
}

static int check_source(const struct fields *f, const char *type, bool wanted, const char *whole,
			struct err *err)
{
	if (wanted && !f->source)
		return err_set(err, -EINVAL, "'%s': a mount of type %s needs source=", whole, type);
	if (!wanted && f->source)
		return err_set(err, -EINVAL, "'%s': a %s has no source", whole, type);
	return 0;
}

static int take_source(struct mount_config *mount, const struct fields *f,
		       const struct mountspec_paths *paths, const char *whole, struct err *err)
{
	const char *type = mount->type;
	int r;

	if (str_eq(type, "bind") || str_eq(type, "glob")) {
		r = check_source(f, type, true, whole, err);
		return r < 0 ? r : mountplace_path(mount, f->source, paths, whole, err);
	}
	if (str_eq(type, "tmpfs") || str_eq(type, "ramfs") || str_eq(type, "devpts"))
		return check_source(f, type, false, whole, err);
	if (str_eq(type, "volume")) {
		mount->anonymous = !f->source;
		return f->source ? mountplace_volume(mount, f->source, whole, err) : 0;
	}
	if (str_eq(type, "image")) {
		mount->source = str_dup(f->source);
		return check_source(f, type, true, whole, err);
	}
	err_set(err, -EOPNOTSUPP, "'%s': mounts of type '%s' are not there", whole, type);
	return err_hint(err, "types are bind, volume, tmpfs, ramfs, devpts, image and glob");
}

/* A file or folder below the source; it may not lead out of it. */
static int take_subpath(struct mount_config *mount, const struct fields *f, const char *whole,
			struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };

	if (!f->subpath)
		return 0;
	if (!str_eq(mount->type, "volume") && !str_eq(mount->type, "image"))
		return err_set(err, -EINVAL, "'%s': only volumes and images have a subpath", whole);
	strv_split(&parts, f->subpath, '/');
	if (strv_find(&parts, "..") >= 0)
		return err_set(err, -EINVAL, "'%s': the subpath '%s' leads out", whole, f->subpath);
	mount->subpath = str_dup(f->subpath);
	return 0;
}

static int take_options(struct mount_config *mount, const struct fields *f, const char *whole,
			struct err *err)
{
	/* Nobody else can change an image, so it is not changed by accident. */
	if (str_eq(mount->type, "image") && strv_find(&f->options, "rw") < 0)
		strv_add(&mount->options, "ro");
	for (size_t i = 0; i < f->options.count; i++) {
		int r = mountoption_add(mount, f->options.items[i], whole, err);
		if (r < 0)
			return r;
	}
	if (f->labels.count && !str_eq(mount->type, "volume"))
		return err_set(err, -EINVAL, "'%s': only volumes have labels", whole);
	strv_extend(&mount->labels, &f->labels);
	return 0;
}

/* What a pattern finds may stand where it stands on the host. */
static int take_target(struct mount_config *mount, const struct fields *f, const char *whole,
		       struct err *err)
{
	if (str_eq(mount->type, "glob") && (!f->target || str_eq(f->target, "/"))) {
		mount->target = str_dup(f->target);
		return 0;
	}
	return mountplace_target(mount, f->target, whole, err);
}

int mountspec_mount(const char *text, const struct mountspec_paths *paths, struct mount_list *out,
		    struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { 0 };
	AUTO(strv) struct strv parts = { 0 };
	AUTO(fields) struct fields f = { 0 };
	int r = 0;

	split_csv(text, &parts);
	for (size_t i = 0; i < parts.count && r == 0; i++)
		if (*parts.items[i])
			r = take_field(&f, parts.items[i], text, err);
	if (r < 0)
		return r;
	mount.type = str_dup(str_or(f.type, "volume"));
	r = take_source(&mount, &f, paths, text, err);
	if (r == 0)
		r = take_target(&mount, &f, text, err);
	if (r == 0)
		r = take_subpath(&mount, &f, text, err);
	if (r == 0)
		r = take_options(&mount, &f, text, err);
	if (r < 0)
		return r;
	mountspec_keep(out, &mount);
	return 0;
}
