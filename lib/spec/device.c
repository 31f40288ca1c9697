/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device - what --device asks for: a device of the host, under its own or another name
 */
#include "spec/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int device_parse(const char *text, struct device_text *out, struct err *err)
{
	AUTO(mem) char *source = str_dup(text);
	char *path = str_cut(source, ':');
	const char *rights = path ? str_cut(path, ':') : NULL;

	if (path && *path != '/' && !rights) { /* HOST:rwm */
		rights = path;
		path = NULL;
	}
	if (*source != '/' || (path && *path != '/') || (rights && rights[strspn(rights, "rwm")]))
		return err_set(err, -EINVAL, "'%s' is no device: HOST[:CONTAINER][:rwm]", text);
	out->path = str_dup(str_or(path, source));
	out->source = str_dup(source);
	return 0;
}

void device_text_clear(struct device_text *device)
{
	free(device->source);
	free(device->path);
	*device = (struct device_text){ 0 };
}
