/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ps_row - a container as a row of ps
 */
#pragma once

#include <stdint.h>

#include "cli/table.h"
#include "store/container.h"

enum ps_row_flags {
	PS_NO_TRUNC = 1 << 0,
	PS_SIZE = 1 << 1,
	PS_NAMESPACES = 1 << 2, /* looks into /proc for each that runs */
	PS_DOCKER = 1 << 3,	/* docker's names of images and networks */
};

struct ps_sizes {
	int64_t own;   /* bytes of the writable layer */
	int64_t whole; /* with the image */
};

/* The fields of rows and the table of ps, without and with sizes. */
extern const struct table_spec ps_table;
extern const struct table_spec ps_table_size;
/* --pod, and --namespace */
extern const struct table_spec ps_table_pod;
extern const struct table_spec ps_table_pod_size;
extern const struct table_spec ps_table_namespaces;

/**
 * ps_row() - the fields that --format can name, of docker and of podman
 * @state:	of the container
 * @flags:	enum ps_row_flags
 * @sizes:	with PS_SIZE
 * @now:	ns since the epoch
 *
 * Return: an object, to be released with cJSON_Delete.
 */
must_check cJSON *ps_row(const struct container_state *state, unsigned int flags,
			 const struct ps_sizes *sizes, int64_t now);

/**
 * ps_object() - the object of a container in podman's --format json
 * @state:	of the container
 * @flags:	PS_SIZE, PS_NAMESPACES
 * @sizes:	with PS_SIZE
 * @now:	ns since the epoch
 *
 * Return: an object, to be released with cJSON_Delete.
 */
must_check cJSON *ps_object(const struct container_state *state, unsigned int flags,
			    const struct ps_sizes *sizes, int64_t now);

/**
 * ps_status() - what ps says about the state
 * @state:	of the container
 * @flags:	enum ps_row_flags; docker words a health that is starting another way
 * @now:	ns since the epoch
 *
 * Return: for example "Up 5 seconds (Paused)" or "Exited (137) 2 hours ago"; to be freed.
 */
must_check char *ps_status(const struct container_state *state, unsigned int flags, int64_t now);
