/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netargs - the options that say which networks a container is on
 *
 * Both tools' spellings are read, whatever we are called:
 *
 *	--network a --network b,c		several
 *	--network a:alias=x,ip=10.89.0.9	podman's options of one
 *	--network name=a,alias=x,gw-priority=2	docker's
 *	--ip, --ip6, --mac-address		of the only network
 *	--network-alias				on each network that the user made
 *
 * Pure: whether the networks are there is endpoints_resolve()'s.
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "store/container.h"

/**
 * netargs_plan() - the networks of a container
 * @args:	as typed
 * @config:	gets network_mode, network_options and endpoints, with the networks' names as typed
 * @err:	names the option that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int netargs_plan(const struct create_args *args, struct container_config *config,
			    struct err *err);

/* What was typed beside a network's name. */
struct netargs_one {
	const char *ip; /* NULL: not given; likewise the next two */
	const char *ip6;
	const char *mac;
	const struct strv *aliases;
	const struct strv *links; /* NAME[:ALIAS]; may be NULL, as .aliases */
};

/**
 * netargs_apply() - take options that stand for themselves into an endpoint
 * @one:	as typed
 * @endpoint:	changed
 * @err:	names the option that is wrong
 *
 * Return: 0 or -EINVAL.
 */
must_check int netargs_apply(const struct netargs_one *one, struct endpoint *endpoint,
			     struct err *err);

/**
 * netargs_driver() - take a driver's option into an endpoint
 * @endpoint:	changed
 * @option:	KEY=VALUE, as typed
 * @err:	which there are
 *
 * Return: 0 or -EINVAL.
 */
must_check int netargs_driver(struct endpoint *endpoint, const char *option, struct err *err);

/**
 * netargs_default() - whether a name is the default network's
 * @name:	as typed
 *
 * Return: the answer.
 */
bool netargs_default(const char *name);

/**
 * netargs_mode() - whether a --network argument is a mode that is no network, or the default one with options
 * @text:	as typed; what is behind a colon does not count
 *
 * Return: the answer.
 */
bool netargs_mode(const char *text);

/**
 * netargs_check_default() - whether the default network can give what is asked for
 * @options:	of the default network
 * @err:	names the address that is not its
 *
 * Return: 0 or -EINVAL.
 */
must_check int netargs_check_default(const struct strv *options, struct err *err);

/**
 * netargs_join() - move what an endpoint of the default network asks for to where it is kept
 * @endpoint:	empty but for name and priority afterwards
 * @options:	of the default network
 * @err:	what cannot be had there
 *
 * Return: 0 or -EINVAL.
 */
must_check int netargs_join(struct endpoint *endpoint, struct strv *options, struct err *err);
