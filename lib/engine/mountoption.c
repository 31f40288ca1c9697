/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountoption - the options of -v, --mount and --tmpfs
 */
#include "engine/mountoption.h"

#include <errno.h>
#include <stdbool.h>

#include "base/str.h"

enum kind {
	ON_BIND = 1 << 0,
	ON_VOLUME = 1 << 1,
	ON_TMPFS = 1 << 2,
	ON_RAMFS = 1 << 3,
	ON_DEVPTS = 1 << 4,
	ON_IMAGE = 1 << 5,
	ON_FOLDER = ON_BIND | ON_VOLUME,
	ON_MEMORY = ON_TMPFS | ON_RAMFS,
	ON_ANY = ON_FOLDER | ON_MEMORY | ON_DEVPTS | ON_IMAGE,
};

static const struct {
	const char *type;
	unsigned int kind;
} kinds[] = {
	{ "bind", ON_BIND },   { "volume", ON_VOLUME }, { "tmpfs", ON_TMPFS },
	{ "ramfs", ON_RAMFS }, { "devpts", ON_DEVPTS }, { "image", ON_IMAGE },
	{ "glob", ON_BIND },
};

/* What a value must look like. */
enum value { NO_VALUE, NUMBER, OCTAL, SIZE, PATH };

static const struct option {
	const char *name;
	unsigned int kinds;
	enum value value;
} options[] = {
	{ "ro", ON_ANY, NO_VALUE },
	{ "rw", ON_ANY, NO_VALUE },
	{ "rro", ON_FOLDER, NO_VALUE },
	{ "z", ON_ANY, NO_VALUE },
	{ "Z", ON_ANY, NO_VALUE },
	{ "U", ON_FOLDER | ON_MEMORY, NO_VALUE },
	{ "O", ON_FOLDER, NO_VALUE },
	{ "upperdir", ON_FOLDER, PATH },
	{ "workdir", ON_FOLDER, PATH },
	{ "nocopy", ON_VOLUME, NO_VALUE },
	{ "copy", ON_VOLUME, NO_VALUE },
	{ "shared", ON_ANY, NO_VALUE },
	{ "rshared", ON_ANY, NO_VALUE },
	{ "slave", ON_ANY, NO_VALUE },
	{ "rslave", ON_ANY, NO_VALUE },
	{ "private", ON_ANY, NO_VALUE },
	{ "rprivate", ON_ANY, NO_VALUE },
	{ "unbindable", ON_ANY, NO_VALUE },
	{ "runbindable", ON_ANY, NO_VALUE },
	{ "bind", ON_FOLDER, NO_VALUE },
	{ "rbind", ON_FOLDER, NO_VALUE },
	{ "exec", ON_ANY, NO_VALUE },
	{ "noexec", ON_ANY, NO_VALUE },
	{ "suid", ON_ANY, NO_VALUE },
	{ "nosuid", ON_ANY, NO_VALUE },
	{ "dev", ON_ANY, NO_VALUE },
	{ "nodev", ON_ANY, NO_VALUE },
	{ "noatime", ON_ANY, NO_VALUE },
	{ "relatime", ON_ANY, NO_VALUE },
	{ "strictatime", ON_ANY, NO_VALUE },
	{ "nodiratime", ON_ANY, NO_VALUE },
	{ "nosymfollow", ON_ANY, NO_VALUE },
	{ "tmpcopyup", ON_MEMORY, NO_VALUE },
	{ "notmpcopyup", ON_MEMORY, NO_VALUE },
	{ "size", ON_TMPFS, SIZE },
	{ "nr_blocks", ON_TMPFS, SIZE },
	{ "nr_inodes", ON_TMPFS, SIZE },
	{ "mode", ON_MEMORY | ON_DEVPTS, OCTAL },
	{ "ptmxmode", ON_DEVPTS, OCTAL },
	{ "uid", ON_TMPFS | ON_DEVPTS, NUMBER },
	{ "gid", ON_TMPFS | ON_DEVPTS, NUMBER },
	{ "max", ON_DEVPTS, NUMBER },
};

/* Taken and not kept: they speed up shared folders of virtual machines, of which there is none. */
static const char *const harmless[] = { "cached", "delegated", "consistent", "default",
					"defaults" };

static bool is_harmless(const char *text)
{
	for (size_t i = 0; i < array_len(harmless); i++)
		if (str_eq(harmless[i], text))
			return true;
	return false;
}

static unsigned int kind_of(const char *type)
{
	for (size_t i = 0; i < array_len(kinds); i++)
		if (str_eq(kinds[i].type, type))
			return kinds[i].kind;
	return 0;
}

static const struct option *find_option(const char *text)
{
	size_t n = strcspn(text, "=");

	for (size_t i = 0; i < array_len(options); i++)
		if (strlen(options[i].name) == n && !strncmp(options[i].name, text, n) &&
		    (options[i].value != NO_VALUE) == (text[n] == '='))
			return &options[i];
	return NULL;
}

/* The kernel's own spelling: a number with k, m, g or %; anything else that means a size is turned into
 * bytes. */
static char *print_size(const char *text)
{
	size_t n = strspn(text, "0123456789");
	uint64_t bytes;

	if (n && (!text[n] || (strchr("kKmMgG%", text[n]) && !text[n + 1])))
		return str_dup(text);
	return str_size(text, &bytes) == 0 ? str_fmt("%llu", (unsigned long long)bytes) : NULL;
}

/* The value as the kernel takes it, or NULL. */
static char *print_value(enum value kind, const char *text)
{
	uint64_t n;

	switch (kind) {
	case NUMBER:
		return str_u64(text, UINT32_MAX - 1, &n) == 0 ? str_dup(text) : NULL;
	case OCTAL:
		return *text && strlen(text) <= 5 && !text[strspn(text, "01234567")] ? str_dup(text)
										     : NULL;
	case SIZE:
		return print_size(text);
	case PATH:
		return *text == '/' && !strpbrk(text, ":,\\") ? str_dup(text) : NULL;
	case NO_VALUE:
		break;
	}
	return NULL;
}

static int refuse_idmap(const char *whole, struct err *err)
{
	err_set(err, -EOPNOTSUPP,
		"'%s': 'idmap' is for root of the host: the kernel lets no user map "
		"the ids of a mount",
		whole);
	return err_hint(err, "--userns keep-id, or 'U', which gives the files away, may be meant");
}

int mountoption_add(struct mount_config *mount, const char *text, const char *whole,
		    struct err *err)
{
	const struct option *o = find_option(text);

	if (is_harmless(text))
		return 0;
	if (str_eq(text, "idmap") || (str_starts(text, "idmap=") && !str_eq(text, "idmap=none")))
		return refuse_idmap(whole, err);
	if (!o)
		return err_set(err, -EINVAL, "'%s': unknown mount option '%s'", whole, text);
	if (!(o->kinds & kind_of(mount->type)))
		return err_set(err, -EINVAL, "'%s': option '%s' is not for a mount of type %s",
			       whole, text, mount->type);
	if (o->value == NO_VALUE) {
		strv_add(&mount->options, text);
		return 0;
	}
	AUTO(mem) char *value = print_value(o->value, text + strlen(o->name) + 1);
	if (!value)
		return err_set(err, -EINVAL, "'%s': the value of '%s' is wrong", whole, text);
	strv_addf(&mount->options, "%s=%s", o->name, value);
	return 0;
}

int mountoption_add_list(struct mount_config *mount, const char *list, const char *whole,
			 struct err *err)
{
	AUTO(strv) struct strv parts = { 0 };

	if (str_empty(list))
		return 0;
	strv_split(&parts, list, ',');
	for (size_t i = 0; i < parts.count; i++) {
		int r = str_empty(parts.items[i])
				? 0
				: mountoption_add(mount, parts.items[i], whole, err);
		if (r < 0)
			return r;
	}
	return 0;
}
