/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scope - a control group that systemd makes
 *
 * The caller's own systemd (the machine's, for root) puts processes into a scope: a unit that lives as long as
 * they do and is removed with all groups in it when the last has ended, however that came. With Delegate=yes what
 * is below is the caller's.
 *
 *	/run/user/UID/bus		the user's bus; DBUS_SESSION_BUS_ADDRESS and XDG_RUNTIME_DIR may be unset
 *	/run/user/UID/systemd/private	the manager itself, where there is no bus
 *
 * libsystemd is loaded when one of these functions needs it, and not before.
 *
 * Source: org.freedesktop.systemd1(5), sd-bus(3).
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "kern/host.h"

/**
 * scope_possible() - whether there is a systemd to ask
 * @host:	the caller
 *
 * Looks for its sockets alone.
 *
 * Return: whether that is so.
 */
must_check bool scope_possible(const struct host *host);

struct scope_wish {
	const char *name;  /* "NAME.scope" */
	const char *about; /* one line for `systemctl status` */
	const char *slice; /* "NAME.slice", or NULL for the usual one */
	pid_t pid;	   /* of the process, as the host has it */
};

/**
 * scope_start() - put a process into a scope of its own
 * @host:	the caller
 * @wish:	which process, and which scope
 * @err:	what failed
 *
 * Returns when it is there. An earlier scope of that name that is about to go is awaited.
 *
 * Return: 0; -ENOENT without libsystemd; otherwise a negative errno.
 */
must_check int scope_start(const struct host *host, const struct scope_wish *wish, struct err *err);

/**
 * scope_attach() - put a further process into a group of a scope
 * @host:	the caller
 * @name:	"NAME.scope"
 * @group:	below it: "/NAME"
 * @pid:	of the process, as the host has it
 * @err:	what failed
 *
 * Return: 0; -ENOENT without libsystemd; otherwise a negative errno.
 */
must_check int scope_attach(const struct host *host, const char *name, const char *group, pid_t pid,
			    struct err *err);
