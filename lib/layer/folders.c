/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * folders - more folders beside a request's own, in which lower layers and blobs are found
 */
#include "layer/folders.h"

#include <errno.h>
#include <stdlib.h>

int layer_folder(int first, const struct layer_folders *more, const char **name)
{
	char *end;

	if (**name != '@')
		return first;
	unsigned long n = strtoul(*name + 1, &end, 10);
	if (*end != '/' || n < 1 || n > more->count)
		return -EBADMSG;
	*name = end + 1;
	return more->fds[n - 1];
}
