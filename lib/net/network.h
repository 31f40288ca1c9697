/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - the networks that are there before any is created
 *
 * Pure. Called as docker they are docker's three, else podman's one. Whatever it is called, the
 * default network is one user-mode network for each container.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct network {
	const char *id; /* 64 hex digits */
	const char *name;
	const char *driver;
};

/**
 * network_at() - one of the networks
 * @docker:	docker's, not podman's
 * @index:	counts from 0
 *
 * Return: the network, or NULL beyond the last one.
 */
const struct network *network_at(bool docker, size_t index);

/**
 * network_find() - the network that a name or the begin of an id means
 * @docker:	docker's, not podman's
 * @text:	name, or at least one digit of an id
 *
 * Return: the network, or NULL.
 */
const struct network *network_find(bool docker, const char *text);
