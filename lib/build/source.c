/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source - an opened tree that COPY and ADD take files from, and what a step takes of it
 */
#include "build/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "build/glob.h"
#include "build/room.h"
#include "build/walk.h"
#include "kern/at.h"

struct select {
	struct selection *out;
	const struct source_options *options;
	const char *word; /* of the Dockerfile */
	bool matched;	  /* a wildcard found the path: what is left out is no error */
	struct err *err;
};

/* ---- paths --------------------------------------------------------------------------------- */

static void path_add(char **path, const char *name, size_t size)
{
	char *longer = str_fmt("%s%s%.*s", *path, **path ? "/" : "", (int)size, name);

	free(*path);
	*path = longer;
}

/* "/a//./b/../c/" is "a/c"; ".." does not lead above the top. */
static char *path_clean(const char *typed)
{
	char *out = str_dup("");

	for (const char *at = typed; *at;) {
		size_t n = strcspn(at, "/");
		bool up = n == 2 && memcmp(at, "..", 2) == 0;
		char *slash = strrchr(out, '/');
		if (up)
			(slash ? slash : out)[0] = 0;
		else if (n && !(n == 1 && *at == '.'))
			path_add(&out, at, n);
		at += n + (at[n] == '/');
	}
	return out;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- errors -------------------------------------------------------------------------------- */

static int not_there(const struct select *s, const char *path)
{
	return err_set(s->err, -ENOENT, "cannot copy '%s': there is no '%s' in %s", s->word,
		       *path ? path : "/", s->out->source->name);
}

static int left_out(const struct select *s, const char *path)
{
	(void)err_set(s->err, -ENOENT, "cannot copy '%s': '%s' is left out of %s by '%s'", s->word,
		      path, s->out->source->name, str_or(s->out->source->ignore_name, "its rules"));
	(void)err_hint(s->err, "a line '!%s' at the end of that file takes it in", path);
	return -ENOENT;
}

static int told(const struct select *s, int code, const char *path)
{
	if (code == -ENOENT || code == -ENOTDIR)
		return not_there(s, path);
	return err_sys(s->err, code, "cannot copy '%s': cannot open '%s' of %s", s->word,
		       *path ? path : "/", s->out->source->name);
}

/* ---- parts --------------------------------------------------------------------------------- */

static enum source_word rule_of(const struct select *s, const char *path, bool folder)
{
	const struct source_rules *rules = s->out->source->rules;

	return rules && *path ? rules->ask(rules->data, path, folder) : SOURCE_TAKE;
}

static const char *keep(struct select *s, const char *text)
{
	return room_copy((struct room **)&s->out->room, text, strlen(text));
}

static bool is_excluded(const struct select *s, const char *name)
{
	const struct source_rules *rules = s->options->excludes;

	return rules && *name && rules->ask(rules->data, name, false) != SOURCE_TAKE;
}

/* What is at a path becomes a part. Return: 1; 0 when nothing is to be taken of it; or a negative errno. */
static int add_part(struct select *s, const char *path, const struct glob *pattern)
{
	struct selection *out = s->out;
	const size_t first = out->count;
	AUTO(mem) char *from = NULL;
	struct stat st;
	AUTO(fd) int fd = at_resolve_in_root(out->source->dir, *path ? path : ".", &from);

	if (fd < 0 || fstat(fd, &st) < 0)
		return told(s, fd < 0 ? fd : -errno, path);
	bool folder = S_ISDIR(st.st_mode);
	enum source_word word = rule_of(s, from, folder);
	if (word == SOURCE_PRUNE || (word == SOURCE_LEAVE && !folder))
		return s->matched ? 0 : left_out(s, from);
	if (!folder && !S_ISREG(st.st_mode))
		return err_set(s->err, -EINVAL, "cannot copy '%s': '%s' of %s is no file or folder",
			       s->word, path, out->source->name);
	if (pattern && !folder)
		return err_set(s->err, -ENOTDIR, "cannot copy '%s': '%s' is no folder", s->word,
			       path);
	if (!folder && is_excluded(s, last_name(path)))
		return 0;
	const struct walk_order order = { s->options->excludes, pattern };
	int r = walk_part(out, from, fd, &st, &order, s->err);
	if (r < 0)
		return r;
	bool nothing = out->count == first + 1;
	bool empty = folder && nothing && word == SOURCE_LEAVE;
	if (empty && !s->matched)
		return left_out(s, from);
	if (empty || (pattern && nothing)) {
		out->count = first;
		return 0;
	}
	struct part *part = vec_push(&out->parts);
	*part = (struct part){
		.from = keep(s, from),
		.name = keep(s, last_name(path)),
		.first = first,
		.count = out->count - first,
	};
	return 1;
}

/* ---- wildcards ----------------------------------------------------------------------------- */

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(int dir, const char *path, struct strv *out)
{
	AUTO(fd)
	int fd = at_open(dir, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d)
		return fd < 0 ? fd : -errno;
	(void)take_fd(fd);
	while ((e = readdir(d)))
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			strv_add(out, e->d_name);
	(void)closedir(d);
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, name_compare);
	return 0;
}

static bool is_there(const struct select *s, const char *path)
{
	struct stat st;
	AUTO(fd)
	int fd = at_open(s->out->source->dir, path, O_PATH | O_NOFOLLOW, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	enum source_word word = rule_of(s, path, S_ISDIR(st.st_mode));
	return word == SOURCE_TAKE || (word == SOURCE_LEAVE && S_ISDIR(st.st_mode));
}

/* Adds a part for each path below @top that the pattern matches. Return: how many, or a negative errno. */
static int add_matches(struct select *s, const char *top, const char *pattern)
{
	size_t size = strcspn(pattern, "/");
	const char *rest = pattern + size + (pattern[size] == '/');
	AUTO(mem) char *first = str_ndup(pattern, size);
	AUTO(glob) struct glob *glob = NULL;
	AUTO(strv) struct strv names = { 0 };
	int found = 0;

	int r = glob_parse(first, 0, &glob, s->err);
	if (r < 0)
		return r;
	r = list(s->out->source->dir, top, &names);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return 0;
	if (r < 0)
		return told(s, r, top);
	for (size_t i = 0; i < names.count; i++) {
		if (!glob_match(glob, names.items[i]))
			continue;
		AUTO(mem) char *path = str_fmt("%s%s%s", top, *top ? "/" : "", names.items[i]);
		if (!is_there(s, path))
			continue;
		r = *rest ? add_matches(s, path, rest) : add_part(s, path, NULL);
		if (r < 0)
			return r;
		found += r;
	}
	return found;
}

/* The first component with a wildcard ends what is looked up as it is. */
static size_t literal_length(const char *path)
{
	size_t end = 0;

	for (const char *at = path; *at;) {
		size_t n = strcspn(at, "/");
		AUTO(mem) char *name = str_ndup(at, n);
		if (glob_magic(name))
			return end;
		at += n + (at[n] == '/');
		end = (size_t)(at - path);
	}
	return end;
}

static int add_wild(struct select *s, const char *path)
{
	size_t n = literal_length(path);
	AUTO(mem) char *literal = str_ndup(path, n);
	AUTO(mem) char *top = NULL;
	AUTO(fd) int fd = at_resolve_in_root(s->out->source->dir, n ? literal : ".", &top);
	int r = 0;

	s->matched = true;
	if (fd >= 0)
		r = add_matches(s, top, path + n);
	else if (fd != -ENOENT && fd != -ENOTDIR)
		return told(s, fd, literal);
	if (r == 0)
		strv_add(&s->out->unmatched, s->word);
	return min_of(r, 0);
}

/* ---- --parents ----------------------------------------------------------------------------- */

static int add_with_parents(struct select *s)
{
	const char *pivot = strstr(s->word, "/./");
	AUTO(mem) char *above = pivot ? str_ndup(s->word, (size_t)(pivot - s->word)) : str_dup("");
	AUTO(mem) char *top = path_clean(above);
	AUTO(mem) char *pattern = path_clean(pivot ? pivot + 3 : s->word);

	AUTO(glob) struct glob *glob = NULL;
	int r = *pattern ? glob_parse(pattern, GLOB_DEEP, &glob, s->err) : 0;

	if (r == 0)
		r = add_part(s, top, glob);
	if (r != 0)
		return min_of(r, 0);
	if (!glob_magic(pattern)) {
		AUTO(mem) char *path = str_fmt("%s%s%s", top, *top ? "/" : "", pattern);
		return not_there(s, path);
	}
	strv_add(&s->out->unmatched, s->word);
	return 0;
}

/* ---- all ----------------------------------------------------------------------------------- */

static int add_word(struct select *s)
{
	if (s->options->parents)
		return add_with_parents(s);
	AUTO(mem) char *path = path_clean(s->word);
	int r = glob_magic(path) ? add_wild(s, path) : add_part(s, path, NULL);
	return min_of(r, 0);
}

int source_select(const struct source *source, const struct strv *patterns,
		  const struct source_options *options, struct selection *out, struct err *err)
{
	AUTO(selection)
	struct selection found = {
		.source = source,
		.parents = options->parents,
		.newest = INT64_MIN,
	};
	struct select s = { .out = &found, .options = options, .err = err };

	for (size_t i = 0; i < patterns->count; i++) {
		s.word = patterns->items[i];
		s.matched = false;
		int r = add_word(&s);
		if (r < 0)
			return r;
	}
	*out = found;
	found = (struct selection){ 0 };
	return 0;
}
