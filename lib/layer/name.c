/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * name - what a name in a tar means below a layer's root
 */
#include "layer/name.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "layer/limits.h"

enum { SHOWN = 200 };

static const char whiteout[] = ".wh.";
static const char marker[] = ".wh..wh.";
static const char opaque[] = ".wh..wh..opq";

char *name_show(const char *raw)
{
	char shown[4 * SHOWN + 4];
	size_t at = 0, i;

	for (i = 0; raw[i] && i < SHOWN; i++) {
		unsigned char c = (unsigned char)raw[i];
		if (c < ' ' || c == 127)
			at += (size_t)snprintf(shown + at, 5, "\\%03o", c);
		else
			shown[at++] = (char)c;
	}
	shown[at] = 0;
	return str_fmt("%s%s", shown, raw[i] ? "..." : "");
}

static int bad_name(const char *raw, int code, const char *why, struct err *err)
{
	AUTO(mem) char *shown = name_show(raw);

	return err_set(err, code, "the name '%s' %s", shown, why);
}

/* Adds one component to a clean path that has room for it; ".." takes the last one away. */
static bool add_component(char *path, size_t *length, const char *name, size_t n)
{
	if (n == 0 || (n == 1 && name[0] == '.'))
		return true;
	if (n == 2 && name[0] == '.' && name[1] == '.') {
		if (*length == 0)
			return false;
		while (*length && path[--*length] != '/')
			;
		path[*length] = 0;
		return true;
	}
	if (*length)
		path[(*length)++] = '/';
	memcpy(path + *length, name, n);
	*length += n;
	path[*length] = 0;
	return true;
}

int name_clean(const char *raw, char **out, struct err *err)
{
	size_t length = 0, depth = 0;

	if (!*raw)
		return bad_name(raw, -EBADMSG, "is empty", err);
	if (strlen(raw) > LAYER_PATH_MAX)
		return bad_name(raw, -EFBIG, "is too long", err);
	AUTO(mem) char *path = mem_alloc(strlen(raw) + 1, 1);
	for (const char *at = raw; *at;) {
		size_t n = strcspn(at, "/");
		if (n > NAME_MAX)
			return bad_name(raw, -EFBIG, "has a part of more than 255 bytes", err);
		if (!add_component(path, &length, at, n))
			return bad_name(raw, -EBADMSG, "leads out of the image", err);
		at += n + (at[n] == '/');
	}
	for (size_t i = 0; i < length; i++)
		depth += path[i] == '/';
	if (depth > LAYER_DEPTH_MAX)
		return bad_name(raw, -EFBIG, "is too deep", err);
	*out = take_ptr(path);
	return 0;
}

const char *name_split(const char *path, char **out_parent)
{
	const char *slash = strrchr(path, '/');

	*out_parent = slash ? str_ndup(path, (size_t)(slash - path)) : str_dup("");
	return slash ? slash + 1 : path;
}

/* A folder in the path whose name is reserved for whiteouts, or NULL. */
static const char *reserved_folder(const char *path)
{
	for (const char *at = path; strchr(at, '/'); at = strchr(at, '/') + 1)
		if (str_starts(at, whiteout))
			return at;
	return NULL;
}

static int parse_whiteout(const char *raw, const char *parent, const char *target, struct name *out,
			  struct err *err)
{
	if (!*target || !strcmp(target, ".") || !strcmp(target, ".."))
		return bad_name(raw, -EBADMSG, "deletes no file", err);
	*out = (struct name){
		.kind = NAME_WHITEOUT,
		.path = str_fmt("%s%s%s", parent, *parent ? "/" : "", target),
	};
	return 0;
}

int name_parse(const char *raw, struct name *out, struct err *err)
{
	AUTO(mem) char *path = NULL;
	AUTO(mem) char *parent = NULL;

	int r = name_clean(raw, &path, err);
	if (r < 0)
		return r;
	if (!*path) {
		*out = (struct name){ .kind = NAME_ROOT, .path = take_ptr(path) };
		return 0;
	}
	const char *folder = reserved_folder(path);
	if (folder && !str_starts(folder, marker))
		return bad_name(raw, -EBADMSG, "is reserved for deletions", err);
	const char *last = name_split(path, &parent);
	if (str_eq(last, opaque) && !folder) {
		*out = (struct name){ .kind = NAME_OPAQUE, .path = take_ptr(parent) };
		return 0;
	}
	if (folder || str_starts(last, marker)) {
		*out = (struct name){ .kind = NAME_IGNORED, .path = take_ptr(path) };
		return 0;
	}
	if (str_starts(last, whiteout))
		return parse_whiteout(raw, parent, last + strlen(whiteout), out, err);
	*out = (struct name){ .kind = NAME_ENTRY, .path = take_ptr(path) };
	return 0;
}

void name_clear(struct name *name)
{
	free(name->path);
	*name = (struct name){ 0 };
}
