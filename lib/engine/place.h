/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - where a path of `cp` leads, by docker's rules
 *
 * A link under the last name is followed on the receiving side always, on the giving one only when asked
 * for or when a slash stands behind it. Everything is looked up in a root, by descriptor: what is found
 * is a folder that is open and a name in it.
 * Source: docker's reference of `docker container cp`.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

enum place_kind {
	PLACE_MISSING, /* there is nothing, but the folder for it */
	PLACE_FILE,    /* anything but a folder */
	PLACE_FOLDER,
};

struct place {
	int dir;    /* O_PATH: the folder that holds it */
	char *name; /* its name there; "." when it is .dir itself */
	enum place_kind kind;
	struct stat st;
	char *as;      /* the last name as it was typed; "" when there is none */
	bool contents; /* "/." or the root itself: what is in it is meant */
	bool slash;    /* a slash stands behind it: it must be a folder */
};

/**
 * place_source() - find what is to be copied
 * @root:	of the container, or the host's
 * @path:	with or without a leading slash
 * @follow:	also when it is a link
 * @out:	to be released with place_clear; set on success only
 *
 * Return: 0; -ENOENT; -ENOTDIR when a slash stands behind what is no folder; otherwise a negative errno.
 */
must_check int place_source(int root, const char *path, bool follow, struct place *out);

/**
 * place_target() - find where a copy shall be
 * @root:	of the container, or the host's
 * @path:	with or without a leading slash
 * @out:	to be released with place_clear; set on success only
 *
 * Return: 0; -ENOENT when not even the folder is there; -ENOTDIR; otherwise a negative errno.
 */
must_check int place_target(int root, const char *path, struct place *out);

/**
 * place_open() - open a folder
 * @place:	PLACE_FOLDER
 *
 * Return: a readable descriptor or a negative errno.
 */
must_check int place_open(const struct place *place);

/**
 * place_clear() - let it go
 * @place:	empty afterwards
 */
void place_clear(struct place *place);

static inline void auto_place(struct place *place)
{
	place_clear(place);
}
