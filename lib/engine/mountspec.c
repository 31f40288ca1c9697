/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountspec - the texts of -v, --mount and --tmpfs
 *
 * Options are a white list: what is not on it would otherwise reach mount(2) as data.
 */
#include "engine/mountspec.h"

#include <errno.h>
#include <stdbool.h>

#include "base/str.h"

enum option_kind { ON_BIND = 1, ON_VOLUME = 2, ON_TMPFS = 4, ON_ANY = 7 };

struct option {
	const char *name;
	unsigned int kinds;
	bool value; /* NAME=VALUE */
};

static const struct option options[] = {
	{ "ro", ON_ANY, false },
	{ "rw", ON_ANY, false },
	{ "z", ON_ANY, false },
	{ "Z", ON_ANY, false },
	{ "U", ON_ANY, false },
	{ "O", ON_BIND | ON_VOLUME, false },
	{ "nocopy", ON_VOLUME, false },
	{ "copy", ON_VOLUME, false },
	{ "shared", ON_ANY, false },
	{ "rshared", ON_ANY, false },
	{ "slave", ON_ANY, false },
	{ "rslave", ON_ANY, false },
	{ "private", ON_ANY, false },
	{ "rprivate", ON_ANY, false },
	{ "unbindable", ON_ANY, false },
	{ "runbindable", ON_ANY, false },
	{ "bind", ON_BIND, false },
	{ "rbind", ON_BIND, false },
	{ "exec", ON_ANY, false },
	{ "noexec", ON_ANY, false },
	{ "suid", ON_ANY, false },
	{ "nosuid", ON_ANY, false },
	{ "dev", ON_ANY, false },
	{ "nodev", ON_ANY, false },
	{ "noatime", ON_ANY, false },
	{ "relatime", ON_ANY, false },
	{ "sync", ON_TMPFS, false },
	{ "tmpcopyup", ON_TMPFS, false },
	{ "notmpcopyup", ON_TMPFS, false },
	{ "size", ON_TMPFS, true },
	{ "mode", ON_TMPFS, true },
	{ "uid", ON_TMPFS, true },
	{ "gid", ON_TMPFS, true },
	{ "nr_inodes", ON_TMPFS, true },
	{ "nr_blocks", ON_TMPFS, true },
};

void mountspec_clear(struct mount_config *mount)
{
	free(mount->type);
	free(mount->source);
	free(mount->target);
	strv_clear(&mount->options);
	*mount = (struct mount_config){ 0 };
}

static unsigned int kind_of(const char *type)
{
	if (str_eq(type, "tmpfs"))
		return ON_TMPFS;
	return str_eq(type, "volume") ? ON_VOLUME : ON_BIND;
}

static const struct option *find_option(const char *text)
{
	size_t n = strcspn(text, "=");

	for (size_t i = 0; i < array_len(options); i++)
		if (strlen(options[i].name) == n && !strncmp(options[i].name, text, n) &&
		    options[i].value == (text[n] == '='))
			return &options[i];
	return NULL;
}

static int add_option(struct mount_config *mount, const char *text, const char *whole,
		      struct err *err)
{
	const struct option *o = find_option(text);

	if (!o)
		return err_set(err, -EINVAL, "'%s': unknown mount option '%s'", whole, text);
	if (!(o->kinds & kind_of(mount->type)))
		return err_set(err, -EINVAL, "'%s': option '%s' is not for a %s", whole, text,
			       mount->type);
	strv_add(&mount->options, text);
	return 0;
}

static int add_options(struct mount_config *mount, const char *list, const char *whole,
		       struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };

	if (str_empty(list))
		return 0;
	strv_split(&parts, list, ',');
	for (size_t i = 0; i < parts.count; i++) {
		int r = str_empty(parts.items[i]) ? 0
						  : add_option(mount, parts.items[i], whole, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Collapses "//", "/./" and "/../" and cuts the last slash; the text is absolute. */
static char *clean_path(const char *path)
{
	AUTO(strv) struct strv parts = { 0 };
	AUTO(strv) struct strv kept = { 0 };

	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];
		if (str_empty(part) || str_eq(part, "."))
			continue;
		if (!str_eq(part, ".."))
			strv_add(&kept, part);
		else if (kept.count)
			strv_remove(&kept, kept.count - 1);
	}
	AUTO(mem) char *joined = str_join(&kept, "/");
	return str_fmt("/%s", joined);
}

static int set_target(struct mount_config *mount, const char *target, const char *whole,
		      struct err *err)
{
	if (str_empty(target) || *target != '/')
		return err_set(err, -EINVAL, "'%s': the target '%s' is no absolute path", whole,
			       str_or(target, ""));
	mount->target = clean_path(target);
	if (str_eq(mount->target, "/"))
		return err_set(err, -EINVAL, "'%s': the target may not be '/'", whole);
	return 0;
}

static int set_path(struct mount_config *mount, const char *source,
		    const struct mountspec_paths *paths, const char *whole, struct err *err)
{
	AUTO(mem) char *joined = NULL;

	if (*source == '/') {
		mount->source = clean_path(source);
		return 0;
	}
	if (*source == '~' && (source[1] == '/' || !source[1])) {
		joined = str_fmt("%s%s", paths->home, source + 1);
	} else {
		if (!paths->cwd)
			return err_set(
				err, -EINVAL,
				"'%s': the working folder cannot be read, so '%s' means nothing",
				whole, source);
		joined = str_fmt("%s/%s", paths->cwd, source);
	}
	mount->source = clean_path(joined);
	return 0;
}

static bool is_path(const char *source)
{
	return strchr(source, '/') || str_eq(source, ".") || str_eq(source, "..") ||
	       str_eq(source, "~");
}

static int set_volume(struct mount_config *mount, const char *name, const char *whole,
		      struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";

	if (!*name || name[strspn(name, allowed)] || strchr("_.-", *name)) {
		err_set(err, -EINVAL, "'%s': '%s' is no name for a volume", whole, name);
		return err_hint(err, "a folder is named with a slash: './%s'", name);
	}
	mount->source = str_dup(name);
	return 0;
}

static int set_source(struct mount_config *mount, const char *source,
		      const struct mountspec_paths *paths, const char *whole, struct err *err)
{
	bool path = is_path(source);

	mount->type = str_dup(path ? "bind" : "volume");
	return path ? set_path(mount, source, paths, whole, err)
		    : set_volume(mount, source, whole, err);
}

static void keep(struct mount_list *out, struct mount_config *mount)
{
	*vec_push(out) = *mount;
	*mount = (struct mount_config){ 0 };
}

int mountspec_volume(const char *text, const struct mountspec_paths *paths, struct mount_list *out,
		     struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { 0 };
	AUTO(strv) struct strv parts = { 0 };
	int r;

	strv_split(&parts, text, ':');
	if (parts.count > 3 || str_empty(parts.items[0])) {
		err_set(err, -EINVAL, "'%s' is no volume", text);
		return err_hint(err, "volumes are written [SOURCE:]TARGET[:OPTIONS]");
	}
	if (parts.count == 1) {
		mount.type = str_dup("volume");
		mount.anonymous = true;
		r = set_target(&mount, parts.items[0], text, err);
	} else {
		r = set_source(&mount, parts.items[0], paths, text, err);
		if (r == 0)
			r = set_target(&mount, parts.items[1], text, err);
	}
	if (r == 0 && parts.count == 3)
		r = add_options(&mount, parts.items[2], text, err);
	if (r < 0)
		return r;
	keep(out, &mount);
	return 0;
}

int mountspec_tmpfs(const char *text, struct mount_list *out, struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { .type = str_dup("tmpfs") };
	AUTO(mem) char *target = str_dup(text);
	const char *list = str_cut(target, ':');

	int r = set_target(&mount, target, text, err);
	if (r == 0)
		r = add_options(&mount, list, text, err);
	if (r < 0)
		return r;
	keep(out, &mount);
	return 0;
}

/* What --mount says before it is known which type it is for. */
struct fields {
	const char *type, *source, *target;
	struct strv options;
};

static void auto_fields(struct fields *f)
{
	strv_clear(&f->options);
}

static bool truth(const char *value)
{
	return !value || str_eq(value, "true") || str_eq(value, "1");
}

/* Keys that become one option, with the value's text where the option takes one. */
static const struct {
	const char *key;
	const char *yes; /* when the value is true or absent; "%s" takes the value */
	const char *no;	 /* when it is false */
} mount_keys[] = {
	{ "readonly", "ro", "rw" },
	{ "ro", "ro", "rw" },
	{ "rw", "rw", "ro" },
	{ "chown", "U", NULL },
	{ "U", "U", NULL },
	{ "volume-nocopy", "nocopy", NULL },
	{ "nocopy", "nocopy", NULL },
	{ "notmpcopyup", "notmpcopyup", NULL },
	{ "tmpcopyup", "tmpcopyup", "notmpcopyup" },
	{ "exec", "exec", "noexec" },
	{ "noexec", "noexec", "exec" },
	{ "suid", "suid", "nosuid" },
	{ "nosuid", "nosuid", "suid" },
	{ "dev", "dev", "nodev" },
	{ "nodev", "nodev", "dev" },
};

static int take_key(struct fields *f, const char *key, const char *value, const char *whole,
		    struct err *err)
{
	static const char *const values[][2] = { { "tmpfs-size", "size" },
						 { "size", "size" },
						 { "tmpfs-mode", "mode" },
						 { "mode", "mode" } };

	if (str_eq(key, "bind-propagation") && value) {
		strv_add(&f->options, value);
		return 0;
	}
	if (str_eq(key, "bind-nonrecursive")) {
		strv_add(&f->options, truth(value) ? "bind" : "rbind");
		return 0;
	}
	if (str_eq(key, "relabel") && value) {
		strv_add(&f->options, str_eq(value, "private") ? "Z" : "z");
		return 0;
	}
	for (size_t i = 0; i < array_len(values); i++)
		if (str_eq(key, values[i][0]) && value) {
			strv_addf(&f->options, "%s=%s", values[i][1], value);
			return 0;
		}
	for (size_t i = 0; i < array_len(mount_keys); i++) {
		if (!str_eq(key, mount_keys[i].key))
			continue;
		const char *option = truth(value) ? mount_keys[i].yes : mount_keys[i].no;
		if (option)
			strv_add(&f->options, option);
		return 0;
	}
	return err_set(err, -EINVAL, "'%s': unknown key '%s'", whole, key);
}

static int take_part(struct fields *f, char *part, const char *whole, struct err *err)
{
	char *value = str_cut(part, '=');

	if (str_eq(part, "type"))
		f->type = value;
	else if (str_eq(part, "source") || str_eq(part, "src") || str_eq(part, "from"))
		f->source = value;
	else if (str_eq(part, "target") || str_eq(part, "dst") || str_eq(part, "destination"))
		f->target = value;
	else
		return take_key(f, part, value, whole, err);
	return 0;
}

static int mount_type(struct mount_config *mount, const struct fields *f,
		      const struct mountspec_paths *paths, const char *whole, struct err *err)
{
	const char *type = str_or(f->type, "volume");

	if (str_eq(type, "bind")) {
		mount->type = str_dup("bind");
		if (str_empty(f->source))
			return err_set(err, -EINVAL, "'%s': a bind mount needs source=", whole);
		return set_path(mount, f->source, paths, whole, err);
	}
	if (str_eq(type, "tmpfs") || str_eq(type, "devpts")) {
		mount->type = str_dup(type);
		if (f->source)
			return err_set(err, -EINVAL, "'%s': a %s has no source", whole, type);
		return 0;
	}
	if (str_eq(type, "volume")) {
		mount->type = str_dup("volume");
		mount->anonymous = str_empty(f->source);
		return mount->anonymous ? 0 : set_volume(mount, f->source, whole, err);
	}
	err_set(err, -EOPNOTSUPP, "'%s': mounts of type '%s' are not there", whole, type);
	return err_hint(err, "types are bind, volume, tmpfs and devpts");
}

int mountspec_mount(const char *text, const struct mountspec_paths *paths, struct mount_list *out,
		    struct err *err)
{
	AUTO(mount_config) struct mount_config mount = { 0 };
	AUTO(strv) struct strv parts = { 0 };
	AUTO(fields) struct fields f = { 0 };
	int r = 0;

	strv_split(&parts, text, ',');
	for (size_t i = 0; i < parts.count && r == 0; i++)
		r = take_part(&f, parts.items[i], text, err);
	if (r == 0)
		r = mount_type(&mount, &f, paths, text, err);
	if (r == 0)
		r = set_target(&mount, f.target, text, err);
	for (size_t i = 0; i < f.options.count && r == 0; i++)
		r = add_option(&mount, f.options.items[i], text, err);
	if (r < 0)
		return r;
	keep(out, &mount);
	return 0;
}

struct mount_config *mountspec_find(const struct mount_list *list, const char *target)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].target, target))
			return &list->items[i];
	return NULL;
}
