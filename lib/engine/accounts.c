/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * accounts - lines in the container's passwd and group for who has none
 */
#include "engine/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/at.h"
#include "spec/ids.h"

enum { FILE_MAX = 4 << 20, ENTRY_MAX = 64 << 10, NAME_FIELD = 0, ID_FIELD = 2 };

/* ---- what was asked for ----------------------------------------------------------------------- */

static int add_host_user(const char *text, struct container_config *config, struct err *err)
{
	AUTO(mem) char *room = mem_alloc(ENTRY_MAX, 1);
	struct passwd entry, *found = NULL;
	uint64_t uid;
	int r = str_u64(text, UINT32_MAX - 1, &uid) == 0
			? getpwuid_r((uid_t)uid, &entry, room, ENTRY_MAX, &found)
			: getpwnam_r(text, &entry, room, ENTRY_MAX, &found);

	if (r != 0 || !found)
		return err_set(err, -ENOENT, "--hostuser: the host knows no user '%s'", text);
	strv_addf(&config->host_users, "%s:*:%u:%u:%s:%s:/bin/sh", entry.pw_name, entry.pw_uid,
		  entry.pw_gid, entry.pw_gecos, entry.pw_dir);
	return 0;
}

static int check_entry(const char *flag, const char *entry, struct err *err)
{
	if (!entry || (*entry && !strchr(entry, '\n') && strchr(entry, ':')))
		return 0;
	return err_set(err, -EINVAL, "--%s: '%s' is no line with fields between colons", flag,
		       entry);
}

int accounts_plan(const struct create_args *args, struct container_config *config, bool docker,
		  struct err *err)
{
	bool asked = args->passwd_entry || args->group_entry || args->host_users.count;
	int r = check_entry("passwd-entry", args->passwd_entry, err);

	if (r == 0)
		r = check_entry("group-entry", args->group_entry, err);
	if (r == 0 && asked && args->rootfs && !config->rootfs_overlay) {
		err_set(err, -EINVAL, "lines of passwd and group would change the folder '%s'",
			config->rootfs);
		r = err_hint(err, "--rootfs %s:O leaves it unchanged", config->rootfs);
	}
	for (size_t i = 0; i < args->host_users.count && r == 0; i++)
		r = add_host_user(args->host_users.items[i], config, err);
	config->passwd = (args->passwd < 0 ? !docker || asked : args->passwd) && !config->rootfs;
	config->passwd |= asked && args->passwd != 0;
	config->passwd_entry = str_dup(args->passwd_entry);
	config->group_entry = str_dup(args->group_entry);
	return r;
}

/* ---- lines ------------------------------------------------------------------------------------ */

/* Whether a line has a text in one of its fields. */
static bool has_field(const char *lines, size_t field, const char *wanted)
{
	AUTO(strv) struct strv all = { 0 };

	strv_split(&all, str_or(lines, ""), '\n');
	for (size_t i = 0; i < all.count; i++) {
		AUTO(strv) struct strv fields = { 0 };
		strv_split(&fields, all.items[i], ':');
		if (fields.count > field && str_eq(fields.items[field], wanted))
			return true;
	}
	return false;
}

struct word {
	const char *name, *value;
};

/* "$UID" and its like become what they stand for. */
static char *fill(const char *text, const struct word *words, size_t count)
{
	char *out = str_dup("");

	while (*text) {
		const char *rest = NULL, *value = NULL;
		for (size_t i = 0; i < count && !rest; i++) {
			rest = str_starts(text, words[i].name);
			value = words[i].value;
		}
		char *longer = rest ? str_fmt("%s%s", out, value) : str_fmt("%s%c", out, *text);
		free(out);
		out = longer;
		text = rest ? rest : text + 1;
	}
	return out;
}

/* The caller's home, where it is mounted. */
static const char *home_of(const struct host *host, const struct container_config *config)
{
	for (size_t i = 0; i < config->mounts.count; i++)
		if (str_eq(config->mounts.items[i].target, host->home))
			return host->home;
	return "/";
}

struct account {
	const char *name, *gecos, *home;
	char *uid, *gid; /* as digits, or NULL when there is nothing to add */
};

static void auto_account(struct account *a)
{
	free(a->uid);
	free(a->gid);
}

/* Whom the process runs as, when that is said in numbers. */
static void find_account(const struct host *host, const struct container_config *config,
			 struct account *out)
{
	const struct spec_facts facts = { .host_uid = host->uid, .host_gid = host->gid };
	AUTO(mem) char *user = spec_user(config, &facts);
	const char *group = user ? str_cut(user, ':') : NULL;
	uint64_t id;

	*out = (struct account){ .gecos = "container user", .home = "/" };
	if (!user || str_u64(user, UINT32_MAX - 1, &id) < 0 || id == 0)
		return;
	out->uid = str_fmt("%u", (uint32_t)id);
	if (!group)
		out->gid = str_dup("0");
	else if (str_u64(group, UINT32_MAX - 1, &id) == 0)
		out->gid = str_fmt("%u", (uint32_t)id);
	bool kept = config->userns_mode && str_starts(config->userns_mode, "keep-id");
	bool own = kept && str_empty(config->user);
	out->name = own ? host->user : out->uid;
	out->gecos = own ? host->user : out->gecos;
	out->home = own ? home_of(host, config) : out->home;
}

static char *passwd_line(const struct container_config *config, const struct account *a)
{
	const struct word words[] = {
		{ "$USERNAME", a->name }, { "$UID", a->uid },	{ "$GID", str_or(a->gid, "0") },
		{ "$NAME", a->gecos },	  { "$HOME", a->home },
	};

	return fill(str_or(config->passwd_entry, "$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh"),
		    words, array_len(words));
}

static char *group_line(const struct container_config *config, const struct account *a)
{
	const struct word words[] = {
		{ "$GROUPNAME", str_eq(a->name, a->uid) ? a->gid : a->name },
		{ "$GID", a->gid },
		{ "$USERLIST", a->name },
	};

	return fill(str_or(config->group_entry, "$GROUPNAME:x:$GID:$USERLIST"), words,
		    array_len(words));
}

static void add_line(char **text, const char *line)
{
	char *longer = str_fmt("%s%s\n", *text, line);

	free(*text);
	*text = longer;
}

void accounts_lines(const struct host *host, const struct container_config *config,
		    const char *passwd, const char *group, char **out_passwd, char **out_group)
{
	AUTO(account) struct account a = { 0 };

	*out_passwd = str_dup("");
	*out_group = str_dup("");
	find_account(host, config, &a);
	if (a.uid && !has_field(passwd, ID_FIELD, a.uid) &&
	    !has_field(passwd, NAME_FIELD, a.name)) {
		AUTO(mem) char *line = passwd_line(config, &a);
		add_line(out_passwd, line);
	}
	if (a.gid && !str_eq(a.gid, "0") && !has_field(group, ID_FIELD, a.gid)) {
		AUTO(mem) char *line = group_line(config, &a);
		add_line(out_group, line);
	}
	for (size_t i = 0; i < config->host_users.count; i++) {
		AUTO(mem) char *name = str_dup(config->host_users.items[i]);
		(void)str_cut(name, ':');
		if (!has_field(passwd, NAME_FIELD, name) &&
		    !has_field(*out_passwd, NAME_FIELD, name))
			add_line(out_passwd, config->host_users.items[i]);
	}
}

/* ---- writing ---------------------------------------------------------------------------------- */

/* A regular file, which strangers made: nothing else is read or written. */
static int open_file(int root, const char *path, int flags)
{
	struct stat st;
	AUTO(fd) int fd = at_open_in_root(root, path, flags | O_NONBLOCK | O_NOCTTY, 0);

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? take_fd(fd) : -EINVAL;
}

static int read_text(int root, const char *path, char **out)
{
	AUTO(fd) int fd = open_file(root, path, O_RDONLY);

	return fd < 0 ? fd : fd_read_all(fd, FILE_MAX, out, NULL);
}

static int append(int root, const char *path, const char *before, const char *lines)
{
	size_t n = strlen(str_or(before, ""));

	if (!*lines)
		return 0;
	AUTO(fd) int fd = open_file(root, path, O_WRONLY | O_APPEND);
	AUTO(mem) char *text = str_fmt("%s%s", n && before[n - 1] != '\n' ? "\n" : "", lines);
	return fd < 0 ? fd : fd_write_all(fd, text, strlen(text));
}

/* The usual cases cost nothing: root, or a name. */
static bool is_needed(const struct container_config *config)
{
	bool number = config->user && config->user[0] >= '1' && config->user[0] <= '9';
	bool kept = config->userns_mode && str_starts(config->userns_mode, "keep-id");

	return config->passwd && (config->host_users.count || number || kept);
}

int accounts_write(const struct host *host, const struct container_config *config, int root,
		   struct err *err)
{
	static const char *const paths[] = { "etc/passwd", "etc/group" };
	AUTO(mem) char *passwd = NULL;
	AUTO(mem) char *group = NULL;
	AUTO(mem) char *more_users = NULL;
	AUTO(mem) char *more_groups = NULL;

	if (!is_needed(config))
		return 0;
	int users = read_text(root, paths[0], &passwd);
	int groups = read_text(root, paths[1], &group);
	accounts_lines(host, config, passwd, group, &more_users, &more_groups);
	if (users == 0)
		users = append(root, paths[0], passwd, more_users);
	if (groups == 0)
		groups = append(root, paths[1], group, more_groups);
	/* What nobody asked for need not be possible. */
	if (users < 0 && (config->passwd_entry || config->host_users.count))
		return err_sys(err, users, "cannot add to the container's /%s", paths[0]);
	if (groups < 0 && config->group_entry)
		return err_sys(err, groups, "cannot add to the container's /%s", paths[1]);
	return 0;
}
