/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stats_row - what a container uses, as a row of stats
 */
#pragma once

#include "cli/table.h"
#include "engine/usage.h"
#include "store/container.h"

/* The table of each tool. */
extern const struct table_spec stats_table_docker;
extern const struct table_spec stats_table_podman;

struct stats_sample {
	const struct container_state *state;
	struct usage now;
	struct usage before; /* .runs is false when there is none: then since its start */
	const char *typed;   /* the name that was asked for, or NULL */
};

/**
 * stats_row() - the fields that --format can name, of docker and of podman
 * @sample:	one container
 * @docker:	whose units and whose fields are listed
 * @whole:	whether ids are not cut
 *
 * Return: an object, to be released with cJSON_Delete.
 */
must_check cJSON *stats_row(const struct stats_sample *sample, bool docker, bool whole);

/**
 * stats_object() - the object of a container in podman's --format json
 * @sample:	one container
 *
 * Return: an object, to be released with cJSON_Delete.
 */
must_check cJSON *stats_object(const struct stats_sample *sample);
