/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user - who a container's process is, by the image's own files
 */
#include "spec/user.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "kern/at.h"

enum { FILE_MAX = 4 << 20, PASSWD_FIELDS = 7, GROUP_FIELDS = 4 };
#define ID_MAX (UINT32_MAX - 1)

/* One line's fields, borrowed from a copy of the line. */
struct line {
	char *text;
	char *fields[PASSWD_FIELDS];
	size_t count;
};

static void auto_line(struct line *line)
{
	free(line->text);
}

static int parse_id(const char *text, uint32_t *out)
{
	uint64_t n;
	int r = str_u64(text, ID_MAX, &n);

	if (r == 0)
		*out = (uint32_t)n;
	return r;
}

/* Takes the next line off the text; false at the end. */
static bool next_line(const char **text, struct line *out)
{
	if (!*text || !**text)
		return false;
	size_t n = strcspn(*text, "\n");
	free(out->text);
	out->text = str_ndup(*text, n);
	*text += n + ((*text)[n] == '\n');
	out->count = 0;
	for (char *at = out->text; at && out->count < PASSWD_FIELDS;) {
		char *rest = str_cut(at, ':');
		out->fields[out->count++] = at;
		at = rest;
	}
	return true;
}

struct entry {
	char *name;
	char *home;
	uint32_t uid;
	uint32_t gid;
};

static void auto_entry(struct entry *entry)
{
	free(entry->name);
	free(entry->home);
}

/* The first line with that name or, where the text is a number, that number. */
static bool find_passwd(const char *passwd, const char *wanted, bool number, uint32_t id,
			struct entry *out)
{
	AUTO(line) struct line line = { 0 };
	uint32_t uid = 0, gid = 0;

	while (next_line(&passwd, &line)) {
		if (line.count < 4 || !*line.fields[0] || parse_id(line.fields[2], &uid) < 0 ||
		    parse_id(line.fields[3], &gid) < 0)
			continue;
		if (!str_eq(line.fields[0], wanted) && !(number && uid == id))
			continue;
		*out = (struct entry){ .name = str_dup(line.fields[0]), .uid = uid, .gid = gid };
		if (line.count > 5 && line.fields[5][0] == '/')
			out->home = str_dup(line.fields[5]);
		return true;
	}
	return false;
}

static int find_group(const char *group, const char *wanted, uint32_t *out, struct err *err)
{
	AUTO(line) struct line line = { 0 };
	uint32_t gid = 0;

	while (next_line(&group, &line)) {
		if (line.count < 3 || parse_id(line.fields[2], &gid) < 0)
			continue;
		if (*wanted && str_eq(line.fields[0], wanted)) {
			*out = gid;
			return 0;
		}
	}
	if (parse_id(wanted, out) == 0)
		return 0;
	return err_set(err, -ENOENT, "no group '%s' in the image's /etc/group", wanted);
}

static void add_group(struct user *user, uint32_t gid)
{
	if (gid == user->gid)
		return;
	for (size_t i = 0; i < user->groups.count; i++)
		if (user->groups.items[i] == gid)
			return;
	*vec_push(&user->groups) = gid;
}

static bool is_member(char *members, const char *name)
{
	while (members) {
		char *rest = str_cut(members, ',');
		if (str_eq(members, name))
			return true;
		members = rest;
	}
	return false;
}

static void add_memberships(struct user *user, const char *group, const char *name)
{
	AUTO(line) struct line line = { 0 };
	uint32_t gid = 0;

	while (next_line(&group, &line))
		if (line.count >= GROUP_FIELDS && parse_id(line.fields[2], &gid) == 0 &&
		    is_member(line.fields[3], name))
			add_group(user, gid);
}

static int add_asked(struct user *user, const char *group, const struct strv *add, struct err *err)
{
	for (size_t i = 0; add && i < add->count; i++) {
		uint32_t gid;
		if (str_eq(add->items[i], "keep-groups"))
			continue;
		int r = find_group(group, add->items[i], &gid, err);
		if (r < 0)
			return r;
		add_group(user, gid);
	}
	return 0;
}

int user_find(const char *text, const char *passwd, const char *group, const struct strv *add,
	      struct user *out, struct err *err)
{
	AUTO(mem) char *name = str_dup(str_empty(text) ? "0" : text);
	AUTO(entry) struct entry entry = { 0 };
	AUTO(user) struct user user = { 0 };
	char *wanted_group = str_cut(name, ':');
	bool number = parse_id(name, &user.uid) == 0;
	int r;

	if (!*name || (wanted_group && !*wanted_group))
		return err_set(err, -EINVAL, "'%s' is no user: neither 'user' nor 'user:group'",
			       text);
	if (find_passwd(passwd, name, number, user.uid, &entry)) {
		user.uid = entry.uid;
		user.gid = entry.gid;
	} else if (!number) {
		return err_set(err, -ENOENT, "no user '%s' in the image's /etc/passwd", name);
	}
	if (wanted_group) {
		r = find_group(group, wanted_group, &user.gid, err);
		if (r < 0)
			return r;
	} else if (entry.name) {
		add_memberships(&user, group, entry.name);
	}
	r = add_asked(&user, group, add, err);
	if (r < 0)
		return r;
	user.home = entry.home ? take_ptr(entry.home) : str_dup("/");
	*out = user;
	user = (struct user){ 0 };
	return 0;
}

/* What is not a regular file counts as absent. */
static int read_file(int root, const char *path, char **out, struct err *err)
{
	struct stat st;
	AUTO(fd) int fd = at_open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == -ENXIO || fd == -EXDEV)
		return 0;
	if (fd < 0)
		return err_sys(err, fd, "cannot read the image's /%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	int r = fd_read_all(fd, FILE_MAX, out, NULL);
	return r < 0 ? err_sys(err, r, "cannot read the image's /%s", path) : 0;
}

int user_load(int root, const char *text, const struct strv *add, struct user *out, struct err *err)
{
	AUTO(mem) char *passwd = NULL;
	AUTO(mem) char *group = NULL;
	int r = read_file(root, "etc/passwd", &passwd, err);

	if (r == 0)
		r = read_file(root, "etc/group", &group, err);
	return r < 0 ? r : user_find(text, passwd, group, add, out, err);
}

void user_clear(struct user *user)
{
	free(user->groups.items);
	free(user->home);
	*user = (struct user){ 0 };
}
