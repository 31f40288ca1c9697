/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * name - what a name in a tar means below a layer's root
 *
 * Names are cleaned as text: no leading slash, no ".", no "..", no empty component. A name that
 * leads out of the root is refused, an absolute one means below the root.
 */
#pragma once

#include "base/err.h"

enum name_kind {
	NAME_ROOT,     /* the root directory itself */
	NAME_ENTRY,    /* an ordinary name */
	NAME_WHITEOUT, /* deletes .path in the layers below */
	NAME_OPAQUE,   /* hides what the layers below have in the directory .path */
	NAME_IGNORED,  /* book-keeping of aufs */
};

struct name {
	enum name_kind kind;
	char *path; /* clean; "" is the root */
};

/**
 * name_clean() - clean a name as text
 * @raw:	as in the tar
 * @out:	to be freed; "" for the root; set on success only
 * @err:	names @raw
 *
 * Return: 0; -EBADMSG when it leads out of the root or is empty; -EFBIG when it is too long or deep.
 */
must_check int name_clean(const char *raw, char **out, struct err *err);

/**
 * name_parse() - tell whiteouts and markers from ordinary names
 * @raw:	as in the tar
 * @out:	to be released with name_clear; set on success only
 * @err:	names @raw
 *
 * Return: 0; -EBADMSG for a name that leads out or deletes "." or ".."; -EFBIG.
 * Source: image-spec v1.1 layer.md, "Whiteouts".
 */
must_check int name_parse(const char *raw, struct name *out, struct err *err);

/**
 * name_split() - where the last component of a clean path begins
 * @path:	clean, not ""
 * @out_parent:	the part before, "" for the root; to be freed
 *
 * Return: the last component, inside @path.
 */
must_check const char *name_split(const char *path, char **out_parent);

/**
 * name_show() - a name as it may be shown to the user
 * @raw:	any bytes
 *
 * Return: the name with bytes below space as \ooo, shortened to 200 bytes; to be freed.
 */
must_check char *name_show(const char *raw);

/**
 * name_clear() - release
 * @name:	empty afterwards
 */
void name_clear(struct name *name);

static inline void auto_name(struct name *name)
{
	name_clear(name);
}
