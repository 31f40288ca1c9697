/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * accounts - lines in the container's passwd and group for who has none: --passwd, --passwd-entry,
 * --group-entry, --hostuser
 *
 * Programs ask for the name and home of the user that they run as. A number that the image does not know
 * gets a line, appended to the container's own file before it is started; the image stays as it is.
 */
#pragma once

#include "base/err.h"
#include "engine/create_args.h"
#include "kern/host.h"
#include "store/container.h"

/**
 * accounts_plan() - what was asked for
 * @args:	as typed
 * @config:	passwd, passwd_entry, group_entry and host_users are set
 * @docker:	nothing is added unless asked for
 * @err:	names the user whom the host does not know
 *
 * Return: 0; -EINVAL; -ENOENT.
 */
must_check int accounts_plan(const struct create_args *args, struct container_config *config,
			     bool docker, struct err *err);

/**
 * accounts_lines() - the lines that are missing
 * @host:	the caller
 * @config:	of the container
 * @passwd:	contents of its /etc/passwd, or NULL
 * @group:	contents of its /etc/group, or NULL
 * @out_passwd:	lines to be added, to be freed; "" for none
 * @out_group:	likewise
 *
 * Pure.
 */
void accounts_lines(const struct host *host, const struct container_config *config,
		    const char *passwd, const char *group, char **out_passwd, char **out_group);

/**
 * accounts_write() - add the lines that are missing
 * @host:	the caller
 * @config:	of the container
 * @root:	its mounted root; nothing runs in it yet
 * @err:	names the file
 *
 * Return: 0; where lines were asked for, what the kernel said.
 */
must_check int accounts_write(const struct host *host, const struct container_config *config,
			      int root, struct err *err);
