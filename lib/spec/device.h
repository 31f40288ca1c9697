/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device - what --device asks for: a device of the host, under its own or another name
 *
 * Which rights it has is the host's to say: a container has no more than its user.
 */
#pragma once

#include "base/err.h"

struct device_text {
	char *source; /* absolute, of the host */
	char *path;   /* absolute, in the container */
};

/**
 * device_parse() - read one --device argument
 * @text:	HOST[:CONTAINER][:rwm]; whether HOST is there is not looked at
 * @out:	released with device_text_clear(); set on success only
 * @err:	names @text
 *
 * Return: 0 or -EINVAL.
 */
must_check int device_parse(const char *text, struct device_text *out, struct err *err);

/**
 * device_text_clear() - release the texts
 * @device:	empty afterwards
 */
void device_text_clear(struct device_text *device);

static inline void auto_device_text(struct device_text *device)
{
	device_text_clear(device);
}
