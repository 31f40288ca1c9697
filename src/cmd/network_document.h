/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network_document - what `network inspect` shows of a network, in docker's form or in podman's
 */
#pragma once

#include <stdbool.h>

#include "base/json.h"
#include "engine/networks.h"

/**
 * network_document() - the document of a network
 * @docker:	docker's form, not podman's
 * @record:	of the network
 * @users:	containers that are on it; those that run are shown; NULL: none is
 *
 * Members that templates find by the names of the tool's Go structs, and that are not listed, end in "()".
 *
 * Return: the object, to be released with cJSON_Delete; never NULL.
 */
must_check cJSON *network_document(bool docker, const struct network_record *record,
				   const struct networks_users *users);

/**
 * network_interface() - what the bridge of a network is called
 * @docker:	docker's way of naming it, not podman's
 * @record:	of the network
 *
 * The bridge itself is in a namespace of its own, so nobody meets another of that name.
 *
 * Return: the name, to be freed; never NULL.
 */
must_check char *network_interface(bool docker, const struct network_record *record);
