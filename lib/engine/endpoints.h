/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * endpoints - the networks that a container shall be on: finding and checking them
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "engine/create_args.h"
#include "engine/engine.h"
#include "store/container.h"
#include "store/network.h"

/* Locks on networks, so that none is taken away before a record says that it is used. */
struct endpoint_locks {
	int *items;
	size_t count;
};

/**
 * endpoints_find_network() - the network that a user means
 * @engine:	the engine
 * @text:	name, or beginning of an id
 * @out:	to be released with network_record_free; set on success only
 * @err:	"no network named …", and which there are
 *
 * Return: 0; -ENOENT; -ENOTUNIQ; -EBADMSG.
 */
must_check int endpoints_find_network(struct engine *engine, const char *text,
				      struct network_record **out, struct err *err);

/**
 * endpoints_check() - whether a network can give what is asked for
 * @network:	of the endpoint
 * @endpoint:	what is asked for
 * @err:	names the address that is not one of the network's for containers
 *
 * Who has an address is not looked at: its holder knows.
 *
 * Return: 0 or -EINVAL.
 */
must_check int endpoints_check(const struct network_record *network,
			       const struct endpoint *endpoint, struct err *err);

/**
 * endpoints_expect() - whether the networks of a container to be made are there
 * @engine:	the engine
 * @args:	as typed
 * @err:	names the option that is wrong, or the network that is not there
 *
 * Before anything is made or fetched for it; takes no lock.
 *
 * Return: as endpoints_resolve().
 */
must_check int endpoints_expect(struct engine *engine, const struct create_args *args,
				struct err *err);

/**
 * endpoints_resolve() - find the networks of a new container
 * @engine:	the engine
 * @config:	its endpoints get the networks' whole names
 * @out:	to be released with endpoint_locks_free once the container's record is there
 * @err:	names the network that is not there, or the address that is not its own, or says why ports cannot be
 *		published
 *
 * Never waits for a lock: the caller holds that of the images.
 *
 * Return: 0; -ENOENT; -EINVAL; -EBUSY while another command changes a network; otherwise a negative errno.
 */
must_check int endpoints_resolve(struct engine *engine, struct container_config *config,
				 struct endpoint_locks *out, struct err *err);

/**
 * endpoint_locks_free() - let go of networks
 * @locks:	empty afterwards
 */
void endpoint_locks_free(struct endpoint_locks *locks);

static inline void auto_endpoint_locks(struct endpoint_locks *locks)
{
	endpoint_locks_free(locks);
}
