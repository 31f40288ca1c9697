/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * folders - more folders beside a request's own, in which lower layers and blobs are found
 *
 * Layers and blobs lie in the user's store, and in stores that are read too. A request has one folder for
 * the first; a name below one of the others is written "@N/NAME", with N counted from 1.
 */
#pragma once

#include <stddef.h>

#include "base/macros.h"

enum { LAYER_FOLDERS = 16 };

struct layer_folders {
	size_t count;
	int fds[LAYER_FOLDERS]; /* borrowed */
};

/**
 * layer_folder() - which folder a name is below
 * @first:	the request's own
 * @more:	beside it
 * @name:	stands behind "@N/" afterwards
 *
 * Return: the folder's descriptor, which belongs to the request; -EBADMSG when there is no such folder.
 */
must_check int layer_folder(int first, const struct layer_folders *more, const char **name);
