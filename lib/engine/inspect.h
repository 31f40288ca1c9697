/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect - parts of the documents that `inspect` shows
 *
 * Between the files of this verb alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"
#include "store/container.h"

/**
 * inspect_text() - add a text
 * @object:	grows
 * @key:	of the member
 * @text:	NULL adds ""
 */
void inspect_text(cJSON *object, const char *key, const char *text);

/**
 * inspect_bool() - add a truth value
 * @object:	grows
 * @key:	of the member
 * @value:	as it is
 */
void inspect_bool(cJSON *object, const char *key, bool value);

/**
 * inspect_number() - add a whole number
 * @object:	grows
 * @key:	of the member
 * @value:	below 2^53
 */
void inspect_number(cJSON *object, const char *key, int64_t value);

/**
 * inspect_list() - add a list of texts
 * @object:	grows
 * @key:	of the member
 * @list:	copied
 */
void inspect_list(cJSON *object, const char *key, const struct strv *list);

/**
 * inspect_map() - add an object of KEY=VALUE texts
 * @object:	grows
 * @key:	of the member
 * @list:	copied
 */
void inspect_map(cJSON *object, const char *key, const struct strv *list);

/**
 * inspect_health() - State.Health: what the last checks found
 * @engine:	its store is read; as docker, it is there only with a check
 * @doc:	has State
 * @c:		of the container
 * @live:	its state
 */
void inspect_health(struct engine *engine, cJSON *doc, const struct container_config *c,
		    const struct container_state *live);

/**
 * inspect_health_config() - Config.Healthcheck and its neighbours
 * @doc:	has Config
 * @c:		of the container
 */
void inspect_health_config(cJSON *doc, const struct container_config *c);

/**
 * inspect_host_config() - add HostConfig
 * @docker:	whose names modes have
 * @doc:	grows
 * @config:	of the container
 */
void inspect_host_config(bool docker, cJSON *doc, const struct container_config *config);

/**
 * inspect_limits() - limits, and who holds them
 * @doc:	HostConfig of it grows
 * @c:		of the container
 * @s:		its state
 */
void inspect_limits(cJSON *doc, const struct container_config *c, const struct container_state *s);

/**
 * inspect_usual() - add the members that say the same of every container
 * @doc:	complete but for them
 */
void inspect_usual(cJSON *doc);

/**
 * inspect_network() - add NetworkSettings
 * @docker:	whose names the networks have
 * @doc:	grows
 * @config:	of the container
 * @state:	of the container
 */
void inspect_network(bool docker, cJSON *doc, const struct container_config *config,
		     const struct container_state *state);

/**
 * inspect_sizes() - add SizeRw and SizeRootFs
 * @engine:	the engine
 * @doc:	grows
 * @config:	of the container
 * @err:	what cannot be read
 *
 * Return: 0 or a negative errno.
 */
must_check int inspect_sizes(struct engine *engine, cJSON *doc,
			     const struct container_config *config, struct err *err);
