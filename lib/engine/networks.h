/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * networks - making, finding, changing and removing networks
 *
 * The networks that are there before any is made (net/network.h) are shown as records like the others; they
 * cannot be changed. Who is on a network is told by the containers' states.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/remove.h"
#include "net/addressing.h"
#include "store/container.h"
#include "store/network.h"

/* What is asked of a new network; everything is borrowed. */
struct networks_wish {
	const char *name;	 /* NULL: podman1, podman2, … */
	const char *driver;	 /* NULL: bridge; likewise the next one */
	const char *ipam_driver; /* "host-local", "default" */
	const char *interface;	 /* NULL: none is asked for */
	const struct strv *labels;
	const struct strv *options;
	const struct strv *dns;
	struct addressing_wish addresses; /* its random bytes and whose way it is are filled in */
	bool internal;
	bool no_dns;
};

/**
 * networks_make() - make a network
 * @engine:	the engine; a subnet that this host or the default network has is told as a warning
 * @wish:	what is asked for
 * @out:	the record, to be released with network_record_free; set on success only
 * @err:	names what cannot be
 *
 * Return: 0; -EEXIST when there is one of that name; -EINVAL; -EADDRINUSE; -EADDRNOTAVAIL; -EOPNOTSUPP;
 * otherwise a negative errno.
 */
must_check int networks_make(struct engine *engine, const struct networks_wish *wish,
			     struct network_record **out, struct err *err);

/**
 * networks_find() - the network that a user means
 * @engine:	the engine
 * @text:	a name, or the beginning of exactly one id
 * @out:	the record, to be released with network_record_free; set on success only
 * @err:	"no network named …"
 *
 * Return: 0; -ENOENT; -ENOTUNIQ; -EBADMSG when it is damaged.
 */
must_check int networks_find(struct engine *engine, const char *text, struct network_record **out,
			     struct err *err);

struct networks {
	struct network_record **items;
	size_t count;
};

/**
 * networks_list() - all networks
 * @engine:	the engine; damaged ones are told as warnings
 * @out:	to be released with networks_clear; by name; set on success only
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int networks_list(struct engine *engine, struct networks *out, struct err *err);

/**
 * networks_clear() - release a list
 * @list:	empty afterwards
 */
void networks_clear(struct networks *list);

/**
 * networks_builtin() - whether a network is there before any is made
 * @engine:	the engine
 * @name:	whole
 *
 * Return: whether it is.
 */
bool networks_builtin(const struct engine *engine, const char *name);

/* Containers that are on a network, running or not. */
struct networks_users {
	struct container_state **items;
	size_t count;
};

/**
 * networks_users() - the containers that are on a network
 * @engine:	the engine
 * @name:	of the network, whole
 * @out:	to be released with networks_users_clear; set on success only
 * @err:	what the kernel said
 *
 * Damaged containers are on none.
 *
 * Return: 0 or a negative errno.
 */
must_check int networks_users(struct engine *engine, const char *name, struct networks_users *out,
			      struct err *err);

/**
 * networks_used() - the names of the networks that have containers, running or not
 * @engine:	the engine
 * @out:	added, some of them several times
 * @err:	what the kernel said
 *
 * Return: 0 or a negative errno.
 */
must_check int networks_used(struct engine *engine, struct strv *out, struct err *err);

/**
 * networks_users_clear() - release a list
 * @list:	empty afterwards
 */
void networks_users_clear(struct networks_users *list);

enum networks_delete {
	NETWORKS_IF_RUNNING = 1 << 0, /* only containers that run are in the way */
};

/**
 * networks_delete() - remove a network
 * @engine:	the engine
 * @text:	as for networks_find(); a damaged one can be named
 * @users:	how the containers that are on it are removed first; NULL: it is refused then
 * @flags:	enum networks_delete
 * @err:	in use: names the containers
 *
 * Return: 0; -ENOENT; -EBUSY when a container is on it; -EPERM for one that is there anyway; otherwise a
 * negative errno.
 */
must_check int networks_delete(struct engine *engine, const char *text,
			       const struct remove_options *users, unsigned int flags,
			       struct err *err);

/**
 * networks_update_dns() - change which servers are asked for names of elsewhere
 * @engine:	the engine; that it is told to containers later is told as a warning
 * @text:	as for networks_find()
 * @add:	addresses
 * @drop:	addresses; what is not there is dropped already
 * @err:	names what is no address
 *
 * Return: 0; -ENOENT; -EINVAL; -EPERM for one that is there anyway; otherwise a negative errno.
 */
must_check int networks_update_dns(struct engine *engine, const char *text, const struct strv *add,
				   const struct strv *drop, struct err *err);

static inline void auto_networks(struct networks *list)
{
	networks_clear(list);
}

static inline void auto_networks_users(struct networks_users *list)
{
	networks_users_clear(list);
}
